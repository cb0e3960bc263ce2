package ptlib

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// A Load makes a new program look as if the kernel had been told of other files than it was: where a dynamic loader was
// executed in the place of a program that asks for it, the program is mapped too, and the loader finds it as if the kernel
// had mapped both.
type Load struct {
	Name string // what the program finds as its own file's name (getauxval(3), AT_EXECFN), no longer than that of execve(2)
	Comm string // the thread's name (prctl(2), PR_SET_NAME)

	Program *Program // the one that is to run; nil: the one that was executed
	Path    string   // by which the tracee can open Program
	Loader  *Program // the one that was executed
}

// Load carries l out. It is for Handler.Exec. After an error the program is in no state to run.
func (t *Thread) Load(l Load) error {
	if !t.fresh {
		return fmt.Errorf("load a program into thread %d: another one has begun", t.Tid)
	}
	if errno := t.leaveExec(); errno != 0 {
		return fmt.Errorf("end of execve: %w", errno)
	}
	if errno := t.load(); errno != 0 {
		return fmt.Errorf("read the program's registers: %w", errno)
	}
	abi, sp := t.regs.abi(), t.regs.stackPointer()
	var base uint64
	if l.Program != nil {
		if l.Program.width != uint64(abi.PointerBits()/8) {
			return fmt.Errorf("the program's loader is one of %d bits", abi.PointerBits())
		}
		var errno unix.Errno
		if base, errno = t.mapProgram(abi, l.Program, l.Path); errno != 0 {
			return fmt.Errorf("map %s: %w", l.Path, errno)
		}
	}
	at := (sp - pathMax) &^ 15
	if errno := t.WriteString(at, l.Comm); errno != 0 {
		return fmt.Errorf("the thread's name: %w", errno)
	}
	t.injectSys(abi, SysPrctl, unix.PR_SET_NAME, at)
	name := []byte(l.Name + "\x00")
	var written unix.Errno
	s := stack{memory: t, width: uint64(abi.PointerBits() / 8), buf: t.tracer.spare(stackRead)}
	errno := s.rewrite(sp, func(key, old uint64) (uint64, bool) {
		if key == atExecfn {
			// The kernel has put the name that it was told to the end of the stack.
			written = t.WriteMemory(old, name)
		}
		if l.Program == nil {
			return 0, false
		}
		switch p := l.Program; key {
		case atPhdr:
			return base + p.phdr, true
		case atPhent:
			return p.phentsz, true
		case atPhnum:
			return p.phnum, true
		case atBase:
			return t.regs.instructionPointer() - l.Loader.entry, true
		case atEntry:
			return base + p.entry, true
		}
		return 0, false
	})
	if errno == 0 {
		errno = written
	}
	if errno != 0 {
		return fmt.Errorf("the program's auxiliary vector: %w", errno)
	}
	return nil
}

// mapProgram maps a program as the kernel does (fs/binfmt_elf.c, elf_load), and returns by how much its addresses are
// moved.
func (t *Thread) mapProgram(abi ABI, p *Program, path string) (base uint64, errno unix.Errno) {
	at := (t.regs.stackPointer() - 2*pathMax) &^ 15 // nobody's yet
	if errno := t.WriteString(at, path); errno != 0 {
		return 0, errno
	}
	const cwd = uint64(1<<64 + unix.AT_FDCWD)
	fd, errno := t.injectSys(abi, SysOpenat, cwd, at, unix.O_RDONLY|unix.O_CLOEXEC|OpenLargefile, 0)
	if errno != 0 {
		return 0, errno
	}
	defer t.injectSys(abi, SysClose, uint64(fd))
	if !p.fixed {
		if base, errno = t.reserve(abi, p); errno != 0 {
			return 0, errno
		}
	}
	for _, s := range p.segments {
		if errno := t.mapSegment(abi, s, base, uint64(fd)); errno != 0 {
			return 0, errno
		}
	}
	return base, 0
}

// reserve finds room for a program that may be anywhere.
func (t *Thread) reserve(abi ABI, p *Program) (base uint64, errno unix.Errno) {
	first, end, align := ^uint64(0), uint64(0), systemPageSize()
	for _, s := range p.segments {
		first, end, align = min(first, s.addr), max(end, s.addr+s.memsz), max(align, s.align)
	}
	first &^= align - 1
	room, errno := t.mapAt(abi, 0, end-first+align, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE, ^uint64(0), 0)
	if errno != 0 {
		return 0, errno
	}
	start := (room + align - 1) &^ (align - 1)
	if start > room {
		t.injectSys(abi, SysMunmap, room, start-room)
	}
	pages := systemPageSize() - 1
	if last, top := (start+end-first+pages)&^pages, (room+end-first+align+pages)&^pages; top > last {
		t.injectSys(abi, SysMunmap, last, top-last)
	}
	return start - first, 0
}

// mapSegment maps one segment; what is not of the file is zero.
func (t *Thread) mapSegment(abi ABI, s segment, base, fd uint64) unix.Errno {
	pages := systemPageSize() - 1
	start, file, end := base+s.addr, base+s.addr+s.filesz, base+s.addr+s.memsz
	anonymous := start &^ pages
	if s.filesz > 0 {
		before := start & pages
		_, errno := t.mapAt(abi, start-before, s.filesz+before, s.prot, unix.MAP_PRIVATE|unix.MAP_FIXED, fd, s.offset-before)
		if errno != 0 {
			return errno
		}
		anonymous = (file + pages) &^ pages
		if s.memsz > s.filesz && s.prot&unix.PROT_WRITE != 0 {
			if errno := t.WriteMemory(file, make([]byte, min(anonymous, end)-file)); errno != 0 {
				return errno
			}
		}
	}
	if anonymous >= end {
		return 0
	}
	_, errno := t.mapAt(abi, anonymous, end-anonymous, s.prot, unix.MAP_PRIVATE|unix.MAP_FIXED|unix.MAP_ANONYMOUS, ^uint64(0), 0)
	return errno
}

// mapAt makes the call that maps memory. offset is in bytes.
func (t *Thread) mapAt(abi ABI, addr, size uint64, prot, flags int, fd, offset uint64) (uint64, unix.Errno) {
	sys := abi.Mmap()
	if sys == SysMmap2 {
		offset /= 4096
	}
	at, errno := t.injectSys(abi, sys, addr, size, uint64(prot), uint64(flags), fd, offset)
	return uint64(at), errno
}

// systemPageSize is the size of a page of this machine, in bytes.
func systemPageSize() uint64 { return uint64(os.Getpagesize()) }
