//go:build linux && 386

package ptlib

import "golang.org/x/sys/unix"

// pokeText writes 64 bits to the tracee's memory, read-only text included: ptrace gives the tracee a copy of the page.
func (t *Thread) pokeText(addr uintptr, word uint64) unix.Errno {
	if errno := t.request(unix.PTRACE_POKETEXT, addr, uintptr(uint32(word))); errno != 0 {
		return errno
	}
	return t.request(unix.PTRACE_POKETEXT, addr+4, uintptr(word>>32))
}
