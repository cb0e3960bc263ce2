package guest

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
)

// Calls that fail, whoever makes them, without a stop. ENOSYS is for those that would go past the lies: programs take
// the kernel for an older one. EPERM is for those that are about the machine: programs take the action for a
// container.
var refusedRows = flat(
	refuse("io_uring", "its operations are made by the kernel and never meet the filter: owners, modes and paths would be real ones", unix.ENOSYS,
		ptlib.SysIoUringSetup, ptlib.SysIoUringEnter, ptlib.SysIoUringRegister),

	refuse("mount", "as root in a container: an action that believes in a mount would find other files there", unix.EPERM,
		ptlib.SysMoveMount, ptlib.SysFsopen,
		ptlib.SysFsconfig, ptlib.SysFsmount, ptlib.SysFspick, ptlib.SysMountSetattr, ptlib.SysOpenTreeAttr),
	refuse("mount", "another namespace has other files and ids than those that are remembered", unix.EPERM, ptlib.SysSetns),
	refuse("mount", "a file by its handle is found past every directory's permissions", unix.EPERM, ptlib.SysOpenByHandleAt),

	refuse("machine", "the machine's, as in a container: swapping, accounting, terminals", unix.EPERM,
		ptlib.SysSwapon, ptlib.SysSwapoff, ptlib.SysAcct, ptlib.SysVhangup),
	refuse("machine", "the kernel's code is the machine's", unix.EPERM,
		ptlib.SysInitModule, ptlib.SysFinitModule, ptlib.SysDeleteModule, ptlib.SysKexecLoad, ptlib.SysKexecFileLoad),
	refuse("machine", "the ports are the machine's", unix.EPERM, ptlib.SysIoperm, ptlib.SysIopl),
)
