package guest

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

var nodeRows = flat(
	emulateWhere("node", "a device is an empty file on disk, and remembered; others are made", mknod, deviceContested(1), ptlib.SysMknod),
	emulateWhere("node", "as mknod, relative to a directory", mknodat, deviceContested(2), ptlib.SysMknodat),
)

// deviceContested selects every call; those that make devices, which sandboxes forbid, such that an outer filter has no
// say.
func deviceContested(arg int) []ptlib.Rule {
	char, block := where(arg, unix.S_IFMT, unix.S_IFCHR), where(arg, unix.S_IFMT, unix.S_IFBLK)
	char.Do, block.Do = ptlib.StopContested, ptlib.StopContested
	return []ptlib.Rule{char, block, {Do: ptlib.Stop}}
}

func mknod(k *Kernel, t *task, c *ptlib.Call) {
	k.mknodAt(t, c, byLink(c.Args[0]), uint32(c.Args[1]), c.Args[2])
}

func mknodat(k *Kernel, t *task, c *ptlib.Call) {
	k.mknodAt(t, c, byAt(c.Args[0], c.Args[1], unix.AT_SYMLINK_NOFOLLOW), uint32(c.Args[2]), c.Args[3])
}

// mknodAt makes a node. The placeholder of a device is made with the same call, so that the kernel says everything else
// about path, umask and directory.
func (k *Kernel) mknodAt(t *task, c *ptlib.Call, tg target, mode uint32, dev uint64) {
	if errno := cred.CheckMknod(mode); errno != 0 {
		c.Fail(errno)
		return
	}
	kind := mode & unix.S_IFMT
	if kind == unix.S_IFCHR || kind == unix.S_IFBLK {
		if errno := k.mayMknod(t, c, tg, mode, dev); errno != 0 {
			c.Fail(errno)
			return
		}
	} else if kind == 0 {
		kind = unix.S_IFREG
	}
	k.create(t, c, creation{at: tg, kind: kind, mode: mode & 07777, rdev: deviceNumber(uint32(dev))})
}

// deviceNumber is the number in the form of stat(2) for the argument of mknod(2), which has 32 bits
// (include/linux/kdev_t.h, new_decode_dev).
func deviceNumber(dev uint32) uint64 {
	return unix.Mkdev(dev>>8&0xfff, dev&0xff|dev>>12&0xfff00)
}
