package guest

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/acl"
)

var createRows = flat(
	openRows,
	emulate("create", "owner and mode of the new directory are remembered where they are not the caller's", mkdir, ptlib.SysMkdir),
	emulate("create", "as mkdir, relative to a directory", mkdirat, ptlib.SysMkdirat),
	emulate("create", "the owner of the new link is remembered where it is not the caller", symlink, ptlib.SysSymlink),
	emulate("create", "as symlink, relative to a directory", symlinkat, ptlib.SysSymlinkat),
)

func mkdir(k *Kernel, t *task, c *ptlib.Call) {
	k.create(t, c, creation{at: byLink(c.Args[0]), kind: unix.S_IFDIR, mode: uint32(c.Args[1]) & 01777})
}

func mkdirat(k *Kernel, t *task, c *ptlib.Call) {
	at := byAt(c.Args[0], c.Args[1], unix.AT_SYMLINK_NOFOLLOW)
	k.create(t, c, creation{at: at, kind: unix.S_IFDIR, mode: uint32(c.Args[2]) & 01777})
}

func symlink(k *Kernel, t *task, c *ptlib.Call) {
	k.create(t, c, creation{at: byLink(c.Args[1]), kind: unix.S_IFLNK, mode: 0777})
}

func symlinkat(k *Kernel, t *task, c *ptlib.Call) {
	at := byAt(c.Args[1], c.Args[2], unix.AT_SYMLINK_NOFOLLOW)
	k.create(t, c, creation{at: at, kind: unix.S_IFLNK, mode: 0777})
}

// A creation is a file that a call makes.
type creation struct {
	k    *Kernel
	at   target
	dir  target // the directory that it is made in; the zero target: that of the path
	kind uint32 // S_IFMT bits
	mode uint32 // as the call asks for it, 0..07777
	rdev uint64
	disk uint32 // the mode that it is made with

	unnamed bool // O_TMPFILE: it may have the number of one of the orphans
}

// plain reports whether the new file is one that needs no claim: the caller's, so root's, with a mode that the caller can
// work with.
func (cr *creation) plain(t *task) bool {
	k := cr.k
	return t.cred.FSUID() == 0 && t.cred.FSGID() == 0 && !k.config.UnknownReal &&
		cr.kind != unix.S_IFCHR && cr.kind != unix.S_IFBLK &&
		(cr.disk == cr.mode || cr.kind == unix.S_IFLNK) && t.fs.umaskHidden == 0 &&
		!k.lies.AnySetgidDir() && !k.lies.AnyXattr() && (!cr.unnamed || !k.shared.orphans.any())
}

// create makes a file by the call itself, with a mode that is good for the disk, and claims the rest.
func (k *Kernel) create(t *task, c *ptlib.Call, cr creation) {
	if errno := k.mayCreate(t, c, cr.at, cr.kind); errno != 0 {
		c.Fail(errno)
		return
	}
	cr.k = k
	cr.disk = diskMode(cr.kind, cr.mode)
	if cr.plain(t) {
		k.unlockThen(c, cr.at, nil)
		return
	}
	args := c.Args
	switch c.Sys {
	case ptlib.SysMkdir:
		args[1] = uint64(cr.disk)
	case ptlib.SysMkdirat:
		args[2] = uint64(cr.disk)
	case ptlib.SysMknod:
		args[1], args[2] = uint64(cr.diskKind()|cr.disk), 0
	case ptlib.SysMknodat:
		args[2], args[3] = uint64(cr.diskKind()|cr.disk), 0
	}
	c.Value = &cr
	c.Run(createEnd, c.Sys, args[:]...)
}

// diskKind is the type of the file that stands for the new one.
func (cr *creation) diskKind() uint32 {
	if cr.kind == unix.S_IFCHR || cr.kind == unix.S_IFBLK {
		return unix.S_IFREG
	}
	return cr.kind
}

func createEnd(c *ptlib.Call) {
	cr := c.Value.(*creation)
	switch errno := c.Errno(); {
	case errno == unix.EACCES && cr.k.unlock(c, cr.at, unlockParent):
		c.Restart()
	case errno != 0:
		c.Fail(errno)
	default:
		errno := cr.k.created(c, cr)
		if errno != 0 {
			c.Fail(errno)
			return
		}
		c.Answer(0)
	}
}

// created claims what the file that was just made is not on disk.
func (k *Kernel) created(c *ptlib.Call, cr *creation) unix.Errno { return k.createdAs(c, cr, cr.at) }

// createdAs is created for a file that is reached by cr.at and was made by the path of name.
func (k *Kernel) createdAs(c *ptlib.Call, cr *creation, name target) unix.Errno {
	in, errno := k.inspect(c, cr.at)
	if errno != 0 {
		return errno
	}
	t := taskOf(c.Thread)
	var dir inode
	if k.lies.AnySetgidDir() || k.lies.AnyXattr() {
		if dir, errno = k.dirOf(c, cr, name); errno != 0 {
			return errno
		}
	}
	// What the kernel has taken from the mode is the umask.
	umask := cr.disk&^in.real.Mode&0777 | t.fs.umaskHidden
	seen, inherited := t.cred.Create(dir.Inode, claimedDefault(&dir.claim), cr.kind|cr.mode, umask)
	in.claim = lies.Claim{} // the inode is new: whatever was claimed was about another one
	if seen.UID != k.mapUID(in.real.UID) || seen.GID != k.mapGID(in.real.UID, in.real.GID) {
		in.claim.SetOwner(seen.UID, seen.GID)
	}
	if disk := executable(cr.kind, seen.Mode, in.real.Mode&07777); disk != in.real.Mode&07777 {
		if errno := k.chmodReally(c, in, disk); errno != 0 {
			return errno
		}
		in.real.Mode = in.real.Mode&unix.S_IFMT | disk
	}
	if seen.Mode&07777 != in.real.Mode&07777 {
		in.claim.SetMode(seen.Mode)
	}
	if cr.kind != in.real.Mode&unix.S_IFMT {
		in.claim.SetType(cr.kind, cr.rdev)
		in.claim.SetMode(seen.Mode)
	}
	in.Inode, in.rdev = seen, cr.rdev
	in.setACL(seen.ACL)
	if inherited != nil {
		in.claim.SetXattr(acl.DefaultName, inherited.Encode())
	}
	k.remember(c, in)
	return 0
}

// claimedDefault is the default ACL that is claimed of a directory, nil if none is.
func claimedDefault(claim *lies.Claim) acl.ACL {
	x, ok := claim.Xattr(acl.DefaultName)
	if !ok || x.Hidden {
		return nil
	}
	a, _ := acl.Parse(x.Value)
	return a
}

// dirOf looks at the directory that a file is made in.
func (k *Kernel) dirOf(c *ptlib.Call, cr *creation, name target) (inode, unix.Errno) {
	if cr.dir == (target{}) {
		return k.parentOf(c, name)
	}
	in, errno := k.inspect(c, cr.dir)
	if errno != 0 {
		return inode{}, errno
	}
	return *in, 0
}

// parentOf looks at the directory that holds the file of a path.
func (k *Kernel) parentOf(c *ptlib.Call, tg target) (inode, unix.Errno) {
	scratch, ok := c.Scratch()
	if !ok {
		return inode{}, unix.ENOMEM
	}
	if tg.byFD {
		return inode{}, unix.ENOENT
	}
	path, errno := c.Thread.ReadPath(tg.path)
	if errno != 0 {
		return inode{}, errno
	}
	parent := append(append([]byte(nil), parentPath(path)...), 0)
	if errno := c.Thread.WriteMemory(scratch+scratchPath, parent); errno != 0 {
		return inode{}, errno
	}
	in, errno := k.inspect(c, target{dirfd: tg.dirfd, path: scratch + scratchPath})
	if errno != 0 {
		return inode{}, errno
	}
	return *in, 0
}
