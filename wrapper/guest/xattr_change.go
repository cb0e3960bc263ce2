package guest

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/acl"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

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
