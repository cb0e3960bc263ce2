package guest

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
)

// The flags of chattr(1), by path. Those that only root may set (immutable, append-only) are refused by the kernel, as they are
// to root in a container.
var fileattrRows = flat(
	emulateDropped("dropped", "a task that is no longer root may set the flags of its own files alone; flags that only root "+
		"may set (immutable) are refused by the kernel as to root in a container", checkSetattr, ptlib.SysFileSetattr),
	emulateDropped("dropped", "a task that is no longer root may ask only where it may search", checkGetattr, ptlib.SysFileGetattr),
)

// fileAttrSize is the size of struct file_attr of the first version.
const fileAttrSize = 24

// fileattrTarget is the file of file_getattr(2) and file_setattr(2); ok is false where the kernel will find fault with the
// other arguments first (fs/file_attr.c).
func fileattrTarget(c *ptlib.Call) (at target, ok bool) {
	flags := uint32(c.Args[4])
	if flags&^(unix.AT_SYMLINK_NOFOLLOW|unix.AT_EMPTY_PATH) != 0 || c.Args[3] < fileAttrSize {
		return target{}, false
	}
	return byAt(c.Args[0], c.Args[1], c.Args[4]), true
}

func checkGetattr(k *Kernel, t *task, c *ptlib.Call) {
	at, ok := fileattrTarget(c)
	if !ok {
		return
	}
	if errno := k.mayReach(t, c, at); errno != 0 {
		c.Fail(errno)
	}
}

func checkSetattr(k *Kernel, t *task, c *ptlib.Call) {
	at, ok := fileattrTarget(c)
	if !ok || !t.isDropped() {
		return
	}
	f, errno := k.search(t.cred, c, at, endingOf(at))
	if errno == 0 && f.there && !t.cred.OwnerOrCapable(f.file.UID) {
		errno = unix.EPERM
	}
	if errno != 0 {
		c.Fail(errno)
	}
}
