package ptlib

import "golang.org/x/sys/unix"

// Rlimit is a resource limit; RlimitInfinity is none.
type Rlimit struct{ Cur, Max uint64 }

// RlimitInfinity is RLIM64_INFINITY.
const RlimitInfinity = ^uint64(0)

// Rlimit64Size is the length in bytes of struct rlimit64, which prlimit64(2) takes on every ABI.
const Rlimit64Size = 16

// ReadRlimit reads the limits that a call sets: struct rlimit64 of prlimit64(2), or struct rlimit, whose numbers are as
// wide as a pointer (include/uapi/linux/resource.h).
func (c *Call) ReadRlimit(addr uint64) (Rlimit, unix.Errno) {
	if c.Sys == SysPrlimit64 || c.ABI.PointerBits() == 64 {
		return c.ReadRlimit64(addr)
	}
	var raw [8]byte
	if errno := c.Thread.ReadMemory(addr, raw[:]); errno != 0 {
		return Rlimit{}, errno
	}
	return Rlimit{widenRlimit(nativeEndian.Uint32(raw[0:])), widenRlimit(nativeEndian.Uint32(raw[4:]))}, 0
}

func widenRlimit(v uint32) uint64 {
	if v == ^uint32(0) {
		return RlimitInfinity
	}
	return uint64(v)
}

// ReadRlimit64 reads struct rlimit64.
func (c *Call) ReadRlimit64(addr uint64) (Rlimit, unix.Errno) {
	var raw [Rlimit64Size]byte
	if errno := c.Thread.ReadMemory(addr, raw[:]); errno != 0 {
		return Rlimit{}, errno
	}
	return Rlimit{nativeEndian.Uint64(raw[0:]), nativeEndian.Uint64(raw[8:])}, 0
}

// WriteRlimit64 writes struct rlimit64.
func (c *Call) WriteRlimit64(addr uint64, r Rlimit) unix.Errno {
	var raw [Rlimit64Size]byte
	nativeEndian.PutUint64(raw[0:], r.Cur)
	nativeEndian.PutUint64(raw[8:], r.Max)
	return c.Thread.WriteMemory(addr, raw[:])
}
