package ptlib

import (
	"bytes"
	"errors"
	"io"

	"golang.org/x/sys/unix"
)

// ErrNotELF: a file is not an ELF program that the kernel would execute.
var ErrNotELF = errors.New("not an ELF program")

// A Program is what execve(2) reads of an ELF file (fs/binfmt_elf.c, load_elf_binary).
type Program struct {
	Interp string // path of the dynamic loader that it asks for; "" if it is static, or is a loader

	width    uint64 // of a word, 4 or 8 bytes
	fixed    bool   // ET_EXEC: it has an address
	entry    uint64
	phdr     uint64 // where the program headers are in memory, before it is moved
	phentsz  uint64
	phnum    uint64
	segments []segment
}

// segment is what of a file is mapped where (PT_LOAD).
type segment struct {
	prot          int
	offset        uint64
	addr          uint64
	filesz, memsz uint64
	align         uint64
}

// Values of elf(5).
const (
	elfExec, elfDyn             = 2, 3
	ptLoad, ptInterp, ptHeaders = 1, 3, 6
	headersMax                  = 65536 // bytes; the kernel's own limit
)

// ReadProgram reads the headers of an ELF program. The error is ErrNotELF for any file that the kernel's ELF loader would
// not take, and the reader's otherwise.
func ReadProgram(f io.ReaderAt) (*Program, error) {
	var head [64]byte
	n, err := f.ReadAt(head[:], 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if n < 52 || !bytes.Equal(head[:4], []byte("\x7fELF")) || head[5] != elfDataNative() {
		return nil, ErrNotELF
	}
	p := &Program{width: 8}
	r := elfReader{b: head[:]}
	var phoff uint64
	switch head[4] {
	case 1:
		p.width = 4
		p.entry, phoff = r.word4(24), r.word4(28)
		p.phentsz, p.phnum = r.word2(42), r.word2(44)
	case 2:
		if n < 64 {
			return nil, ErrNotELF
		}
		p.entry, phoff = r.word8(24), r.word8(32)
		p.phentsz, p.phnum = r.word2(54), r.word2(56)
	default:
		return nil, ErrNotELF
	}
	kind := r.word2(16)
	// sizeof(struct elf_phdr) is 32 or 56.
	if kind != elfExec && kind != elfDyn || p.phentsz != 8+6*p.width {
		return nil, ErrNotELF
	}
	if p.phnum == 0 || p.phnum*p.phentsz > headersMax {
		return nil, ErrNotELF
	}
	p.fixed = kind == elfExec
	headers := make([]byte, p.phnum*p.phentsz)
	if _, err := f.ReadAt(headers, int64(phoff)); err != nil {
		return nil, ErrNotELF
	}
	return p, p.readHeaders(f, headers, phoff)
}

func (p *Program) readHeaders(f io.ReaderAt, headers []byte, phoff uint64) error {
	found := false
	for ; len(headers) > 0; headers = headers[p.phentsz:] {
		r := elfReader{headers[:p.phentsz]}
		var s segment
		var flags uint64
		if p.width == 8 {
			flags, s.offset, s.addr, s.filesz, s.memsz, s.align = r.word4(4), r.word8(8), r.word8(16), r.word8(32), r.word8(40), r.word8(48)
		} else {
			s.offset, s.addr, s.filesz, s.memsz, flags, s.align = r.word4(4), r.word4(8), r.word4(16), r.word4(20), r.word4(24), r.word4(28)
		}
		switch r.word4(0) {
		case ptLoad:
			if s.memsz == 0 || s.filesz > s.memsz || s.addr+s.memsz < s.addr {
				if s.memsz == 0 {
					continue
				}
				return ErrNotELF
			}
			s.prot = protOf(flags)
			p.segments = append(p.segments, s)
			if !found && s.offset <= phoff && phoff < s.offset+s.filesz {
				p.phdr, found = s.addr+phoff-s.offset, true
			}
		case ptHeaders:
			p.phdr, found = s.addr, true
		case ptInterp:
			if s.filesz < 2 || s.filesz > pathMax {
				return ErrNotELF
			}
			name := make([]byte, s.filesz)
			if _, err := f.ReadAt(name, int64(s.offset)); err != nil || name[len(name)-1] != 0 {
				return ErrNotELF
			}
			p.Interp = string(name[:bytes.IndexByte(name, 0)])
		}
	}
	if len(p.segments) == 0 {
		return ErrNotELF
	}
	return nil
}

// protOf turns PF_X, PF_W and PF_R into what mmap(2) takes.
func protOf(flags uint64) (prot int) {
	for bit, p := range map[uint64]int{1: unix.PROT_EXEC, 2: unix.PROT_WRITE, 4: unix.PROT_READ} {
		if flags&bit != 0 {
			prot |= p
		}
	}
	return prot
}

// elfDataNative is EI_DATA of this machine's byte order.
func elfDataNative() byte {
	if nativeEndian.Uint16([]byte{1, 0}) == 1 {
		return 1
	}
	return 2
}

type elfReader struct{ b []byte }

func (r elfReader) word2(at int) uint64 { return uint64(nativeEndian.Uint16(r.b[at:])) }
func (r elfReader) word4(at int) uint64 { return uint64(nativeEndian.Uint32(r.b[at:])) }
func (r elfReader) word8(at int) uint64 { return nativeEndian.Uint64(r.b[at:]) }
