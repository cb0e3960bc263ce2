package ptlib

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// pathMax is PATH_MAX: the longest path that the kernel takes, the terminating zero included (include/uapi/linux/limits.h).
const pathMax = 4096

const pageSize = 4096 // the least that any supported kernel uses; only bounds how far a read of unknown length goes

var nativeEndian = binary.NativeEndian

// ReadMemory fills buf from the process's memory; EFAULT, if not all of it is there.
func (t *Thread) ReadMemory(addr uint64, buf []byte) unix.Errno {
	n, errno := t.readSome(addr, buf)
	if errno == 0 && n != len(buf) {
		return unix.EFAULT
	}
	return errno
}

// readSome reads as far as the memory goes.
func (t *Thread) readSome(addr uint64, buf []byte) (int, unix.Errno) {
	if t.lost {
		return 0, unix.ESRCH
	}
	t.tracer.stats.Transfers++
	n, errno := vmRead(t.Tid, uintptr(addr), buf)
	return n, memoryErrno(errno)
}

// WriteMemory copies buf into the process's memory; EFAULT, if the process may not write all of it.
func (t *Thread) WriteMemory(addr uint64, buf []byte) unix.Errno {
	if t.lost {
		return unix.ESRCH
	}
	t.tracer.text = text{}
	t.tracer.stats.Transfers++
	n, errno := vmWrite(t.Tid, uintptr(addr), buf)
	if errno == 0 && n != len(buf) {
		return unix.EFAULT
	}
	return memoryErrno(errno)
}

// memoryErrno tells apart what a transfer can fail with: the tracee is gone (ESRCH), its memory is closed to us (EPERM: it
// made itself undumpable, or runs a program that we may not read; kernel/ptrace.c, __ptrace_may_access), or there is none.
func memoryErrno(errno unix.Errno) unix.Errno {
	switch errno {
	case 0, unix.ESRCH, unix.EPERM:
		return errno
	}
	return unix.EFAULT
}

// text tells which string of a tracee the tracer's buffer holds.
type text struct {
	of     *Thread // nil: none
	addr   uint64
	stop   uint64 // the number of the stop at which it was read
	length int
}

// spare is n bytes of the buffer for another use, until the next read of a string.
func (tr *Tracer) spare(n int) []byte {
	tr.text = text{}
	return tr.buf[:n]
}

// ReadString reads a zero-terminated string of fewer than limit bytes, without the zero. The bytes are valid until the
// next read or write of a string. errno is EFAULT, if the memory ends before the string does, and ENAMETOOLONG, if there is no
// zero within limit bytes. limit is at most 4096.
//
// What is read once is what it is for the rest of the stop, unless WriteMemory is called: other threads may change the memory.
func (t *Thread) ReadString(addr uint64, limit int) ([]byte, unix.Errno) {
	buf, have := t.tracer.buf[:min(limit, pathMax)], &t.tracer.text
	at := text{of: t, addr: addr, stop: t.tracer.stats.Stops, length: have.length}
	if *have == at && have.length < len(buf) && !t.lost {
		return buf[:have.length:have.length], 0
	}
	*have = text{}
	n, errno := t.readString(addr, buf)
	if errno != 0 {
		return nil, errno
	}
	at.length = n
	*have = at
	return buf[:n:n], 0
}

// firstPiece is how much of a string is read at first, in bytes. Most paths are shorter, and what is not there need not be copied.
const firstPiece = 256

// readString is ReadString into buf; n is the length of the string.
func (t *Thread) readString(addr uint64, buf []byte) (n int, errno unix.Errno) {
	for size := firstPiece; n < len(buf); size = pageSize {
		// Up to the end of the page: the next one may not be there, and need not.
		at := addr + uint64(n)
		piece := buf[n:][:min(len(buf)-n, size, int(pageSize-at%pageSize))]
		if errno := t.ReadMemory(at, piece); errno != 0 {
			return 0, errno
		}
		if i := bytes.IndexByte(piece, 0); i >= 0 {
			return n + i, 0
		}
		n += len(piece)
	}
	return 0, unix.ENAMETOOLONG
}

// WriteString copies a string and a zero into the process's memory; EFAULT, if the process may not write all of it.
func (t *Thread) WriteString(addr uint64, s string) unix.Errno {
	errno := t.WriteMemory(addr, append([]byte(s), 0))
	if tr := t.tracer; errno == 0 && len(s) < len(tr.buf) {
		tr.text = text{of: t, addr: addr, stop: tr.stats.Stops, length: copy(tr.buf[:], s)}
	}
	return errno
}

// ReadPath reads a path argument as the kernel does (fs/namei.c, getname_flags): at most 4095 bytes.
func (t *Thread) ReadPath(addr uint64) ([]byte, unix.Errno) { return t.ReadString(addr, pathMax) }
