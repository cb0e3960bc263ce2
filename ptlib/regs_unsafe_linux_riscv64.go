package ptlib

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// ntPRStatus is the regset of the general registers (include/uapi/linux/elf.h, NT_PRSTATUS).
const ntPRStatus = 1

// ptraceSetSyscallInfo is PTRACE_SET_SYSCALL_INFO, since Linux 6.16.
const ptraceSetSyscallInfo = 0x4212

// Kinds of stop in struct ptrace_syscall_info; the third is syscallInfoSeccomp.
const syscallInfoEntry = 1

// ptraceGetRegs reads the registers, and at the entry of a call its first argument.
func ptraceGetRegs(tid int, r *registers) unix.Errno {
	if errno := regset(unix.PTRACE_GETREGSET, tid, r); errno != 0 {
		return errno
	}
	var info syscallInfo
	errno := ptraceSyscallInfo(tid, &info)
	r.entry = errno == 0 && (info.op == syscallInfoEntry || info.op == syscallInfoSeccomp)
	r.first, r.changed = info.args[0], false
	return 0
}

// ptraceSetRegs writes the registers, and a first argument that was changed. If that is refused the call is not made, rather
// than with the program's own argument.
func ptraceSetRegs(tid int, r *registers) unix.Errno {
	if !r.changed {
		return regset(unix.PTRACE_SETREGSET, tid, r)
	}
	var info syscallInfo
	errno := ptraceSyscallInfo(tid, &info)
	if errno == 0 {
		info.nr, info.args = r.user.A7, r.args(ABIRISCV64)
		errno = ptrace(ptraceSetSyscallInfo, tid, unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)))
	}
	if errno != 0 {
		r.setNumber(noCall)
		r.setResult(-int64(unix.ENOSYS))
	}
	return regset(unix.PTRACE_SETREGSET, tid, r)
}

func regset(request, tid int, r *registers) unix.Errno {
	iov := unix.Iovec{Base: (*byte)(unsafe.Pointer(&r.user)), Len: uint64(unsafe.Sizeof(r.user))}
	return ptrace(request, tid, ntPRStatus, uintptr(unsafe.Pointer(&iov)))
}
