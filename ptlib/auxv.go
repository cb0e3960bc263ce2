package ptlib

import "golang.org/x/sys/unix"

// AuxIDs is what the kernel tells a new program about its credentials, in the auxiliary vector (getauxval(3)).
type AuxIDs struct {
	UID, EUID, GID, EGID uint32 // AT_UID and so on
	Secure               bool   // AT_SECURE: the program has privileges that its caller may not have
}

// SetAuxIDs puts ids in the place of what the kernel told t's new program. It is for Handler.Exec: the memory is looked
// for where the kernel leaves it, at the stack pointer. errno is EPERM for a program whose file the tracer may not
// read, since its memory is closed to the tracer too (fs/exec.c, would_dump).
func (t *Thread) SetAuxIDs(ids AuxIDs) unix.Errno {
	if errno := t.load(); errno != 0 {
		return errno
	}
	s := stack{memory: t, width: uint64(t.regs.abi().PointerBits() / 8), buf: t.tracer.spare(stackRead)}
	return s.setAuxIDs(t.regs.stackPointer(), ids)
}

// Keys of the auxiliary vector (include/uapi/linux/auxvec.h).
const (
	atNull   = 0
	atPhdr   = 3
	atPhent  = 4
	atPhnum  = 5
	atBase   = 7
	atEntry  = 9
	atUID    = 11
	atEUID   = 12
	atGID    = 13
	atEGID   = 14
	atSecure = 23
	atExecfn = 31
)

// stackRead is how much of a new program's stack is read at once: more than enough pointers for most. stackLimit is more
// than the kernel gives to arguments and environment (fs/exec.c, bprm_stack_limits: three quarters of 8 MiB).
const (
	stackRead  = 2048
	stackLimit = 8 << 20
)

// stack is the memory of a program that has not begun: argc, the pointers to the arguments, 0, those to the environment,
// 0, and the pairs of the auxiliary vector up to one of key 0 (fs/binfmt_elf.c, create_elf_tables).
type stack struct {
	memory interface {
		readSome(addr uint64, buf []byte) (int, unix.Errno)
		WriteMemory(addr uint64, buf []byte) unix.Errno
	}
	width uint64 // of a word, 4 or 8 bytes
	buf   []byte

	at, have uint64 // what buf holds
	lo, hi   uint64 // what of it is to be written back
}

func (s *stack) setAuxIDs(sp uint64, ids AuxIDs) unix.Errno {
	return s.rewrite(sp, func(key, _ uint64) (uint64, bool) { return ids.value(key) })
}

// rewrite puts other values into the auxiliary vector: value is asked about each pair of key and old value.
func (s *stack) rewrite(sp uint64, value func(key, old uint64) (v uint64, ours bool)) unix.Errno {
	argc, errno := s.word(sp)
	if errno != 0 {
		return errno
	}
	if argc > stackLimit/s.width {
		return unix.E2BIG
	}
	end := sp + stackLimit
	addr := sp + (argc+2)*s.width
	for {
		pointer, errno := s.word(addr)
		if errno != 0 {
			return errno
		}
		addr += s.width
		if pointer == 0 {
			break
		}
		if addr >= end {
			return unix.E2BIG
		}
	}
	for ; addr < end; addr += 2 * s.width {
		key, errno := s.word(addr)
		if errno != 0 {
			return errno
		}
		if key == atNull {
			return s.flush()
		}
		old, errno := s.word(addr + s.width)
		if errno != 0 {
			return errno
		}
		if v, ours := value(key, old); ours {
			if errno := s.set(addr+s.width, v); errno != 0 {
				return errno
			}
		}
	}
	return unix.E2BIG
}

// value is what ids say for a key.
func (ids *AuxIDs) value(key uint64) (v uint64, ours bool) {
	switch key {
	case atUID:
		return uint64(ids.UID), true
	case atEUID:
		return uint64(ids.EUID), true
	case atGID:
		return uint64(ids.GID), true
	case atEGID:
		return uint64(ids.EGID), true
	case atSecure:
		if ids.Secure {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

// word reads the word at the address.
func (s *stack) word(addr uint64) (uint64, unix.Errno) {
	if addr < s.at || addr-s.at > s.have || s.have-(addr-s.at) < s.width {
		if errno := s.fill(addr); errno != 0 {
			return 0, errno
		}
	}
	b := s.buf[addr-s.at:]
	if s.width == 4 {
		return uint64(nativeEndian.Uint32(b)), 0
	}
	return nativeEndian.Uint64(b), 0
}

// set changes the word at the address, for flush to write.
func (s *stack) set(addr, v uint64) unix.Errno {
	old, errno := s.word(addr)
	if errno != 0 || old == v {
		return errno
	}
	b := s.buf[addr-s.at:]
	if s.width == 4 {
		nativeEndian.PutUint32(b, uint32(v))
	} else {
		nativeEndian.PutUint64(b, v)
	}
	if s.hi == 0 {
		s.lo = addr
	}
	s.hi = addr + s.width
	return 0
}

// fill reads what follows the address, after what was changed is safe.
func (s *stack) fill(addr uint64) unix.Errno {
	if errno := s.flush(); errno != 0 {
		return errno
	}
	s.at, s.have = addr, 0
	n, errno := s.memory.readSome(addr, s.buf)
	if errno != 0 {
		return errno
	}
	if s.have = uint64(n); s.have < s.width {
		return unix.EFAULT
	}
	return 0
}

// flush writes back what was changed: mostly in one piece, since the kernel puts the ids next to each other.
func (s *stack) flush() unix.Errno {
	if s.hi == 0 {
		return 0
	}
	lo, hi := s.lo, s.hi
	s.lo, s.hi = 0, 0
	return s.memory.WriteMemory(lo, s.buf[lo-s.at:hi-s.at])
}
