package guest

import (
	"slices"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

// Calls that are refused with EPERM after their arguments were looked at, as the kernel does: programs that probe tell a
// missing directory from a missing privilege.
var machineRows = flat(
	emulate("machine", "EPERM, as to root in a container, after the kernel's checks of the path: an action that believes in a "+
		"mount would find other files there", mount, ptlib.SysMount),
	emulate("machine", "as mount; what is no mount is EINVAL", umount, ptlib.SysUmount, ptlib.SysUmount2),
	emulate("machine", "as mount", pivotRoot, ptlib.SysPivotRoot),
	emulate("machine", "EPERM, after the check of its magic numbers", reboot, ptlib.SysReboot),
	emulate("machine", "EPERM, from the kernel: an action that believed to have set the clock would see that it did not; root "+
		"itself, as a caller, is refused too", setClock,
		ptlib.SysSettimeofday, ptlib.SysStime, ptlib.SysClockSettime, ptlib.SysClockSettime64),
)

// mount is fs/namespace.c do_mount, as far as the target's path.
func mount(k *Kernel, t *task, c *ptlib.Call) {
	at := byPath(c.Args[1])
	if errno := k.mayReach(t, c, at); errno != 0 {
		c.Fail(errno)
		return
	}
	k.look(c, at, func(_ *Kernel, _ *task, c *ptlib.Call, _ *inode) { c.Fail(unix.EPERM) })
}

const umountFlags = unix.MNT_FORCE | unix.MNT_DETACH | unix.MNT_EXPIRE | unix.UMOUNT_NOFOLLOW

// umount is fs/namespace.c ksys_umount and can_umount. The older call has no flags.
func umount(k *Kernel, t *task, c *ptlib.Call) {
	at := byPath(c.Args[0])
	if c.Sys == ptlib.SysUmount2 {
		flags := uint32(c.Args[1])
		if flags&^umountFlags != 0 {
			c.Fail(unix.EINVAL)
			return
		}
		if flags&unix.UMOUNT_NOFOLLOW != 0 {
			at = byLink(c.Args[0])
		}
	}
	if errno := k.mayReach(t, c, at); errno != 0 {
		c.Fail(errno)
		return
	}
	k.look(c, at, func(k *Kernel, t *task, c *ptlib.Call, in *inode) {
		if t.cred.Capable(cred.CAP_SYS_ADMIN) && !k.isMount(c, in) {
			c.Fail(unix.EINVAL)
			return
		}
		c.Fail(unix.EPERM)
	})
}

// isMount reports whether a file is where a file system is mounted, or whether that cannot be known.
func (k *Kernel) isMount(c *ptlib.Call, in *inode) bool {
	r, errno := k.reach(c, in)
	if errno != 0 {
		return true
	}
	defer r.close()
	var stx unix.Statx_t
	if unix.Statx(r.fd, "", unix.AT_EMPTY_PATH, 0, &stx) != nil || stx.Attributes_mask&unix.STATX_ATTR_MOUNT_ROOT == 0 {
		return true
	}
	return stx.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0
}

// pivotRoot is fs/namespace.c sys_pivot_root, as far as the path of the new root.
func pivotRoot(k *Kernel, t *task, c *ptlib.Call) {
	if !t.cred.Capable(cred.CAP_SYS_ADMIN) {
		c.Fail(unix.EPERM)
		return
	}
	k.look(c, byPath(c.Args[0]), func(_ *Kernel, _ *task, c *ptlib.Call, in *inode) {
		if !in.isDir() {
			c.Fail(unix.ENOTDIR)
			return
		}
		c.Fail(unix.EPERM)
	})
}

// reboot is kernel/reboot.c sys_reboot, without its end.
func reboot(_ *Kernel, t *task, c *ptlib.Call) {
	if !t.cred.Capable(cred.CAP_SYS_BOOT) || isRebootMagic(uint32(c.Args[0]), uint32(c.Args[1])) {
		c.Fail(unix.EPERM)
		return
	}
	c.Fail(unix.EINVAL)
}

// rebootMagic2 are the values of the second argument (include/uapi/linux/reboot.h).
var rebootMagic2 = []uint32{unix.LINUX_REBOOT_MAGIC2, 85072278, 369367448, 537993216}

func isRebootMagic(magic1, magic2 uint32) bool {
	return magic1 == unix.LINUX_REBOOT_MAGIC1 && slices.Contains(rebootMagic2, magic2)
}

// setClock lets the kernel look at the arguments, which refuses a caller without privileges in the end. It would even refuse
// to set nothing.
func setClock(k *Kernel, t *task, c *ptlib.Call) {
	switch {
	case c.Sys == ptlib.SysSettimeofday && c.Args[0] == 0 && c.Args[1] == 0 && t.cred.Capable(cred.CAP_SYS_TIME):
		c.Answer(0)
	case k.caller.UID == 0 || hasCapabilities():
		c.Fail(unix.EPERM)
	}
}

// hasCapabilities reports whether this process, and so the action, has any capability really.
func hasCapabilities() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	return unix.Capget(&header, &data[0]) != nil || data[0].Effective|data[1].Effective != 0
}
