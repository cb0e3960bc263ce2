package ptlib

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// sigaction is the kernel's struct sigaction, on the architectures that have sa_restorer.
type sigaction struct {
	handler  uintptr
	flags    uintptr
	restorer uintptr
	mask     uint64
}

// saNoCldStop is SA_NOCLDSTOP of the kernel's flags.
const saNoCldStop = 1

// quietStops keeps the kernel from sending SIGCHLD at every stop of a tracee (kernel/signal.c, do_notify_parent_cldstop):
// the Go runtime has a handler for it, and running that costs as much as a ptrace request. The tracer waits by wait4(2),
// which is woken all the same, and exits are still signalled. restore undoes it, as far as nobody else changed the action
// meanwhile.
func quietStops() (restore func()) {
	var before sigaction
	if changeSigchld(nil, &before) != 0 || before.flags&saNoCldStop != 0 {
		return func() {}
	}
	quiet := before
	quiet.flags |= saNoCldStop
	if changeSigchld(&quiet, nil) != 0 {
		return func() {}
	}
	return func() {
		var now sigaction
		if changeSigchld(nil, &now) == 0 && now == quiet {
			changeSigchld(&before, nil)
		}
	}
}

func changeSigchld(action, before *sigaction) unix.Errno {
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(unix.SIGCHLD),
		uintptr(unsafe.Pointer(action)), uintptr(unsafe.Pointer(before)), sigsetSize, 0, 0)
	return errno
}
