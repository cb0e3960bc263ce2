//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// The small name space that all steps are about.
var (
	dirNames  = []string{"a", "a", "b", "a/c", "b/d"}
	fileNames = []string{"f", "f", "g", "a/f", "a/f", "a/g", "b/f", "b/g", "a/c/f"}
	linkNames = []string{"l", "l", "a/l"}
	oddNames  = []string{"l/f", "a/l/f", "a/../f", "a/c/../g", ".", "a/.", "none/f", "f/", "a/", "l/", "f/x", ""}
)

const (
	keptFirst = 100 // the number of the first descriptor that is kept open
	keptSlots = 4
)

// slot prints a kept descriptor: its number is no accident.
func slot(f fd) string {
	if f == cwd {
		return "cwd"
	}
	return fmt.Sprint(int(f))
}

func (d *dice) kept() fd { return fd(keptFirst + d.below(keptSlots)) }

// path is any name, most often one that may be a file.
func (d *dice) path() string {
	switch n := d.below(20); {
	case n < 9:
		return one(d, fileNames...)
	case n < 14:
		return one(d, dirNames...)
	case n < 16:
		return one(d, linkNames...)
	case n < 17:
		return "v"
	case n < 18:
		return procFd(d.kept())
	}
	return one(d, oddNames...)
}

// named is a path that may be removed and made: not one of /proc.
func (d *dice) named() string {
	switch n := d.below(20); {
	case n < 11:
		return one(d, fileNames...)
	case n < 15:
		return one(d, dirNames...)
	case n < 18:
		return one(d, linkNames...)
	}
	return one(d, oddNames...)
}

// at is where a path begins.
func (d *dice) at() fd {
	if d.once(6) {
		return d.kept()
	}
	return cwd
}

func (d *dice) uid() int64 { return one[int64](d, -1, 0, 0, 1000, 1000, 1001) }
func (d *dice) gid() int64 { return one[int64](d, -1, 0, 0, 2000, 2000, 2001) }

// mode is a mode of a file or directory, any bits.
func (d *dice) mode() octal {
	switch d.below(4) {
	case 0:
		return one[octal](d, 0, 0444, 0555, 0700, 0711, 0222, 0111)
	case 1:
		return one[octal](d, 0644, 0755, 0777, 0666) | octal(d.below(8))<<9
	}
	return octal(d.next() & 07777)
}

// plain is a mode without set-id bits.
func (d *dice) plain() octal { return d.mode() &^ 06000 }

// A step kind, and how often it is chosen.
type stepKind struct {
	weight int
	make   func(w *walker, d *dice)
}

var stepKinds []stepKind

func init() {
	stepKinds = []stepKind{
		{10, stepOpen}, {5, stepKeep}, {3, stepWrite}, {2, stepCreat}, {2, stepTruncate},
		{7, stepMkdir}, {5, stepMknod}, {3, stepSymlink}, {6, stepLink},
		{3, stepUnlink}, {2, stepRmdir}, {7, stepRename},
		{10, stepChmod}, {10, stepChown}, {3, stepUmask}, {3, stepTimes},
		{7, stepSetxattr}, {3, stepRemovexattr}, {4, stepGetxattr}, {2, stepListxattr}, {5, stepACL},
		{8, stepStat}, {6, stepAccess}, {3, stepList}, {2, stepReadlink},
		{4, stepChdir}, {6, stepKept},
		{9, stepCred}, {4, stepCaps}, {2, stepChild}, {1, stepExec},
	}
}

func (w *walker) step(d *dice) {
	total := 0
	for _, k := range stepKinds {
		total += k.weight
	}
	n := d.below(total)
	for _, k := range stepKinds {
		if n -= k.weight; n < 0 {
			k.make(w, d)
			return
		}
	}
}

// Opening. Always O_NONBLOCK: a fifo would wait for its other end.

func openFlagsOf(d *dice) openFlags {
	flags := one[openFlags](d, unix.O_RDONLY, unix.O_RDONLY, unix.O_RDONLY, unix.O_PATH)
	for _, f := range []openFlags{unix.O_CREAT, unix.O_CREAT | unix.O_EXCL, unix.O_NOFOLLOW, unix.O_DIRECTORY, unix.O_NOATIME} {
		if d.once(6) {
			flags |= f
		}
	}
	return flags | unix.O_NONBLOCK
}

// writing is the flags of an open for writing. feign takes set-id bits and
// capabilities from a file when it is opened for writing, the kernel when it is
// written to. So whatever opens a file for writing also writes to it, at once.
func writing(d *dice) openFlags {
	flags := one[openFlags](d, unix.O_WRONLY, unix.O_RDWR) | unix.O_NONBLOCK | unix.O_APPEND
	for _, f := range []openFlags{unix.O_CREAT, unix.O_CREAT | unix.O_EXCL, unix.O_TRUNC, unix.O_NOFOLLOW} {
		if d.once(5) {
			flags |= f
		}
	}
	return flags
}

// openBy opens in one of three spellings, says what became of it, and lets then
// use the descriptor.
func openBy(d *dice, path string, flags openFlags, mode octal, then func(f fd)) {
	var n int
	var e unix.Errno
	at, spelling := d.at(), d.below(3)
	if spelling == 0 {
		at = cwd
	}
	// feign sees opens for reading that have flags only of those who dropped from
	// root (wrapper/guest/open.go), so a device is opened without flags. Nor does it
	// know that nobody, not even root, may open what is no file or fifo with O_CREAT
	// in a sticky directory, if it is somebody else's (fs/namei.c,
	// may_create_in_sticky).
	if isNode(at, path) && flags&unix.O_PATH == 0 {
		flags = unix.O_RDONLY
	}
	switch spelling {
	case 0:
		n, e = call(sysOpen, path, flags, mode)
		say("open(%s, %v, %#o) = %s", quote(path), flags, mode, errno(e))
	case 1:
		n, e = call(unix.SYS_OPENAT, at, path, flags, mode)
		say("openat(%s, %s, %v, %#o) = %s", slot(at), quote(path), flags, mode, errno(e))
	case 2:
		how := unix.OpenHow{Flags: uint64(flags)}
		if flags&(unix.O_CREAT|unix.O_TMPFILE&^unix.O_DIRECTORY) != 0 {
			how.Mode = uint64(mode)
		}
		if d.once(4) {
			how.Resolve = one[uint64](d, unix.RESOLVE_BENEATH, unix.RESOLVE_NO_SYMLINKS, unix.RESOLVE_NO_MAGICLINKS)
		}
		n, e = call(unix.SYS_OPENAT2, at, path, addr(&how), unix.SizeofOpenHow)
		say("openat2(%s, %s, %v, %#o, %#x) = %s", slot(at), quote(path), flags, how.Mode, how.Resolve, errno(e))
	}
	afterOpen(fd(n), e, then)
}

// kindOf is the type of the file that a path leads to, 0 if there is none.
func kindOf(at fd, path string) uint32 {
	var s unix.Stat_t
	if unix.Fstatat(int(at), path, &s, 0) != nil {
		return 0
	}
	return s.Mode & unix.S_IFMT
}

// isNode reports whether a path leads to a device or a socket.
func isNode(at fd, path string) bool {
	switch kindOf(at, path) {
	case unix.S_IFCHR, unix.S_IFBLK, unix.S_IFSOCK:
		return true
	}
	return false
}

func afterOpen(f fd, e unix.Errno, then func(f fd)) {
	if e != 0 {
		return
	}
	if then != nil {
		then(f)
	}
	lookAt("   opened", f)
	unix.Close(int(f))
}

func stepOpen(_ *walker, d *dice) {
	path, flags := d.path(), openFlagsOf(d)
	if d.once(12) {
		path, flags = one(d, dirNames...), one[openFlags](d, unix.O_TMPFILE|unix.O_WRONLY, unix.O_TMPFILE|unix.O_RDWR|unix.O_EXCL)
	}
	openBy(d, path, flags, d.mode(), nil)
}

// stepKeep keeps a descriptor open for later steps, and for programs that are
// executed.
func stepKeep(_ *walker, d *dice) {
	kept := d.kept()
	flags := openFlagsOf(d)
	path := d.path()
	switch d.below(5) {
	case 0:
		path, flags = one(d, dirNames...), unix.O_TMPFILE|unix.O_RDWR
	case 1, 2:
		path, flags = one(d, dirNames...), one[openFlags](d, unix.O_RDONLY, unix.O_PATH)
	}
	openBy(d, path, flags, d.mode(), func(f fd) {
		_, e := call(unix.SYS_DUP3, f, kept, 0)
		say("   dup3 to %s: %s", slot(kept), errno(e))
	})
}

func stepWrite(_ *walker, d *dice) {
	path := d.path()
	text := one(d, "x", "some text", "more\n")
	openBy(d, path, writing(d), d.plain(), func(f fd) {
		try("write", unix.SYS_WRITE, f, text, len(text))
	})
}

// stepCreat leaves fifos alone, which creat(2) would wait for, and what openBy
// opens without O_CREAT.
func stepCreat(_ *walker, d *dice) {
	path := d.path()
	if kindOf(cwd, path) == unix.S_IFIFO || isNode(cwd, path) {
		say("creat(%s) is left out", quote(path))
		return
	}
	mode := d.plain()
	n, e := call(sysCreat, path, mode)
	say("creat(%s, %#o) = %s", quote(path), mode, errno(e))
	afterOpen(fd(n), e, nil)
}

func stepTruncate(_ *walker, d *dice) { truncate(d.path(), one(d, 0, 1, 5000)) }

// Making and removing.

func stepMkdir(_ *walker, d *dice) {
	path, mode := one(d, dirNames...), d.mode()
	if d.once(5) {
		path = d.named()
	}
	if d.once(2) {
		mkdir(path, mode)
		return
	}
	try("mkdirat", unix.SYS_MKDIRAT, d.at(), path, mode)
}

// stepMknod makes devices that no machine has a driver for: what is opened
// would be the machine's.
func stepMknod(_ *walker, d *dice) {
	path, mode := d.named(), d.mode()
	kind := one[octal](d, unix.S_IFREG, unix.S_IFCHR, unix.S_IFCHR, unix.S_IFBLK, unix.S_IFIFO, unix.S_IFSOCK, 0, unix.S_IFDIR)
	number := dev(240, uint32(d.below(3)))
	switch {
	case kind == unix.S_IFBLK:
		number = dev(259, 70000)
	case kind == unix.S_IFCHR && d.once(4):
		number = 0
	}
	if d.once(2) {
		try("mknod", sysMknod, path, kind|mode, number)
		return
	}
	try("mknodat", unix.SYS_MKNODAT, d.at(), path, kind|mode, number)
}

func stepSymlink(_ *walker, d *dice) {
	to := one(d, "a", "b", "f", "a/f", "c", "../f", "none", "l", "/proc/self/fd/100")
	path := one(d, linkNames...)
	if d.once(4) {
		path = d.named()
	}
	if d.once(2) {
		symlink(to, path)
		return
	}
	try("symlinkat", unix.SYS_SYMLINKAT, to, d.at(), path)
}

func stepLink(_ *walker, d *dice) {
	from, to := d.path(), d.named()
	switch d.below(5) {
	case 0, 1:
		link(from, to)
	case 2:
		try("linkat", unix.SYS_LINKAT, d.at(), from, d.at(), to, hex(0))
	case 3:
		try("linkat", unix.SYS_LINKAT, d.at(), from, d.at(), to, hex(unix.AT_SYMLINK_FOLLOW))
	case 4:
		// Who may not read everything may link only descriptors that were opened
		// with the very same credentials (fs/namei.c, path_init). feign does not
		// know which those were.
		if s, _ := capget(); s.effective&(1<<unix.CAP_DAC_READ_SEARCH) == 0 {
			say("no linkat of a descriptor")
			return
		}
		try("linkat of fd", unix.SYS_LINKAT, d.kept(), "", cwd, to, hex(unix.AT_EMPTY_PATH))
	}
}

func stepUnlink(_ *walker, d *dice) {
	if d.once(2) {
		unlink(d.named())
		return
	}
	try("unlinkat", unix.SYS_UNLINKAT, d.at(), d.named(), hex(0))
}

func stepRmdir(_ *walker, d *dice) {
	path := one(d, dirNames...)
	if d.once(5) {
		path = d.named()
	}
	if d.once(2) {
		rmdir(path)
		return
	}
	try("unlinkat", unix.SYS_UNLINKAT, d.at(), path, hex(unix.AT_REMOVEDIR))
}

func stepRename(_ *walker, d *dice) {
	from, to := d.named(), d.named()
	if d.once(12) {
		from = "v"
	}
	switch d.below(5) {
	case 0, 1:
		rename(from, to)
	case 2:
		try("renameat", unix.SYS_RENAMEAT, d.at(), from, d.at(), to)
	case 3:
		try("renameat2", unix.SYS_RENAMEAT2, d.at(), from, d.at(), to, one[hex](d, unix.RENAME_NOREPLACE, unix.RENAME_EXCHANGE, 0))
	case 4:
		renameat2(from, to, one[hex](d, unix.RENAME_EXCHANGE, unix.RENAME_EXCHANGE, unix.RENAME_WHITEOUT, 8))
	}
}

// Changing.

func stepChmod(_ *walker, d *dice) {
	path, mode := d.path(), d.mode()
	switch d.below(5) {
	case 0, 1:
		chmod(path, mode)
	case 2:
		fchmod(d.kept(), mode)
	case 3:
		try("fchmodat", unix.SYS_FCHMODAT, d.at(), path, mode)
	case 4:
		flags := one[hex](d, 0, unix.AT_SYMLINK_NOFOLLOW, unix.AT_EMPTY_PATH)
		if flags == unix.AT_EMPTY_PATH {
			fchmodat2(d.kept(), "", mode, flags)
			return
		}
		fchmodat2(d.at(), path, mode, flags)
	}
}

func stepChown(_ *walker, d *dice) {
	path, uid, gid := d.path(), d.uid(), d.gid()
	switch d.below(6) {
	case 0, 1:
		chown(path, uid, gid)
	case 2:
		lchown(path, uid, gid)
	case 3:
		fchown(d.kept(), uid, gid)
	case 4:
		fchownat(d.at(), path, uid, gid, one[hex](d, 0, unix.AT_SYMLINK_NOFOLLOW))
	case 5:
		fchownat(d.kept(), "", uid, gid, unix.AT_EMPTY_PATH)
	}
}

func stepUmask(_ *walker, d *dice) {
	umask(one[octal](d, 0, 022, 022, 027, 077, 0177, 0777, 0200, octal(d.next()&0777)))
}

func stepTimes(_ *walker, d *dice) {
	path := any(d.path())
	at := d.at()
	if d.once(4) {
		path, at = nil, d.kept()
	}
	var times any
	what := one(d, "now", "set", "omit", "half")
	const omit, now = unix.UTIME_OMIT, unix.UTIME_NOW
	switch what {
	case "set":
		times = addr(&[2]unix.Timespec{{Sec: 1000}, {Sec: 2000}})
	case "omit":
		times = addr(&[2]unix.Timespec{{Nsec: omit}, {Nsec: omit}})
	case "half":
		t := [2]unix.Timespec{{Nsec: now}, {Nsec: now}}
		if d.once(2) {
			t[1].Nsec = omit
		}
		times = addr(&t)
	}
	flags := one[hex](d, 0, unix.AT_SYMLINK_NOFOLLOW)
	if name, isPath := path.(string); !isPath || strings.HasPrefix(name, "/proc/") {
		// feign asks nothing of files of /proc, such as the links there: the
		// kernel's answers are those to the caller.
		flags = 0
	}
	_, e := call(unix.SYS_UTIMENSAT, at, path, times, flags)
	say("utimensat(%s, %s, %s, %#x) = %s", show(at), show(path), what, uint64(flags), errno(e))
}

// Attributes.

var attributeNamesUsed = []string{"user.a", "user.b", "trusted.a", "security.a", "security.capability", "other.a"}

func stepSetxattr(_ *walker, d *dice) {
	name, value := one(d, attributeNamesUsed...), one(d, "1", "two", "")
	if name == "security.capability" {
		// Not an empty one, which the kernel stores but executes for nobody, not
		// even root: feign does not see what root executes.
		value = fileCaps(one[uint](d, netRaw, unix.CAP_CHOWN, unix.CAP_DAC_OVERRIDE))
	}
	flags := one[hex](d, 0, 0, 0, unix.XATTR_CREATE, unix.XATTR_REPLACE)
	switch d.below(4) {
	case 0, 1:
		setxattr(d.path(), name, value, flags)
	case 2:
		setxattrBy("lsetxattr", unix.SYS_LSETXATTR, d.path(), name, value, flags)
	case 3:
		setxattrBy("fsetxattr", unix.SYS_FSETXATTR, d.kept(), name, value, flags)
	}
}

func (d *dice) attribute() string {
	if d.once(4) {
		return one(d, aclAccess, aclDefault)
	}
	return one(d, attributeNamesUsed...)
}

func stepRemovexattr(_ *walker, d *dice) {
	switch d.below(3) {
	case 0:
		removexattr(d.path(), d.attribute())
	case 1:
		try("lremovexattr", unix.SYS_LREMOVEXATTR, d.path(), d.attribute())
	case 2:
		try("fremovexattr", unix.SYS_FREMOVEXATTR, d.kept(), d.attribute())
	}
}

func stepGetxattr(_ *walker, d *dice) {
	switch d.below(3) {
	case 0:
		getxattr(d.path(), d.attribute())
	case 1:
		getxattrBy("lgetxattr", unix.SYS_LGETXATTR, d.path(), d.attribute())
	case 2:
		getxattrBy("fgetxattr", unix.SYS_FGETXATTR, d.kept(), d.attribute())
	}
}

func stepListxattr(_ *walker, d *dice) {
	switch d.below(3) {
	case 0:
		listxattr(d.path())
	case 1:
		listxattrBy("llistxattr", unix.SYS_LLISTXATTR, d.path())
	case 2:
		listxattrBy("flistxattr", unix.SYS_FLISTXATTR, d.kept())
	}
}

func stepACL(_ *walker, d *dice) {
	perm := func() string { return one(d, "rwx", "rw-", "r--", "r-x", "--x", "---") }
	text := "u::" + perm()
	named := d.below(4)
	if named&1 != 0 {
		text += ",u:1000:" + perm()
	}
	text += ",g::" + perm()
	if named&2 != 0 {
		text += ",g:2000:" + perm()
	}
	if named != 0 {
		text += ",m::" + perm()
	}
	text += ",o::" + perm()
	name, path := aclAccess, d.path()
	if d.once(2) {
		name, path = aclDefault, one(d, dirNames...)
	}
	setACL(path, name, text)
}

// Looking.

func stepStat(_ *walker, d *dice) {
	path, at := d.path(), d.at()
	switch d.below(5) {
	case 0:
		lookThrough(path)
	case 1:
		look(path)
	case 2:
		statxLine(at, path, one[hex](d, 0, unix.AT_SYMLINK_NOFOLLOW), unix.STATX_BASIC_STATS)
	case 3:
		fstatatLine(at, path, one[hex](d, 0, unix.AT_SYMLINK_NOFOLLOW))
	case 4:
		lookAt("fstat", d.kept())
	}
}

func stepAccess(_ *walker, d *dice) {
	path, bits := d.path(), d.below(8)
	switch d.below(3) {
	case 0:
		access(path, bits)
	case 1:
		try("faccessat2", unix.SYS_FACCESSAT2, d.at(), path, bits, one[hex](d, 0, unix.AT_EACCESS, unix.AT_SYMLINK_NOFOLLOW))
	case 2:
		try("faccessat2", unix.SYS_FACCESSAT2, d.kept(), "", bits, one[hex](d, unix.AT_EMPTY_PATH, unix.AT_EMPTY_PATH|unix.AT_EACCESS))
	}
}

func stepList(_ *walker, d *dice) {
	if d.once(3) {
		list, err := listingOf(int(d.kept()))
		say("list of fd %v %s", list, errno(err))
		return
	}
	path := one(d, append([]string{"."}, dirNames...)...)
	say("list of %s %v", path, listing(path))
}

func stepReadlink(_ *walker, d *dice) {
	b := make([]byte, 100)
	path := one(d, linkNames...)
	n, e := call(sysReadlink, path, b, len(b))
	if e != 0 {
		n = 0
	}
	say("readlink(%s) = %s %q", path, errno(e), b[:n])
}

func stepChdir(w *walker, d *dice) {
	switch d.below(5) {
	case 0:
		path := one(d, append([]string{"l", "a/l", "f"}, dirNames...)...)
		try("chdir", unix.SYS_CHDIR, path)
	case 1:
		try("fchdir", unix.SYS_FCHDIR, d.kept())
	default:
		_, e := call(unix.SYS_CHDIR, w.base)
		say("chdir back: %s", errno(e))
	}
}

// stepKept does something with a kept descriptor.
func stepKept(_ *walker, d *dice) {
	f := d.kept()
	switch d.below(6) {
	case 0:
		unix.Close(int(f))
		say("close %s", slot(f))
	case 1:
		g := d.kept()
		_, e := call(unix.SYS_DUP3, int(f), int(g), 0)
		say("dup3(%d, %d): %s", int(f), int(g), errno(e))
	default:
		lookAt("fstat", f)
		lookThroughFd("   stat", f)
	}
}

// Identity.

func stepCred(_ *walker, d *dice) {
	uid, gid := d.uid(), d.gid()
	switch d.below(16) {
	case 0, 1, 2, 3:
		seteuid(uid)
	case 4, 5, 6:
		setresuid(-1, 0, -1)
	case 7:
		setfsuid(uid)
	case 8:
		setfsgid(gid)
	case 9:
		setresgid(-1, gid, -1)
	case 10:
		setresgid(d.gid(), gid, d.gid())
	case 11:
		setgroups([][]int64{{}, {2000}, {2000, 2001}, {0}}[d.below(4)]...)
	case 12:
		setreuid(uid, d.uid())
	case 13:
		setuid(max(uid, 0))
	case 14:
		setresuid(uid, d.uid(), d.uid())
	case 15:
		setgid(max(gid, 0))
	}
	fmt.Print("   ")
	whoami()
	effective()
}

// effective prints the two sets of capabilities that decide.
func effective() {
	s, e := capget()
	must(e0(e), "capget")
	say("   caps effective %s; permitted %s", capList(s.effective), capList(s.permitted))
}

func stepCaps(_ *walker, d *dice) {
	c := one[uint](d, unix.CAP_CHOWN, unix.CAP_DAC_OVERRIDE, unix.CAP_DAC_READ_SEARCH, unix.CAP_FOWNER,
		unix.CAP_FSETID, unix.CAP_MKNOD, unix.CAP_SYS_ADMIN, unix.CAP_SETFCAP, unix.CAP_SETUID, unix.CAP_SETGID)
	switch d.below(8) {
	case 0, 1, 2:
		changeCaps(fmt.Sprint("drop effective ", c), func(s *capSets) { s.effective &^= 1 << c })
	case 3:
		changeCaps(fmt.Sprint("drop ", c), func(s *capSets) { s.effective &^= 1 << c; s.permitted &^= 1 << c })
	case 4, 5:
		changeCaps("all effective", func(s *capSets) { s.effective = s.permitted })
	case 6:
		prctl("SET_KEEPCAPS", unix.PR_SET_KEEPCAPS, d.below(2))
	case 7:
		prctl("CAPBSET_DROP", unix.PR_CAPBSET_DROP, int(c))
	}
	effective()
}

// Processes.

// program is the copy of this program in the tree, or this one.
func (w *walker) program(d *dice) string {
	switch d.below(8) {
	case 0:
		return "/proc/self/exe"
	case 1, 2:
		return w.original
	}
	return filepath.Join(w.base, "v")
}

// stepChild has a child make some steps of its own.
func stepChild(w *walker, d *dice) {
	if w.depth > 2 {
		say("no child")
		return
	}
	c := walker{seed: d.next(), original: w.original, base: w.base, depth: w.depth + 1}
	steps := make([]int, 1+d.below(6))
	for i := range steps {
		steps[i] = i
	}
	program := w.program(d)
	say("child of %s", filepath.Base(program))
	c.child(program, steps)
}

// stepExec becomes another program, which makes the rest of the steps.
func stepExec(w *walker, d *dice) {
	program := w.program(d)
	say("exec of %s", filepath.Base(program))
	if len(w.rest) == 0 {
		return
	}
	err := unix.Exec(program, w.args("walker", w.seed, w.depth, w.rest), os.Environ())
	say("   exec: %s", errno(err))
}
