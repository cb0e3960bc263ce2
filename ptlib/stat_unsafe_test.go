package ptlib

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// rawStat is the structure as the kernel fills it.
func rawStat(st *unix.Stat_t) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(st)), unsafe.Sizeof(*st))
}
