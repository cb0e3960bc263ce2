package ptlib

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

func ptraceGetRegs(tid int, r *registers) unix.Errno {
	return ptrace(unix.PTRACE_GETREGS, tid, 0, uintptr(unsafe.Pointer(r)))
}

func ptraceSetRegs(tid int, r *registers) unix.Errno {
	return ptrace(unix.PTRACE_SETREGS, tid, 0, uintptr(unsafe.Pointer(r)))
}
