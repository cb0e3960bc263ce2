package cred

import (
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// escaped keeps what a call points to on the heap: a stack may move between the
// conversion of a pointer and the call.
var escaped []any

// raw is a system call on the calling thread alone. Arguments are numbers, or
// pointers to a byte or a uint32.
func raw(nr uintptr, args ...any) (int, syscall.Errno) {
	escaped = args
	var a [6]uintptr
	for i, arg := range args {
		switch v := arg.(type) {
		case int:
			a[i] = uintptr(v)
		case uintptr:
			a[i] = v
		case uint32:
			a[i] = uintptr(v)
		case uint64:
			a[i] = uintptr(v)
		case *byte:
			a[i] = uintptr(unsafe.Pointer(v))
		case *uint32:
			a[i] = uintptr(unsafe.Pointer(v))
		default:
			panic("raw: argument of a type that it does not know")
		}
	}
	r, _, errno := unix.RawSyscall6(nr, a[0], a[1], a[2], a[3], a[4], a[5])
	runtime.KeepAlive(args)
	if errno != 0 {
		return 0, errno
	}
	return int(r), 0
}
