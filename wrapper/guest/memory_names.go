package guest

import (
	"bytes"
	"encoding/binary"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// Who changes a file such as /etc/passwd writes another one beside it and renames that, with locks that are links. So a writable file in
// memory has the names of its directory that begin with its own (vfs.Mount.Names), and what makes, renames, links and removes files of
// these names is done by the tracer, on its table of names. Only regular files can have such names. By rename(2) a file of the disk comes to
// have one (takeIn); else none changes over between memory and disk by rename(2) or link(2): EXDEV, as between two mounts.

// isOurs reports whether a path of the host is of a file in memory, or of a name that only such a file can have.
func (m *memory) isOurs(host string) bool {
	return m.nowhere != "" && strings.HasPrefix(host, m.nowhere) || m.byHost[host] != nil
}

// nameMemory gives a file a name, in the place of another one that may have it.
func (k *Kernel) nameMemory(f *memFile, name string) {
	m := &k.memory
	k.unnameMemory(name)
	m.byPath[name] = f
	f.names = append(f.names, name)
	k.namespace.Mount(vfs.Mount{To: name, From: f.host, ReadOnly: !f.writable})
}

// unnameMemory takes a name away. A file without names is nobody's but of those who have it open.
func (k *Kernel) unnameMemory(name string) {
	m := &k.memory
	f := m.byPath[name]
	if f == nil {
		return
	}
	delete(m.byPath, name)
	k.namespace.Unmount(name, true)
	f.names = slices.DeleteFunc(f.names, func(n string) bool { return n == name })
	if len(f.names) > 0 {
		return
	}
	k.shared.orphans.set(lies.Lie{Key: f.key, Identity: f.identity, Path: name, Claim: k.fixed[f.key]})
	delete(k.fixed, f.key)
	delete(m.byKey, f.key)
	delete(m.byHost, f.host)
	if m.gone = append(m.gone, f); len(m.gone) > maxGone {
		unix.Close(m.gone[0].fd)
		m.gone = m.gone[1:]
	}
}

// changeNames does what a call does to names of files in memory. It returns false if the call is decided: it has to do with such a name.
func (k *Kernel) changeNames(c *ptlib.Call, t *task, seen *[2]sighting) bool {
	first, second := &seen[0], &seen[1]
	here, there := k.memory.isOurs(first.Host), k.memory.isOurs(second.Host)
	if !here && !there {
		return true
	}
	var errno unix.Errno
	switch c.Sys {
	case ptlib.SysMkdir, ptlib.SysMkdirat, ptlib.SysMknod, ptlib.SysMknodat, ptlib.SysSymlink, ptlib.SysSymlinkat:
		errno = unix.EPERM // as of a file system that has no such files
		if k.memory.byPath[first.Virtual] != nil {
			errno = unix.EEXIST
		}
	case ptlib.SysUnlink, ptlib.SysUnlinkat, ptlib.SysRmdir:
		directory := c.Sys == ptlib.SysRmdir || c.Sys == ptlib.SysUnlinkat && c.Args[2]&unix.AT_REMOVEDIR != 0
		errno = k.unlinkMemory(t, first, directory)
	case ptlib.SysLink, ptlib.SysLinkat:
		errno = unix.EXDEV
		if here && there {
			errno = k.linkMemory(t, first, second)
		}
	case ptlib.SysRename, ptlib.SysRenameat, ptlib.SysRenameat2:
		var flags uint32
		if c.Sys == ptlib.SysRenameat2 {
			flags = uint32(c.Args[4])
		}
		switch {
		case !there:
			errno = unix.EXDEV
		case here:
			errno = k.renameMemory(t, first, second, flags)
		default:
			errno = k.takeIn(t, c, first, second, flags)
		}
	default:
		return true
	}
	if errno != 0 {
		c.Fail(errno)
	} else {
		c.Answer(0)
	}
	return false
}

func (k *Kernel) unlinkMemory(t *task, s *sighting, directory bool) unix.Errno {
	f := k.memory.byPath[s.Virtual]
	switch {
	case f == nil:
		return unix.ENOENT
	case directory || s.Slash:
		return unix.ENOTDIR
	}
	if errno := k.mayDeleteMemory(t, f, s.Virtual); errno != 0 {
		return errno
	}
	k.unnameMemory(s.Virtual)
	return 0
}

func (k *Kernel) linkMemory(t *task, from, to *sighting) unix.Errno {
	f := k.memory.byPath[from.Virtual]
	switch {
	case f == nil:
		return unix.ENOENT
	case k.memory.byPath[to.Virtual] != nil:
		return unix.EEXIST
	case to.Slash:
		return unix.ENOENT
	case !f.writable:
		return unix.EXDEV
	}
	if errno := k.mayMakeMemory(t, to.Virtual); errno != 0 {
		return errno
	}
	k.nameMemory(f, to.Virtual)
	return 0
}

// renameMemory is fs/namei.c, do_renameat2, for regular files.
func (k *Kernel) renameMemory(t *task, from, to *sighting, flags uint32) unix.Errno {
	m := &k.memory
	f, old := m.byPath[from.Virtual], m.byPath[to.Virtual]
	exchange := flags&unix.RENAME_EXCHANGE != 0
	switch {
	case !validRename(flags) || flags&unix.RENAME_WHITEOUT != 0:
		return unix.EINVAL
	case f == nil:
		return unix.ENOENT
	case old != nil && flags&unix.RENAME_NOREPLACE != 0:
		return unix.EEXIST
	case old == nil && exchange:
		return unix.ENOENT
	case from.Slash || to.Slash:
		return unix.ENOTDIR
	case f == old:
		return 0
	}
	errno := k.mayDeleteMemory(t, f, from.Virtual)
	if errno == 0 {
		errno = k.mayNameMemory(t, old, to.Virtual)
	}
	if errno != 0 {
		return errno
	}
	if exchange {
		k.exchangeMemory(f, old, from.Virtual, to.Virtual)
		return 0
	}
	k.nameMemory(f, to.Virtual)
	k.unnameMemory(from.Virtual)
	return 0
}

// exchangeMemory gives each of two files the other's name.
func (k *Kernel) exchangeMemory(a, b *memFile, nameA, nameB string) {
	a.names[slices.Index(a.names, nameA)], b.names[slices.Index(b.names, nameB)] = nameB, nameA
	for name, f := range map[string]*memFile{nameB: a, nameA: b} {
		k.memory.byPath[name] = f
		k.namespace.Unmount(name, true)
		k.namespace.Mount(vfs.Mount{To: name, From: f.host})
	}
}

// makeMemory makes the file of an open(2) that makes one, where its name is that of a file in memory. made tells that it is new.
func (k *Kernel) makeMemory(t *task, c *ptlib.Call, s *sighting) (made bool, errno unix.Errno) {
	flags, mode, ok := openArgs(c)
	const not = unix.O_PATH | unix.O_DIRECTORY
	if !ok || flags&unix.O_CREAT == 0 || flags&not != 0 || s.Slash || mode&^07777 != 0 || k.memory.byPath[s.Virtual] != nil {
		return false, 0 // the kernel says what is wrong, or opens what is there
	}
	if errno := k.mayMakeMemory(t, s.Virtual); errno != 0 {
		return false, errno
	}
	dir, claim, errno := k.directoryOf(s.Virtual)
	if errno != 0 {
		return false, errno
	}
	ino, _ := t.cred.Create(dir, claimedDefault(&claim), unix.S_IFREG|uint32(mode), umaskOf(t))
	f, errno := k.newMemFile(&MemFile{Path: s.Virtual, Mode: ino.Mode & 07777, UID: ino.UID, GID: ino.GID, Writable: true})
	if errno != 0 {
		return false, errno
	}
	s.Host, s.Missing = f.host, false
	return true, 0
}

// openArgs are flags and mode of a call of the open family; ok is false of other calls, and where they cannot be read.
func openArgs(c *ptlib.Call) (flags, mode uint64, ok bool) {
	switch c.Sys {
	case ptlib.SysOpen:
		return c.Args[1], c.Args[2] & 07777, true
	case ptlib.SysOpenat:
		return c.Args[2], c.Args[3] & 07777, true
	case ptlib.SysCreat:
		return unix.O_CREAT | unix.O_WRONLY | unix.O_TRUNC, c.Args[1] & 07777, true
	case ptlib.SysOpenat2:
		var how [openHowSize]byte
		if c.Args[3] < openHowSize || c.Thread.ReadMemory(c.Args[2], how[:]) != 0 {
			return 0, 0, false
		}
		return binary.NativeEndian.Uint64(how[0:]), binary.NativeEndian.Uint64(how[8:]), true
	}
	return 0, 0, false
}

// umaskOf is the umask of a task as the action has set it.
func umaskOf(t *task) uint32 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(t.thread.Tid) + "/status")
	if err != nil {
		return t.fs.umaskHidden
	}
	n, err := strconv.ParseUint(string(bytes.TrimSpace(line(text, "Umask:"))), 8, 32)
	if err != nil {
		n = 0022
	}
	return uint32(n) | t.fs.umaskHidden
}

// directoryOf looks at the directory of a virtual path.
func (k *Kernel) directoryOf(virtual string) (cred.Inode, lies.Claim, unix.Errno) {
	host, _ := k.namespace.Host(path.Dir(virtual))
	st, err := hostStat(unix.AT_FDCWD, host, 0)
	if err != nil {
		return cred.Inode{}, lies.Claim{}, err.(unix.Errno)
	}
	ino, claim := k.seen(&st)
	return ino, claim, 0
}

// mayNameMemory checks whether a task may give a name to a file, in place of old, the one that has it; nil if none has.
func (k *Kernel) mayNameMemory(t *task, old *memFile, virtual string) unix.Errno {
	if old != nil {
		return k.mayDeleteMemory(t, old, virtual)
	}
	return k.mayMakeMemory(t, virtual)
}

// mayMakeMemory checks whether a task may make a file of a name.
func (k *Kernel) mayMakeMemory(t *task, virtual string) unix.Errno {
	dir, _, errno := k.directoryOf(virtual)
	if errno != 0 || !t.isDropped() {
		return errno
	}
	return unix.Errno(t.cred.MayCreate(dir))
}

// mayDeleteMemory checks whether a task may take a name from a file.
func (k *Kernel) mayDeleteMemory(t *task, f *memFile, virtual string) unix.Errno {
	if !f.writable {
		return unix.EROFS
	}
	if !t.isDropped() {
		return 0
	}
	dir, _, errno := k.directoryOf(virtual)
	if errno != 0 {
		return errno
	}
	file, _, errno := k.sight(f.fd)
	if errno != 0 {
		return errno
	}
	return unix.Errno(t.cred.MayDelete(dir, file))
}

// isAbsent reports whether a directory of the host lists a name that is not there for the action: it is one of those that files in
// memory, or a bind, have.
func (k *Kernel) isAbsent(virtual string) bool {
	host, m := k.namespace.Host(virtual)
	return m.Names && !isThere(host)
}

// replacesNames reports whether any names of directories are those of files elsewhere.
func (k *Kernel) replacesNames() bool {
	return slices.ContainsFunc(k.namespace.Mounts(), func(m vfs.Mount) bool { return m.Names })
}
