//go:build linux

package main

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Types of arguments, which say how an argument is printed.
type (
	octal uint32 // a mode
	hex   uint64 // flags
	// openFlags are those of open: their values are not the same everywhere.
	openFlags uint64
	fd        int     // a file descriptor: its number is never printed
	ptr       uintptr // an address: neither is it
)

// cwd is AT_FDCWD.
const cwd = fd(unix.AT_FDCWD)

// pinned keeps what was passed to the kernel as an address alive: a case is
// short, so nothing is ever let go.
var pinned []any

func addr[T any](p *T) ptr {
	pinned = append(pinned, p)
	return ptr(unsafe.Pointer(p))
}

// cstring is the address of s with a NUL behind it.
func cstring(s string) ptr {
	b := append([]byte(s), 0)
	return addr(&b[0])
}

// buffer is the address of b, or 0 for an empty one.
func buffer(b []byte) ptr {
	if len(b) == 0 {
		return 0
	}
	return addr(&b[0])
}

// stringVector is an argument or environment vector, with its null at the end.
func stringVector(text ...string) ptr {
	v := make([]ptr, len(text)+1)
	for i, s := range text {
		v[i] = cstring(s)
	}
	return addr(&v[0])
}

// bytesAt views n bytes at p, which came from mmap.
func bytesAt(p ptr, n int) []byte {
	return unsafe.Slice((*byte)(*(*unsafe.Pointer)(unsafe.Pointer(&p))), n)
}

// word makes one syscall argument of a value.
func word(arg any) uintptr {
	switch v := arg.(type) {
	case nil:
		return 0
	case int:
		return uintptr(v)
	case int64:
		return uintptr(v)
	case uint32:
		return uintptr(v)
	case uintptr:
		return v
	case octal:
		return uintptr(v)
	case hex:
		return uintptr(v)
	case openFlags:
		return uintptr(v)
	case fd:
		return uintptr(v)
	case ptr:
		return uintptr(v)
	case string:
		return uintptr(cstring(v))
	case []byte:
		return uintptr(buffer(v))
	}
	panic(fmt.Sprintf("victim: no syscall argument can be made of %T", arg))
}

// call makes the system call nr on this thread, by no way round.
func call(nr uintptr, args ...any) (int, unix.Errno) {
	nr, args = spell(nr, args)
	var a [6]uintptr
	for i, arg := range args {
		a[i] = word(arg)
	}
	r, _, errno := unix.Syscall6(nr, a[0], a[1], a[2], a[3], a[4], a[5])
	return int(r), errno
}
