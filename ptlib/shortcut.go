package ptlib

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// A Shortcut answers the calls of stat's and access's families inside the tracee, for the files about which there is nothing
// to tell but that they are the caller's own: without a stop, at the price of the call itself and some fifty instructions.
// Calls that look at extended attributes, getxattr(2) and listxattr(2) with all that look by a link's or a descriptor's own, it answers
// as long as there is nothing to tell about the attributes of any file.
//
// It is a stub in memory that the tracer shares with its tracees, and that they cannot write. When a program has made such a
// call the tracer maps the stub into it, and makes the place in the C library that made the call go there from now on. The
// stub makes the call at an address that the Filter lets pass (FilterOptions.Shortcut). What it cannot answer it calls
// again at another address, where the call stops, as it does in a program without the stub: so the answers are
// the same whether there is a Shortcut or not.
//
// A Shortcut may serve several Tracers. Its methods may be called from any goroutine.
type Shortcut struct {
	file     int      // descriptor of the shared memory, a file without a name
	path     []byte   // by which tracees reach it, with the zero at its end
	memory   []byte   // the tracer's own view of it
	header   []uint64 // in memory
	marks    []uint64 // in memory
	patience int
}

// ShortcutOptions are the choices of a Shortcut.
type ShortcutOptions struct {
	// A file of UID and GID is shown as 0:0; of other owners as it is. Files of UID with another group stop, and so do those
	// whose mode keeps their owner from reading them, or from reading and searching a directory. With UID ^0 nobody's are shown otherwise.
	UID, GID uint32
	// Except is the device number of a file system whose files stop, 0 for none.
	Except uint64
	// Patience is how many of these calls a program makes before it is worth to it what the shortcut costs, which is some stops. One
	// that has made more before (Thread.Recognize) is given it at its first.
	Patience int
	// Unmapped are the ids by which a user namespace shows those that it does not have (/proc/sys/kernel/overflowuid and overflowgid).
	// Files with one of them stop. 0 is none.
	UnmappedUID, UnmappedGID uint32
}

// The shared memory, at the same address in every tracee: outside of MAP_32BIT, of the growth of a heap, and of what
// sanitizers lay claim to.
const (
	stubBase   = 0x7ec000000000
	stubHeader = stubBase + 0x1000
	stubMarks  = stubBase + 0x2000
	stubSize   = 0x2000 + markBits/8

	logMarkBits = 22
	markBits    = 1 << logMarkBits
)

// The header, as the stub knows it.
const (
	headExcept = 0  // 64 bits
	headMulDev = 8  // 64 bits
	headMulIno = 16 // 64 bits
	headUID    = 24 // 32 bits
	headGID    = 28 // 32 bits
	headNoUID  = 32 // 32 bits; ^0 for none, as below
	headNoGID  = 36 // 32 bits
	headSecret = 40 // 128 bits, at random, by which the tracer knows the memory again; the stub does not
	headEnd    = 56
	headAttrs  = 56 // 64 bits, 1 from MarkAttributes on
)

// Multipliers of the hash: odd, and without a pattern (the golden ratio, and the one that splitmix64 ends with).
const (
	mulDev = 0x9e3779b97f4a7c15
	mulIno = 0x94d049bb133111eb
)

// NewShortcut makes one. The error is errors.ErrUnsupported where this platform has no stub, and that of memfd_create(2) or
// mmap(2) where there is no shared memory to be had.
func NewShortcut(o ShortcutOptions) (*Shortcut, error) {
	code, err := stubCode()
	if err != nil {
		return nil, err
	}
	file, memory, err := sharedMemory(stubSize)
	if err != nil {
		return nil, fmt.Errorf("shared memory for the stub: %w", err)
	}
	copy(memory, code)
	head := memory[stubHeader-stubBase:]
	nativeEndian.PutUint64(head[headExcept:], o.Except)
	nativeEndian.PutUint64(head[headMulDev:], mulDev)
	nativeEndian.PutUint64(head[headMulIno:], mulIno)
	nativeEndian.PutUint32(head[headUID:], o.UID)
	nativeEndian.PutUint32(head[headGID:], o.GID)
	nativeEndian.PutUint32(head[headNoUID:], orNone(o.UnmappedUID))
	nativeEndian.PutUint32(head[headNoGID:], orNone(o.UnmappedGID))
	_, _ = unix.Getrandom(head[headSecret:headEnd], 0) // what it cannot fail for is so few bytes
	path := fmt.Appendf(nil, "/proc/%d/fd/%d\x00", os.Getpid(), file)
	return &Shortcut{file: file, path: path, memory: memory, header: wordsOf(head), marks: wordsOf(memory[stubMarks-stubBase:]), patience: o.Patience}, nil
}

// orNone is an id, or for 0 one that no file has.
func orNone(id uint32) uint32 {
	if id == 0 {
		return ^uint32(0)
	}
	return id
}

// sharedMemory returns memory that this process alone can write: others may map it by the descriptor to read it, where the
// kernel has seals for that (F_SEAL_FUTURE_WRITE in fcntl(2), Linux 5.1). It goes with the last process that has it.
func sharedMemory(size int) (file int, memory []byte, err error) {
	file, err = unix.MemfdCreate("feign", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return 0, nil, err
	}
	if err = unix.Ftruncate(file, int64(size)); err == nil {
		memory, err = unix.Mmap(file, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	}
	if err != nil {
		unix.Close(file)
		return 0, nil, err
	}
	_, _ = unix.FcntlInt(uintptr(file), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK|unix.F_SEAL_GROW)
	_, _ = unix.FcntlInt(uintptr(file), unix.F_ADD_SEALS, unix.F_SEAL_FUTURE_WRITE)
	return file, memory, nil
}

// Close gives up the tracer's view of the memory. No other method may be called any more; tracees keep theirs.
func (s *Shortcut) Close() error { return errors.Join(unix.Munmap(s.memory), unix.Close(s.file)) }

// Mark says that there is something to tell about a file: from now on, calls about it stop. A mark is never taken back.
// Some other files, that share a place in the table, stop too. dev is as st_dev in struct stat.
func (s *Shortcut) Mark(dev, ino uint64) {
	bit := markOf(dev, ino)
	atomic.OrUint64(&s.marks[bit/64], 1<<(bit%64))
}

// MarkAttributes says that there is something to tell about the extended attributes of some file: from now on, calls that look at
// attributes stop. That is never taken back.
func (s *Shortcut) MarkAttributes() { atomic.StoreUint64(&s.header[headAttrs/8], 1) }

// markOf is the hash that the stub computes.
func markOf(dev, ino uint64) uint64 { return ((dev*mulDev ^ ino) * mulIno) >> (64 - logMarkBits) }

// shortcuts is what is known about the shortcuts of one address space.
type shortcuts struct {
	mapped bool     // the stub is there, and memory for detours
	off    bool     // they cannot be
	area   uint64   // that memory
	used   int      // detours in it
	failed []uint64 // places that make such calls, but not in a way that can be led elsewhere

	program fileID // what was executed
	start   uint64 // address of its first instruction, 0: not known
	stopped int    // such calls, so far, up to patience
}

// copy is what a child of fork(2) has.
func (s *shortcuts) copy() shortcuts {
	c := *s
	c.failed = slices.Clone(s.failed)
	return c
}

// shorten is called at the end of a call, or where it was answered instead of made: it sees to it that the next one from the same place
// does not stop. A thread that shares its memory might be executing what is written.
func (t *Thread) shorten() {
	c, s := &t.call, &t.space.shortcuts
	if !t.maySpare() || c.atEnd && c.verdict != verdictPass || t.load() != 0 || t.regs.instructionPointer() != c.IP {
		return
	}
	if t.deserves() && !slices.Contains(s.failed, c.IP) {
		t.notice()
		if !t.detour(c.IP) {
			s.failed = append(s.failed, c.IP)
		}
	}
}

// isToShorten is called at the entry of a call that the Handler lets go. It reports whether the end is to be seen nevertheless, for
// shorten: at the entry nothing can be mapped.
func (t *Thread) isToShorten() bool {
	return t.maySpare() && t.deserves() && !slices.Contains(t.space.shortcuts.failed, t.call.IP)
}

// maySpare reports whether the present call is of a kind that a shortcut answers, and t's program can be given one.
func (t *Thread) maySpare() bool {
	c, s := &t.call, &t.space.shortcuts
	return t.tracer.options.Shortcut != nil && !s.off && !c.trapped && t.space.users == 1 && hasShortcut(c.ABI, c.Sys) && (s.mapped || !t.confined)
}

// deserves reports whether t's program makes so many of these calls that the shortcut saves it more than it costs. This is one.
func (t *Thread) deserves() bool {
	s, tr := &t.space.shortcuts, t.tracer
	switch {
	case s.mapped || tr.curious.find(s.program) != nil:
		return true
	case s.stopped < tr.options.Shortcut.patience:
		s.stopped++
		return false
	}
	tr.curious.add(s.program)
	return true
}

// Confined says that t's process has a seccomp filter of its own, or is about to, which might kill it for a call that it does not
// make itself: nothing is mapped into it for a Shortcut any more, nor into what descends from it. What is there stays.
func (t *Thread) Confined() {
	for _, o := range t.tracer.threads {
		o.confined = o.confined || o.Tgid == t.Tgid
	}
}

const (
	detourArea = 4096 // bytes mapped for detours
	detourSize = 32
)
