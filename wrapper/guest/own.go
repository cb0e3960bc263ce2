package guest

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

const ownSubject = "own"

var ownRows = flat(
	emulate(ownSubject, "the owner is remembered; set-id bits and capabilities go as the kernel takes them", chown, ptlib.SysChown),
	emulate(ownSubject, "as chown, of a link itself", lchown, ptlib.SysLchown),
	emulate(ownSubject, "as chown, of a descriptor", fchown, ptlib.SysFchown),
	emulate(ownSubject, "as chown, relative to a directory", fchownat, ptlib.SysFchownat),
	emulate(ownSubject, "as chown, with ids of 16 bits", chown, ptlib.SysChown16),
	emulate(ownSubject, "as lchown, with ids of 16 bits", lchown, ptlib.SysLchown16),
	emulate(ownSubject, "as fchown, with ids of 16 bits", fchown, ptlib.SysFchown16),
)

// stop says how a call stops that has no rules of its own: an outer filter that refuses chown has no say.
func (k *Kernel) stop(r Row) ptlib.Action {
	if k.config.ChownRefused && r.Subject == ownSubject {
		return ptlib.StopContested
	}
	return ptlib.Stop
}

func chown(k *Kernel, _ *task, c *ptlib.Call)  { k.chownAt(c, byPath(c.Args[0]), c.Args[1], c.Args[2]) }
func lchown(k *Kernel, _ *task, c *ptlib.Call) { k.chownAt(c, byLink(c.Args[0]), c.Args[1], c.Args[2]) }

func fchown(k *Kernel, _ *task, c *ptlib.Call) {
	if k.isPathFD(c, c.Args[0]) {
		c.Fail(unix.EBADF)
		return
	}
	k.chownAt(c, byFD(c.Args[0]), c.Args[1], c.Args[2])
}

func fchownat(k *Kernel, _ *task, c *ptlib.Call) {
	if uint32(c.Args[4])&^(unix.AT_SYMLINK_NOFOLLOW|unix.AT_EMPTY_PATH) != 0 {
		c.Fail(unix.EINVAL)
		return
	}
	k.chownAt(c, byAt(c.Args[0], c.Args[1], c.Args[4]), c.Args[2], c.Args[3])
}

// keepID is the argument of chown(2) and others that changes nothing.
const keepID = ^uint32(0)

// id widens an id argument: of the old calls' 16 bits, all ones mean keepID (kernel/uid16.c, low2highuid).
func id(c *ptlib.Call, arg uint64) uint32 {
	if c.Sys.Has16BitIDs() {
		if uint16(arg) == 0xffff {
			return keepID
		}
		return uint32(uint16(arg))
	}
	return uint32(arg)
}

// chownAt remembers a change of owner. The kernel's order is fs/open.c, chown_common.
func (k *Kernel) chownAt(c *ptlib.Call, tg target, uid, gid uint64) {
	c.Local[0], c.Local[1] = uint64(id(c, uid)), uint64(id(c, gid))
	how := told
	if c.Local[0] == uint64(keepID) && c.Local[1] == uint64(keepID) {
		how = dated
	}
	t := taskOf(c.Thread)
	if in, ok := k.glanceInode(t, c, tg, gaze{mask: statxMask, touch: how}); ok {
		k.claimOwner(t, c, in, untouched)
		return
	}
	k.look(c, tg, func(k *Kernel, t *task, c *ptlib.Call, in *inode) { k.claimOwner(t, c, in, how) })
}

// claimOwner ends a chown of a file that has been looked at, and is yet to be touched.
func (k *Kernel) claimOwner(t *task, c *ptlib.Call, in *inode, how touch) {
	uid, gid := uint32(c.Local[0]), uint32(c.Local[1])
	next, dropCaps, errno := t.cred.Chown(in.Inode, uid, gid)
	if errno == 0 && in.real.Immutable {
		errno = unix.EPERM
	}
	if how != untouched {
		errno = k.touch(how, c, in, errno)
	}
	if errno != 0 {
		c.Fail(errno)
		return
	}
	if next.Mode != in.Mode {
		in.claim.SetMode(next.Mode)
	}
	if uid != keepID || gid != keepID {
		in.claim.SetOwner(next.UID, next.GID)
	}
	if dropCaps {
		k.dropCaps(in)
	}
	in.Inode = next
	k.remember(c, in)
	c.Answer(0)
}

// dropCaps takes the file's capabilities away, as every change of its owner or content does.
func (k *Kernel) dropCaps(in *inode) { dropFileCaps(&in.claim, k.isCallers(&in.real)) }

func dropFileCaps(claim *lies.Claim, callers bool) {
	if hasFileCaps(claim) {
		hideXattr(claim, callers, cred.FileCapsName)
	}
}

// hasFileCaps reports whether capabilities are claimed of a file. An empty value, which is none, stays whatever happens
// (security/commoncap.c, cap_inode_need_killpriv).
func hasFileCaps(claim *lies.Claim) bool {
	x, ok := claim.Xattr(cred.FileCapsName)
	return ok && !x.Hidden && len(x.Value) > 0
}
