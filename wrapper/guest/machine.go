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
	emulate("machine", "EPERM, after the check of its magic numbers", reboot, ptlib.SysReboot),
	emulate("machine", "EPERM, from the kernel: an action that believed to have set the clock would see that it did not; root "+
		"itself, as a caller, is refused too", setClock,
		ptlib.SysSettimeofday, ptlib.SysStime, ptlib.SysClockSettime, ptlib.SysClockSettime64),
)

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
