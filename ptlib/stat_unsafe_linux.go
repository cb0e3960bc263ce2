package ptlib

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// statxIn is b's room, for the kernel to fill.
func statxIn(b *StatBuffer) *unix.Statx_t { return (*unix.Statx_t)(unsafe.Pointer(&b.raw)) }

// The structure has that room, and no more.
const _ = uint(statMax-unsafe.Sizeof(unix.Statx_t{})) + uint(unsafe.Sizeof(unix.Statx_t{})-statMax)
