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

// answerOnly is answer for a call that has not begun, where nobody has asked for the registers: the two that say that no call
// is to be made, and with what result, are all that is written. If it reports false, they may be written or not.
func (t *Thread) answerOnly(result int64) bool {
	// The offsets are those of struct user (sys/user.h), which begins with the registers.
	var r registers
	errno := t.request(unix.PTRACE_POKEUSR, unsafe.Offsetof(r.Orig_rax), ^uintptr(0))
	if errno == 0 {
		errno = t.request(unix.PTRACE_POKEUSR, unsafe.Offsetof(r.Rax), uintptr(result))
	}
	return errno == 0 || errno == unix.ESRCH
}
