package ptlib

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// changeAction is sigaction(2) for this process, behind the Go runtime's back; either pointer may be nil.
func changeAction(sig unix.Signal, action, before *sigaction) unix.Errno {
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig),
		uintptr(unsafe.Pointer(action)), uintptr(unsafe.Pointer(before)), sigsetSize, 0, 0)
	return errno
}
