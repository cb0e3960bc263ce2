package guest

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/acl"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

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
