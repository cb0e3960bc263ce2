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

// ReadString reads a zero-terminated string of fewer than limit bytes, without the zero. The bytes are valid until the
// next read of a string. errno is EFAULT, if the memory ends before the string does, and ENAMETOOLONG, if there is no
// zero within limit bytes. limit is at most 4096.
func (t *Thread) ReadString(addr uint64, limit int) ([]byte, unix.Errno) {
	buf := t.tracer.buf[:min(limit, pathMax)]
	have := 0
	for have < len(buf) {
		// Up to the end of the page: the next one may not be there, and need not.
		at := addr + uint64(have)
		n := min(len(buf)-have, int(pageSize-at%pageSize))
		if errno := t.ReadMemory(at, buf[have:have+n]); errno != 0 {
			return nil, errno
		}
		if i := bytes.IndexByte(buf[have:have+n], 0); i >= 0 {
			return buf[:have+i], 0
		}
		have += n
	}
	return nil, unix.ENAMETOOLONG
}

// ReadPath reads a path argument as the kernel does (fs/namei.c, getname_flags): at most 4095 bytes.
func (t *Thread) ReadPath(addr uint64) ([]byte, unix.Errno) { return t.ReadString(addr, pathMax) }
