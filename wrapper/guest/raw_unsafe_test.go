package guest

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// room is memory at a fixed place for the arguments of raw calls.
var room [4096]byte

// at is the address of a byte of room.
func at(offset int) uintptr { return uintptr(unsafe.Pointer(&room[offset])) }

// raw makes a call on the calling thread alone and prints its outcome.
func raw(what string, nr uintptr, args ...uintptr) {
	var a [6]uintptr
	copy(a[:], args)
	r, _, errno := unix.RawSyscall6(nr, a[0], a[1], a[2], a[3], a[4], a[5])
	if errno != 0 {
		fmt.Println(what, unix.ErrnoName(errno))
		return
	}
	fmt.Println(what, r)
}

// address is where a slice's bytes are.
func address(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }
