//go:build linux && (amd64 || arm64 || riscv64)

package ptlib

import "golang.org/x/sys/unix"

// pokeText writes 64 bits to the tracee's memory, read-only text included: ptrace gives the tracee a copy of the page.
func (t *Thread) pokeText(addr uintptr, word uint64) unix.Errno {
	return t.request(unix.PTRACE_POKETEXT, addr, uintptr(word))
}
