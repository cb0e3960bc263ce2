package guest

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

// All of the family are contested: Nix's filter forbids setting and removing, newer ones reading and listing too.
var xattrRows = flat(
	emulateWhere("xattr", "security, trusted and ACLs are remembered, with an ACL's effect on the mode; user attributes where the file system or a sandbox refuses them", setxattr, contested,
		ptlib.SysSetxattr, ptlib.SysLsetxattr, ptlib.SysFsetxattr, ptlib.SysSetxattrat),
	emulateWhere("xattr", "as remembered, else what the disk has", getxattr, contested,
		ptlib.SysGetxattr, ptlib.SysLgetxattr, ptlib.SysFgetxattr, ptlib.SysGetxattrat),
	emulateWhere("xattr", "what the disk has, with what is remembered", listxattr, contested,
		ptlib.SysListxattr, ptlib.SysLlistxattr, ptlib.SysFlistxattr, ptlib.SysListxattrat),
	emulateWhere("xattr", "forgotten; what is on disk and cannot be removed is remembered to be gone", removexattr, contested,
		ptlib.SysRemovexattr, ptlib.SysLremovexattr, ptlib.SysFremovexattr, ptlib.SysRemovexattrat),
)

// An xattrCall is a call of the family without its spelling.
type xattrCall struct {
	at    target
	name  string
	addr  uint64 // of the value or of the list
	size  uint64
	flags uint32 // XATTR_CREATE, XATTR_REPLACE
}

const userPrefix = "user."

// xattrTarget returns the file that a call is about and the arguments that follow it.
func xattrTarget(c *ptlib.Call) (target, []uint64, unix.Errno) {
	switch c.Sys {
	case ptlib.SysSetxattr, ptlib.SysGetxattr, ptlib.SysListxattr, ptlib.SysRemovexattr:
		return byPath(c.Args[0]), c.Args[1:], 0
	case ptlib.SysLsetxattr, ptlib.SysLgetxattr, ptlib.SysLlistxattr, ptlib.SysLremovexattr:
		return byLink(c.Args[0]), c.Args[1:], 0
	case ptlib.SysFsetxattr, ptlib.SysFgetxattr, ptlib.SysFlistxattr, ptlib.SysFremovexattr:
		return byFD(c.Args[0]), c.Args[1:], 0
	}
	flags := uint32(c.Args[2])
	if flags&^(unix.AT_SYMLINK_NOFOLLOW|unix.AT_EMPTY_PATH) != 0 {
		return target{}, nil, unix.EINVAL
	}
	at := byAt(c.Args[0], c.Args[1], c.Args[2])
	if flags&unix.AT_EMPTY_PATH != 0 {
		// No path is as good as an empty one (fs/namei.c, getname_maybe_null).
		if path, errno := c.Thread.ReadPath(at.path); at.path == 0 || errno == 0 && len(path) == 0 {
			at = byFD(c.Args[0])
		}
	}
	return at, c.Args[3:], 0
}

// xattrArgs reads a call that sets or gets a value, with the errors that come before the path is looked at, in the
// kernel's order (fs/xattr.c, path_setxattrat, setxattr_copy, path_getxattrat).
func xattrArgs(c *ptlib.Call) (x xattrCall, errno unix.Errno) {
	var rest []uint64
	structured := c.Sys == ptlib.SysSetxattrat || c.Sys == ptlib.SysGetxattrat
	var args ptlib.XattrArgs
	if structured {
		if args, errno = c.ReadXattrArgs(c.Args[4], c.Args[5]); errno != 0 {
			return x, errno
		}
		if c.Sys == ptlib.SysGetxattrat && args.Flags != 0 {
			return x, unix.EINVAL
		}
	}
	if x.at, rest, errno = xattrTarget(c); errno != 0 {
		return x, errno
	}
	if structured {
		x.addr, x.size, x.flags = args.Value, uint64(args.Size), args.Flags
	} else {
		x.addr, x.size, x.flags = rest[1], rest[2], uint32(rest[3])
	}
	if setsXattr(c.Sys) && x.flags&^(unix.XATTR_CREATE|unix.XATTR_REPLACE) != 0 {
		return x, unix.EINVAL
	}
	x.name, errno = xattrName(c, rest[0])
	return x, errno
}

func setsXattr(s ptlib.Sys) bool {
	switch s {
	case ptlib.SysSetxattr, ptlib.SysLsetxattr, ptlib.SysFsetxattr, ptlib.SysSetxattrat:
		return true
	}
	return false
}

// looksAtXattrs reports whether the call is one of those that a shortcut makes (plainXattrs).
func looksAtXattrs(s ptlib.Sys) bool {
	switch s {
	case ptlib.SysGetxattr, ptlib.SysLgetxattr, ptlib.SysFgetxattr, ptlib.SysListxattr, ptlib.SysLlistxattr, ptlib.SysFlistxattr:
		return true
	}
	return false
}

// xattrName reads the name of an attribute. One that is too long is ERANGE, unlike a path (fs/xattr.c,
// import_xattr_name).
func xattrName(c *ptlib.Call, addr uint64) (string, unix.Errno) {
	name, errno := c.Thread.ReadString(addr, cred.XattrNameMax+1)
	if errno == unix.ENAMETOOLONG {
		errno = unix.ERANGE
	}
	if errno != 0 {
		return "", errno
	}
	return string(name), cred.CheckXattrName(string(name))
}

// lookXattr is look with what comes before: a descriptor that was opened with O_PATH will not do, and a task that is no
// longer root may be kept from the file.
func (k *Kernel) lookXattr(t *task, c *ptlib.Call, at target, then func(t *task, c *ptlib.Call, in *inode)) {
	if at.byFD && k.isPathFD(c, uint64(at.dirfd)) {
		c.Fail(unix.EBADF)
		return
	}
	if t.follows {
		at.flags &^= unix.AT_SYMLINK_NOFOLLOW
	}
	if errno := k.mayReach(t, c, at); errno != 0 {
		c.Fail(errno)
		return
	}
	k.look(c, at, func(_ *Kernel, t *task, c *ptlib.Call, in *inode) { then(t, c, in) })
}
