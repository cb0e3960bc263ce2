package guest

import (
	"encoding/binary"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/acl"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// A process whose root directory is not the host's, or that a policy about paths is for, has a filter by which all its calls
// with paths stop. Before anything else is decided, each path is put in terms of the host: the tracer goes down it as the
// kernel would from the process's root, and the argument is replaced by the path that it came to. All that follows, the
// kernel's part and ours, is then as for any other process. A path by which the kernel gets to the same file is left alone.

// viewed reports whether the task's paths are looked at.
func (t *task) viewed() bool { return t.fs.root != "" && t.filtered&filteredPaths != 0 }

// A sighting is where a path of a call leads.
type sighting struct {
	vfs.Result
	path    string // as the call has it; "" if it names no path
	end     vfs.Ending
	errno   unix.Errno
	skipped bool // the kernel is to look at the path as it is
}

// translate puts the paths of a call in terms of the host. It returns false if the call is decided already: it failed, or another
// one is made.
func (k *Kernel) translate(t *task, c *ptlib.Call) bool {
	t.places, t.named, t.readOnly, t.follows = [2]vfs.Place{}, "", false, false
	var seen [2]sighting
	args := pathCalls[c.Sys]
	for i, p := range args {
		seen[i] = k.sightArg(t, c, p)
	}
	if len(args) > 0 {
		t.named, t.readOnly = seen[0].path, seen[0].Mount.ReadOnly
	}
	k.ask(seen[0].Virtual, seen[1].Virtual)
	if errno := k.busy(t, c, &seen); errno != 0 {
		c.Fail(errno)
		return false
	}
	for i, p := range args {
		if !seen[i].skipped && !k.translateArg(t, c, i, p, &seen[i]) {
			return false
		}
	}
	return k.changeNames(c, t, &seen)
}

// sightArg looks where an argument of a call leads that is a path.
func (k *Kernel) sightArg(t *task, c *ptlib.Call, p pathArg) sighting {
	if _, size, ok := readlinkBuffer(c); ok && size <= 0 {
		return sighting{errno: unix.EINVAL} // whatever the path is (fs/stat.c, do_readlinkat)
	}
	text, errno := c.Thread.ReadPath(c.Args[p.path])
	if errno != 0 || len(text) == 0 {
		return sighting{skipped: true} // the kernel says what is wrong, or a descriptor is meant
	}
	s := sighting{path: string(text)}
	in := p.intent(c)
	s.end = in.end
	if in.resolve&(unix.RESOLVE_BENEATH|unix.RESOLVE_IN_ROOT) != 0 || c.Sys == ptlib.SysOpenat2 && !vfs.HasOpenat2() {
		s.skipped = true // from a descriptor, and never out of it; or the kernel does not know the call
		return s
	}
	dirfd := int32(atFDCWD)
	if p.dirfd >= 0 {
		dirfd = int32(c.Args[p.dirfd])
	}
	s.Result, s.errno = k.lookup(t, dirfd, s.path, in.end, in.resolve)
	if in.end == vfs.Name {
		s.Mount = k.mountOfName(&s)
	}
	if s.errno == 0 && in.changes && s.Mount.ReadOnly && !(in.makes && isThere(s.Host)) {
		s.errno = unix.EROFS
	}
	return s
}

// isThere reports whether the host has a file, or a link, of a path.
func isThere(host string) bool {
	var st unix.Stat_t
	return unix.Lstat(host, &st) == nil
}

// translateArg is translate for argument number i among those that are paths.
func (k *Kernel) translateArg(t *task, c *ptlib.Call, i int, p pathArg, s *sighting) bool {
	if s.errno != 0 {
		c.Fail(s.errno)
		return false
	}
	t.places[i] = s.Place
	if errno := k.judge(t, c, &s.Result); errno != 0 {
		c.Fail(errno)
		return false
	}
	if s.Same {
		return true
	}
	if foretold(c, s) {
		c.Fail(unix.ENOENT)
		return false
	}
	if s.end == vfs.Name && s.Virtual == t.fs.root && strings.Trim(s.path, "/") == "" {
		return substitutePath(c, p.path, i, "/") // the root directory has no name that could be removed or made
	}
	if k.memory.isOurs(s.Host) {
		return k.translateMemory(t, c, i, p, s)
	}
	if _, _, ok := readlinkBuffer(c); ok && k.answerReadlink(t, c, s) {
		return false
	}
	if !substitutePath(c, p.path, i, s.Path()) {
		return false
	}
	if c.Sys == ptlib.SysOpenat2 {
		return relax(c, 0, unix.RESOLVE_NO_XDEV) // the walk has seen to it; the host's path may lead through other mounts
	}
	return true
}

// foretold reports whether a call only looks at a file that the walk has found to be missing: such calls are many, since programs
// search for files. It is not for calls with arguments that the kernel looks at before the path.
func foretold(c *ptlib.Call, s *sighting) bool {
	if !s.Missing {
		return false
	}
	const looking = unix.AT_SYMLINK_NOFOLLOW | unix.AT_NO_AUTOMOUNT
	switch c.Sys {
	case ptlib.SysStat, ptlib.SysStat64, ptlib.SysLstat, ptlib.SysLstat64:
		return true
	case ptlib.SysNewfstatat, ptlib.SysFstatat64:
		return uint32(c.Args[3])&^looking == 0
	case ptlib.SysStatx:
		return uint32(c.Args[2])&^looking == 0 && uint32(c.Args[3])&unix.STATX__RESERVED == 0
	case ptlib.SysAccess:
		return uint32(c.Args[1])&^7 == 0
	case ptlib.SysFaccessat:
		return uint32(c.Args[2])&^7 == 0
	case ptlib.SysFaccessat2:
		return uint32(c.Args[2])&^7 == 0 && uint32(c.Args[3])&^(unix.AT_EACCESS|unix.AT_SYMLINK_NOFOLLOW) == 0
	case ptlib.SysOpen:
		return isPlainOpen(c.Args[1])
	case ptlib.SysOpenat:
		return isPlainOpen(c.Args[2])
	}
	return false
}

// isPlainOpen reports whether flags of open(2) are those of a program that opens a file to read it.
func isPlainOpen(flags uint64) bool {
	return uint32(flags)&^(unix.O_CLOEXEC|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_DIRECTORY|ptlib.OpenLargefile) == 0
}

// substitutePath makes an argument point to another path.
func substitutePath(c *ptlib.Call, arg, i int, path string) bool {
	scratch, ok := c.Scratch()
	if !ok {
		return false
	}
	if len(path) >= unix.PathMax {
		var errno unix.Errno
		if path, errno = taskOf(c.Thread).holdParent(path); errno != 0 {
			c.Fail(errno)
			return false
		}
	}
	addr := scratch + scratchView + uint64(i)*unix.PathMax
	if errno := c.Thread.WriteString(addr, path); errno != 0 {
		c.Fail(errno)
		return false
	}
	c.Substitute(arg, addr)
	return true
}

// An intent is what a call has in mind with the file of a path.
type intent struct {
	end     vfs.Ending
	changes bool
	makes   bool   // it is to be new: that it is there already comes before EROFS (fs/namei.c, filename_create and do_open)
	resolve uint64 // RESOLVE_* of openat2(2)
}

// intent tells what the call makes of the path.
func (p pathArg) intent(c *ptlib.Call) intent {
	in := intent{end: p.end, changes: p.changes}
	var flags uint64
	switch {
	case c.Sys == ptlib.SysOpenat2:
		var how [openHowSize]byte
		if c.Thread.ReadMemory(c.Args[2], how[:]) == 0 {
			flags, in.resolve = binary.NativeEndian.Uint64(how[0:]), binary.NativeEndian.Uint64(how[16:])
			p.keep = unix.O_NOFOLLOW
		}
	case p.flags != noFlags:
		flags = c.Args[p.flags]
	}
	switch c.Sys {
	case ptlib.SysOpen, ptlib.SysOpenat, ptlib.SysOpenat2:
		const exclusive = unix.O_CREAT | unix.O_EXCL
		if flags&exclusive == exclusive && flags&unix.O_PATH == 0 {
			in.end, in.makes = vfs.Self, true
		}
		in.changes = flags&unix.O_PATH == 0 && flags&(unix.O_ACCMODE|unix.O_TRUNC|oTmpfile) != 0
	case ptlib.SysMkdir, ptlib.SysMkdirat, ptlib.SysMknod, ptlib.SysMknodat, ptlib.SysSymlink, ptlib.SysSymlinkat, ptlib.SysLink, ptlib.SysLinkat:
		in.makes = true
	}
	if uint32(flags)&p.keep != 0 {
		in.end = vfs.Self
	}
	if uint32(flags)&p.follow != 0 {
		in.end = vfs.Follow
	}
	return in
}

// lookup goes down a path of the task's.
func (k *Kernel) lookup(t *task, dirfd int32, path string, end vfs.Ending, resolve uint64) (vfs.Result, unix.Errno) {
	w := k.walker(t)
	if resolve&unix.RESOLVE_NO_SYMLINKS != 0 {
		w.MaxLinks = 0
	}
	w.NoCrossing = resolve&unix.RESOLVE_NO_XDEV != 0
	if t.isDropped() {
		w.Visit = func(dir string) unix.Errno { return k.maySearch(t, dir) }
	}
	var base vfs.Place
	if !strings.HasPrefix(path, "/") {
		host, err := os.Readlink(procFD(t.thread.Tid, dirfd))
		if err != nil || !strings.HasPrefix(host, "/") || strings.HasSuffix(host, " (deleted)") {
			return vfs.Result{Same: true}, 0 // the kernel says what is wrong
		}
		base = k.linkedPlace(w, host)
	}
	return w.Walk(base, path, end)
}

// walker goes down paths for a task.
func (k *Kernel) walker(t *task) *vfs.Walker {
	return &vfs.Walker{
		Namespace: &k.namespace, Root: k.rootOf(t), Process: t.thread.Tgid, Task: t.thread.Tid, MaxLinks: vfs.MaxLinks,
		Proc: func(link string) (vfs.Place, bool) { return k.procLink(t, link) },
	}
}

// maySearch checks whether a directory of the host lets the task search it.
func (k *Kernel) maySearch(t *task, dir string) unix.Errno {
	st, err := hostStat(unix.AT_FDCWD, dir, 0)
	if err != nil || st.Dev == k.procDev || st.Mode&unix.S_IFMT != unix.S_IFDIR {
		return 0 // the kernel says why
	}
	ino, _ := k.seen(&st)
	return t.cred.Permission(ino, acl.Exec)
}

// procLink tells what a link in the directory of a process leads to, where the kernel would lead elsewhere: the root
// directory, and the program.
func (k *Kernel) procLink(t *task, link string) (vfs.Place, bool) {
	rest := strings.Split(strings.TrimPrefix(link, "/proc/"), "/")
	if len(rest) == 4 && rest[1] == "task" {
		rest = rest[2:]
	}
	if len(rest) != 2 {
		return vfs.Place{}, false
	}
	pid, err := strconv.Atoi(rest[0])
	if err != nil {
		return vfs.Place{}, false
	}
	if k.real != nil {
		return k.procLinkReal(t, link)
	}
	other := t.thread.Tracer().Thread(pid)
	if other == nil {
		return vfs.Place{}, false
	}
	who := taskOf(other)
	switch rest[1] {
	case "root":
		if who.viewed() {
			return k.walker(who).RootPlace(), true
		}
	case "exe":
		if who.proc.program.Host != "" {
			return who.proc.program, true
		}
	}
	return vfs.Place{}, false
}

// procLinkReal is procLink where links about tracees have paths of their mount namespace.
func (k *Kernel) procLinkReal(t *task, link string) (vfs.Place, bool) {
	text, err := os.Readlink(link)
	if err != nil || !strings.HasPrefix(text, "/") || strings.HasSuffix(text, " (deleted)") {
		return vfs.Place{}, false
	}
	return k.linkedPlace(k.walker(t), text), true
}

// syscallViewed decides about a call of a task whose paths are looked at. h is nil for calls that are the kernel's, but for
// their paths.
func (k *Kernel) syscallViewed(t *task, c *ptlib.Call, h handler) {
	t.letGo()
	if !k.translate(t, c) || isSocketCall(c.Sys) && !k.translateSocket(t, c) {
		return
	}
	if k.changesMemory(c) {
		c.Fail(unix.EROFS)
		return
	}
	if h != nil {
		h(k, t, c)
		return
	}
	if pathCalls[c.Sys] == nil && !isSocketCall(c.Sys) {
		k.undecided(c)
	}
}

// belowMount cuts a host path at the mount that it is below: whoever sees the host through mounts has no business with the
// directories above them.
func (k *Kernel) belowMount(host string) (mount, rest string) {
	mount = "/"
	for _, m := range k.namespace.Mounts() {
		if vfs.IsWithin(host, m.From) && len(m.From) > len(mount) {
			mount = m.From
		}
	}
	return mount, strings.TrimPrefix(host, mount)
}
