package guest

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/acl"
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

// Setting.

func setxattr(k *Kernel, t *task, c *ptlib.Call) {
	x, errno := xattrArgs(c)
	var value []byte
	if errno == 0 {
		value, errno = xattrValue(c, &x)
	}
	if errno != 0 {
		c.Fail(errno)
		return
	}
	k.lookXattr(t, c, x.at, func(t *task, c *ptlib.Call, in *inode) {
		if errno := k.setXattr(t, c, in, &x, value); errno != 0 {
			c.Fail(errno)
			return
		}
		c.Answer(0)
	})
}

func xattrValue(c *ptlib.Call, x *xattrCall) ([]byte, unix.Errno) {
	if x.size > cred.XattrSizeMax {
		return nil, unix.E2BIG
	}
	value := make([]byte, x.size)
	if len(value) == 0 {
		return value, 0
	}
	return value, c.Thread.ReadMemory(x.addr, value)
}

// mayChangeXattr is what stops everybody (fs/namespace.c, mnt_want_write; fs/xattr.c, may_write_xattr).
func (k *Kernel) mayChangeXattr(c *ptlib.Call, in *inode) unix.Errno {
	switch {
	case k.readOnly(c, in.at):
		return unix.EROFS
	case in.real.Immutable:
		return unix.EPERM
	}
	return 0
}

// keepsXattrs reports whether a file could have attributes at all. On /proc not even root can set any.
func (k *Kernel) keepsXattrs(in *inode) bool { return k.procDev == 0 || in.real.Dev != k.procDev }

// setXattr is fs/xattr.c vfs_setxattr.
func (k *Kernel) setXattr(t *task, c *ptlib.Call, in *inode, x *xattrCall, value []byte) unix.Errno {
	if errno := k.mayChangeXattr(c, in); errno != 0 {
		return errno
	}
	if kind, ok := acl.KindOf(x.name); ok {
		next, errno := acl.Set(kind, value, in.node(), t.cred)
		if errno != 0 {
			return errno
		}
		return k.changeACL(c, in, kind, next)
	}
	value, errno := t.cred.MaySetXattr(in.Inode, x.name, value)
	switch {
	case errno != 0:
		return errno
	case !k.keepsXattrs(in):
		return unix.EOPNOTSUPP
	}
	claimed, known := in.claim.Xattr(x.name)
	exists := known && !claimed.Hidden
	if !known {
		if strings.HasPrefix(x.name, userPrefix) && !c.Trapped() {
			if errno, done := reallyDone(c); done {
				return errno
			}
		}
		if x.flags != 0 {
			_, exists = k.realXattr(c, in, x.name)
		}
	}
	switch {
	case exists && x.flags&unix.XATTR_CREATE != 0:
		return unix.EEXIST
	case !exists && x.flags&unix.XATTR_REPLACE != 0:
		return unix.ENODATA
	}
	in.claim.SetXattr(x.name, value)
	k.rememberXattr(c, in)
	return 0
}

// reallyDone makes the program's call itself, where a user attribute is set or removed. What the disk does not do, but
// would do for root or on a file system that has user attributes, is not done: it is for the lies.
func reallyDone(c *ptlib.Call) (errno unix.Errno, done bool) {
	_, errno = c.Inject(c.Sys, c.Args[:]...)
	switch errno {
	case unix.EOPNOTSUPP, unix.EPERM, unix.EACCES:
		return errno, false
	}
	return errno, true
}

// changeACL claims an ACL and the mode that follows from it.
func (k *Kernel) changeACL(c *ptlib.Call, in *inode, kind acl.Kind, next acl.Node) unix.Errno {
	if !k.keepsXattrs(in) {
		return unix.EOPNOTSUPP
	}
	if next.Mode != in.Mode {
		if errno := k.setMode(c, in, next.Mode); errno != 0 {
			return errno
		}
	}
	a := next.Access
	if kind == acl.Default {
		a = next.Default
	} else {
		in.ACL = a
	}
	if a != nil {
		in.claim.SetXattr(kind.Name(), a.Encode())
	} else {
		k.unclaimXattr(c, in, kind.Name())
	}
	k.rememberXattr(c, in)
	return 0
}

// Removing.

func removexattr(k *Kernel, t *task, c *ptlib.Call) {
	at, rest, errno := xattrTarget(c)
	var name string
	if errno == 0 {
		name, errno = xattrName(c, rest[0])
	}
	if errno != 0 {
		c.Fail(errno)
		return
	}
	k.lookXattr(t, c, at, func(t *task, c *ptlib.Call, in *inode) {
		if errno := k.removeXattr(t, c, in, name); errno != 0 {
			c.Fail(errno)
			return
		}
		c.Answer(0)
	})
}

// removeXattr is fs/xattr.c vfs_removexattr.
func (k *Kernel) removeXattr(t *task, c *ptlib.Call, in *inode, name string) unix.Errno {
	if errno := k.mayChangeXattr(c, in); errno != 0 {
		return errno
	}
	if kind, ok := acl.KindOf(name); ok {
		next, errno := acl.Remove(kind, in.node(), t.cred)
		if errno != 0 {
			return errno
		}
		return k.changeACL(c, in, kind, next)
	}
	switch errno := t.cred.MayRemoveXattr(in.Inode, name); {
	case errno != 0:
		return errno
	case !k.keepsXattrs(in):
		return unix.EOPNOTSUPP
	}
	claimed, known := in.claim.Xattr(name)
	if known && claimed.Hidden {
		return unix.ENODATA
	}
	if !known {
		if strings.HasPrefix(name, userPrefix) && !c.Trapped() {
			if errno, done := reallyDone(c); done {
				return errno
			}
		}
		if _, real := k.realXattr(c, in, name); !real {
			return unix.ENODATA
		}
	}
	k.unclaimXattr(c, in, name)
	k.rememberXattr(c, in)
	return 0
}

// Getting.

func getxattr(k *Kernel, t *task, c *ptlib.Call) {
	x, errno := xattrArgs(c)
	if errno != 0 {
		c.Fail(errno)
		return
	}
	if !c.Trapped() && k.plainXattrs(t) && !k.showsOtherIDs(x.name) {
		want := uint8(0)
		if strings.HasPrefix(x.name, userPrefix) {
			want = unlockRead // these alone are read-protected by the mode
		}
		k.lookPlainly(t, c, x.at, want)
		return
	}
	k.lookXattr(t, c, x.at, func(t *task, c *ptlib.Call, in *inode) { k.getXattr(t, c, in, &x) })
}

// lookPlainly lets the kernel answer a look at real attributes, and unlocks what is in the way of the caller but not of root. Where it is nothing
// but directories, a glance tells that none is, and the end of the call need not be seen.
func (k *Kernel) lookPlainly(t *task, c *ptlib.Call, at target, want uint8) {
	if want == 0 {
		if at.byFD {
			return
		}
		if _, ok := k.glance(t, c, at, gaze{}); ok {
			return
		}
	}
	k.retryThen(c, at, want)
}

// getXattr is fs/xattr.c vfs_getxattr.
func (k *Kernel) getXattr(t *task, c *ptlib.Call, in *inode, x *xattrCall) {
	kind, isACL := acl.KindOf(x.name)
	switch {
	case isACL:
		if in.Mode&unix.S_IFMT == unix.S_IFLNK {
			c.Fail(unix.EOPNOTSUPP)
			return
		}
	default:
		// EOPNOTSUPP is for a name in no namespace that package cred knows: single file systems have others.
		if errno := t.cred.MayGetXattr(in.Inode, x.name); errno != 0 && errno != unix.EOPNOTSUPP {
			c.Fail(errno)
			return
		}
	}
	if !k.keepsXattrs(in) {
		c.Fail(unix.EOPNOTSUPP) // what the kernel says to the caller is about permission
		return
	}
	if claimed, known := in.claim.Xattr(x.name); known {
		if claimed.Hidden {
			c.Fail(unix.ENODATA)
			return
		}
		k.deliverXattr(c, x, claimed.Value)
		return
	}
	// Where the kernel would give this process another value than the file has, the tracer asks.
	changed := isACL && kind == acl.Access && in.Mode != in.real.Mode || k.showsOtherIDs(x.name)
	var value []byte
	ok := false
	if changed || c.Trapped() {
		value, ok = k.realXattr(c, in, x.name)
	}
	switch {
	case ok:
	case c.Trapped():
		c.Fail(unix.ENODATA)
		return
	default:
		c.Run(func(c *ptlib.Call) {
			if c.Errno() == unix.EACCES && k.unlock(c, x.at, unlockRead) {
				c.Restart()
			}
		}, c.Sys, c.Args[:]...)
		return
	}
	if isACL && kind == acl.Access {
		// The ACL on disk goes with the mode on disk.
		if a, errno := acl.Parse(value); errno == 0 {
			value = a.Chmod(in.Mode).Encode()
		}
	}
	k.deliverXattr(c, x, value)
}

// deliverXattr answers with a value (fs/xattr.c, do_getxattr).
func (k *Kernel) deliverXattr(c *ptlib.Call, x *xattrCall, value []byte) {
	if x.name == cred.FileCapsName {
		var errno unix.Errno
		if value, errno = cred.ReadFileCaps(value); errno != 0 {
			c.Fail(errno)
			return
		}
	}
	deliver(c, x.addr, x.size, value)
}

// deliver writes an answer of variable length into a buffer, where size 0 asks for the length alone. A buffer that is
// as large as any answer may be has E2BIG for one that is larger still; others have ERANGE.
func deliver(c *ptlib.Call, addr, size uint64, answer []byte) {
	switch {
	case size == 0:
	case uint64(len(answer)) > size && size >= cred.XattrSizeMax:
		c.Fail(unix.E2BIG)
		return
	case uint64(len(answer)) > size:
		c.Fail(unix.ERANGE)
		return
	case len(answer) > 0:
		if errno := c.Thread.WriteMemory(addr, answer); errno != 0 {
			c.Fail(errno)
			return
		}
	}
	c.Answer(int64(len(answer)))
}

// Listing.

func listxattr(k *Kernel, t *task, c *ptlib.Call) {
	at, rest, errno := xattrTarget(c)
	if errno != 0 {
		c.Fail(errno)
		return
	}
	if !c.Trapped() && k.plainXattrs(t) {
		k.lookPlainly(t, c, at, 0)
		return
	}
	addr, size := rest[0], rest[1]
	k.lookXattr(t, c, at, func(t *task, c *ptlib.Call, in *inode) {
		if len(in.claim.Xattrs) == 0 && !c.Trapped() {
			c.Run(func(*ptlib.Call) {}, c.Sys, c.Args[:]...)
			return
		}
		var list []byte
		for _, name := range k.xattrNames(t, c, in) {
			list = append(append(list, name...), 0)
		}
		deliver(c, addr, min(size, cred.XattrListMax), list)
	})
}
