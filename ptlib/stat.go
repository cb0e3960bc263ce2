package ptlib

import "golang.org/x/sys/unix"

// Stat is what the stat family of calls tells about a file, in neutral form.
type Stat struct {
	Dev     uint64 // as unix.Mkdev makes it
	Ino     uint64
	Mode    uint32 // type and permissions
	Nlink   uint64
	UID     uint32
	GID     uint32
	Rdev    uint64
	Size    int64
	Blocks  int64 // of 512 bytes
	Blksize int64
	Atime   Timestamp
	Mtime   Timestamp
	Ctime   Timestamp
	Btime   Timestamp // zero, if the call does not tell

	// Immutable: the file cannot be changed, or only appended to, by anybody (chattr(1)). Only statx(2) tells.
	Immutable bool
}

// Timestamp is a time as the kernel keeps it.
type Timestamp struct {
	Sec  int64
	Nsec uint32
}

// A StatBuffer is the result of a call of the stat family in a tracee's memory, with the structure that the call and
// the ABI imply. It is read once; Patch writes back what the Handler changed.
type StatBuffer struct {
	thread *Thread
	addr   uint64
	layout *statLayout
	raw    [statMax]byte
	Stat   Stat
}

// statMax is the size of the largest structure, struct statx.
const statMax = 256

// Narrow reports whether the structure is too small to tell device and inode: those of oldstat(2) have 16 bits.
func (b *StatBuffer) Narrow() bool { return b.layout.ino.width < 4 }

// ReadStat reads the structure that the call has filled at addr.
func (c *Call) ReadStat(b *StatBuffer, addr uint64) unix.Errno {
	return c.readStat(b, addr, layoutOf(c.ABI, c.Sys))
}

// ReadStatOf reads the structure that a call of the stat family made by Run or Inject has filled at addr: Platform.Fstatat,
// or ABI.Fstatat.
func (c *Call) ReadStatOf(b *StatBuffer, sys Sys, addr uint64) unix.Errno {
	return c.readStat(b, addr, layoutOf(c.ABI, sys))
}

// Fstatat is the call that tells about files where there is no statx(2): fstatat(2), with device and inode whole, by its name
// in this convention. It tells no time of birth.
func (a ABI) Fstatat() Sys {
	if nrOf(a, SysNewfstatat) >= 0 {
		return SysNewfstatat
	}
	return SysFstatat64
}

func (c *Call) readStat(b *StatBuffer, addr uint64, l *statLayout) unix.Errno {
	b.thread, b.addr, b.layout = c.Thread, addr, l
	if errno := c.Thread.ReadMemory(addr, b.raw[:l.size]); errno != 0 {
		return errno
	}
	l.decode(b.raw[:l.size], &b.Stat)
	return 0
}

// LookAt fills b with what the tracer itself sees of a file, by statx(2) with the mask of fields that is asked for. Put
// answers a call of the stat family with it, which then need not be made.
func (c *Call) LookAt(b *StatBuffer, dirfd int, path string, flags, mask int) error {
	b.thread, b.layout = c.Thread, &layoutStatx
	if err := unix.Statx(dirfd, path, flags, mask, statxIn(b)); err != nil {
		return err
	}
	layoutStatx.decode(b.raw[:], &b.Stat)
	return nil
}

// CanPut reports whether Put knows all that the kernel would say in the structure that the call's program expects: the older
// ones of 32-bit programs have too little room for some files (fs/stat.c, EOVERFLOW).
func (c *Call) CanPut() bool { return c.Sys == SysStatx || c.ABI.PointerBits() == 64 }

// Put writes what LookAt has seen, with what the Handler changed, to where the call's program expects its answer.
func (c *Call) Put(b *StatBuffer, addr uint64) unix.Errno {
	if c.Sys == SysStatx {
		layoutStatx.encodeClaims(b.raw[:], &b.Stat)
		return c.Thread.WriteMemory(addr, b.raw[:])
	}
	l := layoutOf(c.ABI, c.Sys)
	var raw [statMax]byte
	l.encodeAll(raw[:l.size], &b.Stat)
	return c.Thread.WriteMemory(addr, raw[:l.size])
}

// Patch writes the fields that the kernel never fills from elsewhere, and that a Handler may claim, back to the tracee:
// mode, links, owner, device number, size and blocks. Only bytes that differ are written.
func (b *StatBuffer) Patch() unix.Errno {
	var now [statMax]byte
	size := b.layout.size
	copy(now[:size], b.raw[:size])
	b.layout.encodeClaims(now[:size], &b.Stat)
	first := 0
	for first < size && now[first] == b.raw[first] {
		first++
	}
	if first == size {
		return 0
	}
	last := size
	for now[last-1] == b.raw[last-1] {
		last--
	}
	return b.thread.WriteMemory(b.addr+uint64(first), now[first:last])
}

// HasOwner reports whether a struct statx was filled with owner, mode and the like. The kernel fills them whatever mask
// was asked for, but a file system may leave some out.
func (b *StatBuffer) HasOwner() bool {
	return b.layout != &layoutStatx || nativeEndian.Uint32(b.raw[0:])&unix.STATX_UID != 0
}
