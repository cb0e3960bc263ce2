package guest

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
)

// Opening for writing or creating always stops. Of the opens for reading, which are most of what a build does, only those
// stop that have no flags, as cat(1) and the shell's `<` do: files that the caller may not read but root may, and the files
// of /proc that show credentials. The other ones are helped by stat.go: programs that use flags look before they open.
const openNote = "new files get their owner and mode remembered; what only root may open is made accessible for a while"

var openRows = flat(
	emulateWhere("open", openNote, open, openRules(1), ptlib.SysOpen),
	emulateWhere("open", openNote, openat, openRules(2), ptlib.SysOpenat),
	emulate("open", openNote, creat, ptlib.SysCreat),
	emulate("open", openNote+"; flags are in memory, so every call stops", openat2, ptlib.SysOpenat2),
)

// oLargefile is set by 32-bit programs and means nothing to us. oTmpfile is __O_TMPFILE, without O_DIRECTORY.
const (
	oLargefile = ptlib.OpenLargefile
	oTmpfile   = unix.O_TMPFILE &^ unix.O_DIRECTORY
)

func openRules(flags int) []ptlib.Rule {
	return []ptlib.Rule{
		whereAny(flags, unix.O_CREAT|oTmpfile|unix.O_TRUNC|unix.O_ACCMODE),
		where(flags, ^uint32(oLargefile), 0),
	}
}

func open(k *Kernel, t *task, c *ptlib.Call) {
	k.openAt(t, c, opening{creation: newFile(byPath(c.Args[0]), c.Args[2]), flags: c.Args[1]})
}

func openat(k *Kernel, t *task, c *ptlib.Call) {
	k.openAt(t, c, opening{creation: newFile(byAt(c.Args[0], c.Args[1], 0), c.Args[3]), flags: c.Args[2]})
}

func creat(k *Kernel, t *task, c *ptlib.Call) {
	const flags = unix.O_CREAT | unix.O_WRONLY | unix.O_TRUNC
	k.openAt(t, c, opening{creation: newFile(byPath(c.Args[0]), c.Args[1]), flags: flags})
}

// openHowSize is the size of struct open_how of the first version, which later ones begin with; openHowMax is the
// size of the largest one that the kernel takes (fs/open.c, do_sys_openat2: a page).
const (
	openHowSize = 24
	openHowMax  = 4096
)

func openat2(k *Kernel, t *task, c *ptlib.Call) {
	how := make([]byte, min(c.Args[3], openHowMax))
	if len(how) < openHowSize || c.Thread.ReadMemory(c.Args[2], how) != 0 {
		return // the kernel says what is wrong
	}
	flags, mode := binary.NativeEndian.Uint64(how[0:]), binary.NativeEndian.Uint64(how[8:])
	if mode&^07777 != 0 {
		return // EINVAL
	}
	at := byAt(c.Args[0], c.Args[1], 0)
	at.resolve = binary.NativeEndian.Uint64(how[16:])
	k.openAt(t, c, opening{creation: newFile(at, mode), flags: flags, how: how})
}

// An opening is a call of the open family.
type opening struct {
	creation // what it makes, if it makes a file
	flags    uint64
	how      []byte // of openat2(2)

	exclusive bool // tried with O_EXCL, to learn whether the call makes the file
	byLink    bool // makes the file that a link leads to
}

func newFile(at target, mode uint64) creation {
	m := uint32(mode) & 07777
	return creation{at: at, kind: unix.S_IFREG, mode: m, disk: diskMode(unix.S_IFREG, m)}
}

// normalize drops the flags that O_PATH makes moot, and reports whether the others make sense together (fs/open.c,
// build_open_flags).
func (o *opening) normalize(strict bool) bool {
	const withPath = unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	switch {
	case o.flags&unix.O_PATH != 0:
		if strict && o.flags&^withPath != 0 {
			return false
		}
		o.flags &= withPath
	case o.flags&unix.O_TMPFILE == oTmpfile:
		return false // without O_DIRECTORY
	case o.flags&oTmpfile != 0:
		return o.flags&unix.O_CREAT == 0 && o.flags&unix.O_ACCMODE != unix.O_RDONLY
	case o.flags&unix.O_CREAT != 0:
		return o.flags&unix.O_DIRECTORY == 0
	}
	return true
}

func (o *opening) creates() bool { return o.flags&(unix.O_CREAT|oTmpfile) != 0 }

func (o *opening) writes() bool { return o.flags&(unix.O_ACCMODE|unix.O_TRUNC) != 0 }

// wants tells what unlock has to allow.
func (o *opening) wants() uint8 {
	var w uint8
	if o.flags&unix.O_ACCMODE != unix.O_WRONLY {
		w |= unlockRead
	}
	if o.writes() {
		w |= unlockWrite
	}
	if o.creates() {
		w |= unlockParent
	}
	if o.flags&unix.O_NOFOLLOW != 0 {
		w |= unlockNoFollow
	}
	return w
}

var devPrefix, shmPrefix = []byte("/dev/"), []byte("/dev/shm/")

// openAt decides whether an open needs attention. The caller's devices are the action's, and scripts open /dev/null
// without end; in a root directory of the kernel's, what is there may be the action's own.
func (k *Kernel) openAt(t *task, c *ptlib.Call, o opening) {
	path, errno := c.Thread.ReadPath(o.at.path)
	if errno != 0 || k.real == nil && bytes.HasPrefix(path, devPrefix) && !bytes.HasPrefix(path, shmPrefix) && !t.isDropped() {
		return
	}
	if !o.normalize(c.Sys == ptlib.SysOpenat2) {
		return // EINVAL
	}
	o.unnamed = o.flags&oTmpfile != 0
	if errno := k.mayOpen(t, c, &o); errno != 0 {
		c.Fail(errno)
		return
	}
	o.k = k
	if k.opensAsIs(t, c, &o, path) {
		return
	}
	if !o.creates() {
		c.Value = &o
		c.Then(openEnd)
		return
	}
	c.Value = &o
	if o.plain(t) {
		c.Then(openEnd)
		return
	}
	o.exclusive = o.flags&(unix.O_CREAT|oTmpfile) == unix.O_CREAT
	k.openWith(c, &o, o.exclusive)
}

// opensAsIs reports whether an open is for reading and, by a glance, will be neither refused to the caller nor come to something that has
// to be replaced. It is no use where the call stops at its end in any case. What another process does to the file until the kernel opens
// it is as it is with opens that do not stop.
func (k *Kernel) opensAsIs(t *task, c *ptlib.Call, o *opening, path []byte) bool {
	if c.Changed() || o.creates() || o.writes() || o.how != nil || len(path) == 0 || k.lies.AnyNode() || !k.mayGlance(t) {
		return false
	}
	fd, errno, ok := k.glanceOpen(path, procFD(c.Thread.Tid, o.at.dirfd), o.flags&unix.O_NOFOLLOW != 0)
	if !ok || errno != 0 {
		return ok
	}
	defer unix.Close(fd)
	return unix.Faccessat2(fd, "", unix.R_OK, unix.AT_EMPTY_PATH|unix.AT_EACCESS) == nil
}

// openWith makes the call with a mode that is good for the disk.
func (k *Kernel) openWith(c *ptlib.Call, o *opening, exclusive bool) {
	flags := o.flags
	if exclusive {
		flags |= unix.O_EXCL
	}
	args := c.Args
	switch c.Sys {
	case ptlib.SysOpen:
		args[1], args[2] = flags, uint64(o.disk)
	case ptlib.SysOpenat:
		args[2], args[3] = flags, uint64(o.disk)
	case ptlib.SysCreat:
		c.Run(openEnd, ptlib.SysOpen, args[0], flags, uint64(o.disk))
		return
	case ptlib.SysOpenat2:
		scratch, ok := c.Scratch()
		if !ok {
			return
		}
		how := bytes.Clone(o.how)
		binary.NativeEndian.PutUint64(how[0:], flags)
		binary.NativeEndian.PutUint64(how[8:], uint64(o.disk))
		if errno := c.Thread.WriteMemory(scratch+scratchPath, how); errno != 0 {
			c.Fail(errno)
			return
		}
		args[2], args[3] = scratch+scratchPath, uint64(len(how))
	}
	c.Run(openEnd, c.Sys, args[:]...)
}

func openEnd(c *ptlib.Call) {
	o := c.Value.(*opening)
	k := o.k
	errno := c.Errno()
	switch {
	case errno == unix.EEXIST && o.exclusive && o.flags&unix.O_EXCL == 0:
		// The name is there, but it may be that of a link to a file that is not.
		o.exclusive, o.byLink = false, k.dangles(c, o.at)
		k.openWith(c, o, false)
	case errno == unix.EACCES && k.unlock(c, o.at, o.wants()):
		c.Restart()
	case errno != 0:
		c.Fail(errno)
	default:
		k.opened(c, o)
	}
}

// dangles reports whether a path is that of a link that leads to no file.
func (k *Kernel) dangles(c *ptlib.Call, at target) bool {
	var st unix.Stat_t
	path := k.hostPath(c, at)
	if path == "" || unix.Lstat(path, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFLNK {
		return false
	}
	_, errno := k.inspect(c, at)
	return errno == unix.ENOENT
}

// opened looks at what was opened.
func (k *Kernel) opened(c *ptlib.Call, o *opening) {
	fd := c.Result
	c.Answer(fd)
	made := o.creates() && (o.exclusive || o.byLink || o.flags&unix.O_EXCL != 0 || o.flags&oTmpfile != 0)
	switch {
	case made && !o.plain(taskOf(c.Thread)):
		file := o.creation
		file.at = byFD(uint64(fd))
		name := o.at
		switch {
		case o.flags&oTmpfile != 0:
			name = target{} // the path names the directory
			file.dir = o.at
		case o.byLink:
			if path, ok := pathInScratch(c, []byte(fdPath(c.Thread.Tid, int32(fd)))); ok {
				name = path
			}
		}
		errno := k.createdAs(c, &file, name)
		if errno != 0 {
			k.tell(c.Sys.String() + ": the new file's owner and mode could not be remembered: " + errno.Error())
		}
		return
	case o.flags&unix.O_ACCMODE == unix.O_RDONLY && !o.writes():
		if path, errno := c.Thread.ReadPath(o.at.path); errno == 0 && bytes.HasPrefix(path, procPrefix) {
			k.openedProc(c, bytes.Clone(path), int(fd))
		}
	}
	if o.flags&unix.O_PATH != 0 {
		return // nothing was opened but a name
	}
	if k.lies.AnyNode() || o.writes() && (k.lies.AnySuid() || k.lies.AnyXattr()) {
		k.openedClaimed(c, o, uint64(fd))
	}
}

var procPrefix = []byte("/proc/")

// openedClaimed handles an existing file that something is claimed about: a device is opened where the machine has it,
// and a file that is truncated or written to loses its set-id bits and capabilities.
func (k *Kernel) openedClaimed(c *ptlib.Call, o *opening, fd uint64) {
	in, errno := k.inspect(c, byFD(fd))
	if errno != 0 || in.claim.Empty() {
		return
	}
	if in.claim.Has&lies.HasType != 0 {
		k.openedNode(c, o, fd, in)
		return
	}
	switch {
	case o.flags&unix.O_TRUNC != 0:
		k.written(c, taskOf(c.Thread), in)
	case o.writes():
		k.openedForWriting(c, taskOf(c.Thread), in, int32(fd))
	}
}
