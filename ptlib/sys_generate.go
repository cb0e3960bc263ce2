package ptlib

import (
	"fmt"
	"iter"
)

//go:generate go run ./internal/sysgen

// String returns the kernel's name of the call ("newfstatat", "io_uring_setup"), "unknown" for SysUnknown. The 16-bit
// id calls of 32-bit ABIs have the names of their functions in kernel/uid16.c ("chown16").
func (s Sys) String() string {
	if s >= numSys {
		return fmt.Sprintf("sys(%d)", uint16(s))
	}
	return sysNames[s]
}

// ParseSys returns the call that String names so.
func ParseSys(name string) (Sys, bool) {
	s, ok := sysByName[name]
	return s, ok
}

// AllSys iterates over every known call, in the order of their constants; SysUnknown is not among them.
func AllSys() iter.Seq[Sys] {
	return func(yield func(Sys) bool) {
		for s := SysUnknown + 1; s < numSys; s++ {
			if !yield(s) {
				return
			}
		}
	}
}

var sysByName = func() map[string]Sys {
	m := make(map[string]Sys, numSys)
	for s := range AllSys() {
		m[sysNames[s]] = s
	}
	return m
}()
