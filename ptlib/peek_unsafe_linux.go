package ptlib

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// peekSize is that of what PTRACE_PEEKDATA reads and PTRACE_POKEDATA writes.
const peekSize = unsafe.Sizeof(uintptr(0))

// peek is vmRead word by word, where process_vm_readv(2) is missing: before Linux 3.2, without CONFIG_CROSS_MEMORY_ATTACH, and
// in gVisor of 2022. The thread has to be stopped, and memory that the process itself may not read is read too.
func peek(tid int, addr uintptr, buf []byte) (int, unix.Errno) {
	done := 0
	for done < len(buf) {
		at := addr + uintptr(done)
		word, errno := peekWord(tid, at&^(peekSize-1))
		if errno != 0 {
			return partly(done, errno)
		}
		done += copy(buf[done:], word[at%peekSize:])
	}
	return done, 0
}

// poke is vmWrite in the same manner: memory that the process itself may not write is written too.
func poke(tid int, addr uintptr, buf []byte) (int, unix.Errno) {
	done := 0
	for done < len(buf) {
		at := addr + uintptr(done)
		aligned, offset := at&^(peekSize-1), at%peekSize
		var word [peekSize]byte
		if offset != 0 || len(buf)-done < len(word) {
			var errno unix.Errno
			if word, errno = peekWord(tid, aligned); errno != 0 {
				return partly(done, errno)
			}
		}
		n := copy(word[offset:], buf[done:])
		if errno := ptrace(unix.PTRACE_POKEDATA, tid, aligned, *(*uintptr)(unsafe.Pointer(&word))); errno != 0 {
			return partly(done, errno)
		}
		done += n
	}
	return done, 0
}

// peekWord reads the word at an address that is aligned, so that it lies within one page.
func peekWord(tid int, addr uintptr) (word [peekSize]byte, errno unix.Errno) {
	errno = ptrace(unix.PTRACE_PEEKDATA, tid, addr, uintptr(unsafe.Pointer(&word)))
	return word, errno
}

// partly is the result of a copy that has come to an end: an error only if there is nothing, as with process_vm_readv(2).
func partly(done int, errno unix.Errno) (int, unix.Errno) {
	switch {
	case done > 0:
		return done, 0
	case errno == unix.EIO: // no memory there (kernel/ptrace.c, generic_ptrace_peekdata)
		return 0, unix.EFAULT
	}
	return 0, errno
}
