package ptlib

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The registers are read by PTRACE_GETREGS, which shows those of a 32-bit tracee in the tracer's own layout;
// PTRACE_GETREGSET would show the 32-bit one (arch/x86/kernel/ptrace.c, arch_ptrace and task_user_regset_view).

func ptraceGetRegs(tid int, r *registers) unix.Errno {
	return ptrace(unix.PTRACE_GETREGS, tid, 0, uintptr(unsafe.Pointer(r)))
}

func ptraceSetRegs(tid int, r *registers) unix.Errno {
	return ptrace(unix.PTRACE_SETREGS, tid, 0, uintptr(unsafe.Pointer(r)))
}
