package ptlib

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Regsets (include/uapi/linux/elf.h).
const (
	ntPRStatus      = 1     // NT_PRSTATUS: the general registers
	ntARMSystemCall = 0x404 // NT_ARM_SYSTEM_CALL: the number of the call in progress, an int
)

// ptraceGetRegs reads the registers in the tracee's own layout; the length tells which one it is.
func ptraceGetRegs(tid int, r *registers) unix.Errno {
	n := unsafe.Sizeof(r.native)
	errno := regset(unix.PTRACE_GETREGSET, tid, ntPRStatus, unsafe.Pointer(&r.native), &n)
	if errno != 0 {
		return errno
	}
	r.replaced = false
	if r.is32 = n == unsafe.Sizeof(r.compat); r.is32 {
		r.compat = *(*[compatRegs]uint32)(unsafe.Pointer(&r.native))
	}
	return 0
}

func ptraceSetRegs(tid int, r *registers) unix.Errno {
	general, n := unsafe.Pointer(&r.native), unsafe.Sizeof(r.native)
	if r.is32 {
		general, n = unsafe.Pointer(&r.compat), unsafe.Sizeof(r.compat)
	}
	errno := regset(unix.PTRACE_SETREGSET, tid, ntPRStatus, general, &n)
	if errno != 0 || !r.replaced {
		return errno
	}
	n = unsafe.Sizeof(r.next)
	return regset(unix.PTRACE_SETREGSET, tid, ntARMSystemCall, unsafe.Pointer(&r.next), &n)
}

// regset reads or writes n bytes of a regset, and tells how many there were.
func regset(request, tid int, kind uintptr, data unsafe.Pointer, n *uintptr) unix.Errno {
	iov := unix.Iovec{Base: (*byte)(data), Len: uint64(*n)}
	errno := ptrace(request, tid, kind, uintptr(unsafe.Pointer(&iov)))
	*n = uintptr(iov.Len)
	return errno
}
