//go:build linux

package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Flags of open whose values differ between architectures, with those of x86
// (include/uapi/asm-generic/fcntl.h), which is what is printed.
var flagValues = []struct{ here, x86 openFlags }{
	{unix.O_DIRECT, 0o40000},
	{unix.O_DIRECTORY, 0o200000},
	{unix.O_NOFOLLOW, 0o400000},
}

func (f openFlags) String() string {
	printed := f
	for _, v := range flagValues {
		if f&v.here != 0 {
			printed &^= v.here
		}
	}
	for _, v := range flagValues {
		if f&v.here != 0 {
			printed |= v.x86
		}
	}
	return fmt.Sprintf("%#x", uint64(printed))
}
