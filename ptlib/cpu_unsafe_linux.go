package ptlib

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// currentCPU returns the processor that the calling thread runs on, -1 if the kernel does not tell.
func currentCPU() int {
	var cpu uint32
	if _, _, errno := unix.RawSyscall(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&cpu)), 0, 0); errno != 0 {
		return -1
	}
	return int(cpu)
}
