package guest

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/acl"
	"github.com/feign-build/feign/wrapper/guest/cred"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

var chrootRows = flat(
	emulateWhere("chroot", "the task sees another root directory from then on: its paths are translated, and only its own; in namespaces of the action's the kernel does it", chroot, contested, ptlib.SysChroot),
	emulateWhere("chroot", "as seen from the task's root directory", getcwd, seldom, ptlib.SysGetcwd),
)

// chroot is fs/open.c sys_chroot.
func chroot(k *Kernel, t *task, c *ptlib.Call) {
	k.lookPlace(t, c, byPath(c.Args[0]), func(t *task, c *ptlib.Call, in *inode, place vfs.Place) unix.Errno {
		if errno := mayChroot(t, in); errno != 0 {
			return errno
		}
		return k.chrootTo(t, c, place)
	})
}

func mayChroot(t *task, in *inode) unix.Errno {
	if !in.isDir() {
		return unix.ENOTDIR
	}
	if errno := t.cred.Permission(in.Inode, acl.Exec); errno != 0 {
		return errno
	}
	if !t.cred.Capable(cred.CAP_SYS_CHROOT) {
		return unix.EPERM
	}
	return 0
}

// chrootTo gives the task another root directory.
func (k *Kernel) chrootTo(t *task, c *ptlib.Call, place vfs.Place) unix.Errno {
	if k.real != nil {
		return k.realChroot(c)
	}
	if place.Virtual == "" { // outside of the task's root directory: no wall, as chroot(2)
		virtual, ok := k.namespace.Virtual(place.Host, "/")
		if !ok {
			return unix.EPERM // no path leads there
		}
		place.Virtual = virtual
	}
	if place.Virtual == "/" && !t.viewed() && len(k.namespace.Mounts()) == 0 {
		return 0
	}
	if errno := k.filterAll(t, c, k.paths); errno != 0 {
		return errno
	}
	t.fs.root = place.Virtual
	return 0
}

// getcwd is fs/d_path.c sys_getcwd, in terms of the task's root directory.
func getcwd(k *Kernel, t *task, c *ptlib.Call) {
	if !t.viewed() {
		return
	}
	host, err := os.Readlink(procFD(c.Thread.Tid, atFDCWD))
	if err != nil || strings.HasSuffix(host, " (deleted)") {
		return // ENOENT
	}
	shown := k.shown(t, host)
	if shown == "" {
		shown = "(unreachable)" + host
	}
	size := uint64(len(shown) + 1)
	if size > c.Args[1] {
		c.Fail(unix.ERANGE)
		return
	}
	if errno := c.Thread.WriteString(c.Args[0], shown); errno != 0 {
		c.Fail(errno)
		return
	}
	c.Answer(int64(size))
}

// shown is the path by which a task knows a file of the host; "" if it is outside of its root directory.
func (k *Kernel) shown(t *task, host string) string {
	w := k.walker(t)
	return w.Shown(w.PlaceOf(host))
}
