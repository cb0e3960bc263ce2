package guest

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
)

var modeRows = flat(
	emulateWhere("mode", "the mode is remembered; on disk the caller keeps access and set-id bits are left out", chmod, setIDContested(1), ptlib.SysChmod),
	emulateWhere("mode", "as chmod, of a descriptor", fchmod, setIDContested(1), ptlib.SysFchmod),
	emulateWhere("mode", "as chmod, relative to a directory", fchmodat, setIDContested(2), ptlib.SysFchmodat),
	emulateWhere("mode", "as fchmodat, with flags", fchmodat2, setIDContested(2), ptlib.SysFchmodat2),
	emulate("mode", "the owner's bits are remembered: files must stay accessible to the caller", umask, ptlib.SysUmask),
)

// setIDContested selects every call; those that set set-id bits, which sandboxes forbid, such that an outer filter has no
// say. What chmodReally does is not among those.
func setIDContested(arg int) []ptlib.Rule {
	contested := whereAny(arg, unix.S_ISUID|unix.S_ISGID)
	contested.Do = ptlib.StopContested
	return []ptlib.Rule{contested, {Do: ptlib.Stop}}
}

func chmod(k *Kernel, _ *task, c *ptlib.Call) { k.chmodAt(c, byPath(c.Args[0]), c.Args[1]) }

func fchmod(k *Kernel, _ *task, c *ptlib.Call) {
	if k.isPathFD(c, c.Args[0]) {
		c.Fail(unix.EBADF)
		return
	}
	k.chmodAt(c, byFD(c.Args[0]), c.Args[1])
}

func fchmodat(k *Kernel, _ *task, c *ptlib.Call) {
	k.chmodAt(c, byAt(c.Args[0], c.Args[1], 0), c.Args[2])
}

func fchmodat2(k *Kernel, _ *task, c *ptlib.Call) {
	if uint32(c.Args[3])&^(unix.AT_SYMLINK_NOFOLLOW|unix.AT_EMPTY_PATH) != 0 {
		c.Fail(unix.EINVAL)
		return
	}
	k.chmodAt(c, byAt(c.Args[0], c.Args[1], c.Args[3]), c.Args[2])
}

func (k *Kernel) chmodAt(c *ptlib.Call, tg target, mode uint64) {
	c.Local[0] = mode & 07777
	k.look(c, tg, chmodEnd)
}

func chmodEnd(k *Kernel, t *task, c *ptlib.Call, in *inode) {
	if mode := uint32(c.Local[0]); in.ACL == nil && (in.claim.Has&lies.HasMode != 0 || in.diskMode(mode) != mode) {
		in.ACL = k.diskACL(c, in) // where the mode on the disk is another one, so is the ACL
	}
	next, errno := t.cred.Chmod(in.Inode, uint32(c.Local[0]))
	if errno == 0 && in.real.Immutable {
		errno = unix.EPERM
	}
	switch {
	case errno == 0:
		errno = k.setMode(c, in, next.Mode)
	case k.readOnly(c, in.at):
		errno = unix.EROFS // which the kernel looks at first
	}
	if errno != 0 {
		c.Fail(errno)
		return
	}
	in.setACL(next.ACL)
	k.remember(c, in)
	c.Answer(0)
}

// setMode gives a file a mode: as much of it as is good for the disk really, all of it as a claim, if the two differ
// or a mode was claimed before.
func (k *Kernel) setMode(c *ptlib.Call, in *inode, mode uint32) unix.Errno {
	disk := in.diskMode(mode)
	if disk != in.real.Mode&07777 {
		switch errno := k.chmodReally(c, in, disk); errno {
		case 0:
			in.real.Mode = in.real.Mode&unix.S_IFMT | disk
		case unix.EPERM:
			// Somebody else's file. Root could change it; the lie is all that is left.
		default:
			return errno
		}
	} else if errno := k.touch(told, c, in, 0); errno != 0 {
		return errno
	}
	in.Mode = mode
	if in.claim.Has&lies.HasMode != 0 || in.real.Mode&07777 != mode&07777 {
		in.claim.SetMode(mode)
	}
	return 0
}

// diskMode is the mode that the file gets on disk for a claimed one.
func (in *inode) diskMode(mode uint32) uint32 {
	return executable(in.Mode&unix.S_IFMT, mode, diskMode(in.real.Mode, mode))
}

// diskMode is the mode that a file gets on disk for a claimed one. The action works as root, whom modes do not stop,
// so the caller, who is not, keeps access: reading and writing, searching in directories, executing what anybody may
// execute. Set-id and sticky bits are for the claimed owner, not for the caller.
func diskMode(kind, mode uint32) uint32 {
	disk := mode&0777 | 0600
	if kind&unix.S_IFMT == unix.S_IFDIR || mode&0111 != 0 {
		disk |= 0100
	}
	return disk
}

// executable is a mode for the disk, without execute bits if nobody may execute the file: root neither. Placeholders of
// devices are such.
func executable(kind, mode, disk uint32) uint32 {
	if kind == unix.S_IFCHR || kind == unix.S_IFBLK || kind != unix.S_IFDIR && mode&0111 == 0 {
		return disk &^ 0111
	}
	return disk
}

// chmodReally changes the mode on disk. It must not meet our own filter as a contested call, so it has none of the bits
// that those are recognised by.
func (k *Kernel) chmodReally(c *ptlib.Call, in *inode, mode uint32) unix.Errno {
	tg := in.at
	if tg.byFD || tg.path == 0 {
		_, errno := c.Inject(ptlib.SysFchmod, uint64(uint32(tg.dirfd)), uint64(mode))
		return errno
	}
	if tg.flags != 0 {
		_, errno := c.Inject(ptlib.SysFchmodat2, uint64(uint32(tg.dirfd)), tg.path, uint64(mode), uint64(tg.flags))
		if errno == unix.ENOSYS {
			errno = chmodWithoutFlags(c, in, mode)
		}
		return errno
	}
	_, errno := c.Inject(ptlib.SysFchmodat, uint64(uint32(tg.dirfd)), tg.path, uint64(mode))
	return errno
}

// chmodWithoutFlags does what fchmodat2(2) does where the kernel lacks it (before 6.6), as C libraries did: a descriptor is
// changed by its file in /proc, and what is no link may be followed.
func chmodWithoutFlags(c *ptlib.Call, in *inode, mode uint32) unix.Errno {
	tg := in.at
	if tg.flags&unix.AT_EMPTY_PATH != 0 {
		path, errno := c.Thread.ReadPath(tg.path)
		if errno != 0 {
			return errno
		}
		if len(path) == 0 {
			errno, _ := unix.Chmod(procFD(c.Thread.Tid, tg.dirfd), mode).(unix.Errno)
			return errno
		}
	}
	if in.real.Mode&unix.S_IFMT == unix.S_IFLNK {
		return unix.EOPNOTSUPP
	}
	_, errno := c.Inject(ptlib.SysFchmodat, uint64(uint32(tg.dirfd)), tg.path, uint64(mode))
	return errno
}

// umask answers for the bits that are kept from the kernel: the owner's.
func umask(k *Kernel, t *task, c *ptlib.Call) {
	const owner = 0700
	before := t.fs.umaskHidden
	t.fs.umaskHidden = uint32(c.Args[0]) & owner
	if t.fs.umaskHidden != 0 {
		c.SetArg(0, c.Args[0]&^owner)
	}
	if t.fs.umaskHidden == 0 && before == 0 {
		return
	}
	c.Local[0] = uint64(before)
	c.Then(umaskEnd)
}

func umaskEnd(c *ptlib.Call) { c.Answer(c.Result | int64(c.Local[0])) }
