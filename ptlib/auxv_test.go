package ptlib

import (
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

// image is a stack in the memory of nobody.
type image struct {
	base    uint64
	bytes   []byte
	reads   int
	writes  int
	pageEnd uint64 // reads end here, as at the end of a mapping; 0: nowhere
}

func (m *image) readSome(addr uint64, buf []byte) (int, unix.Errno) {
	m.reads++
	if addr < m.base || addr >= m.base+uint64(len(m.bytes)) {
		return 0, unix.EFAULT
	}
	from := m.bytes[addr-m.base:]
	if addr < m.pageEnd && m.pageEnd-addr < uint64(len(from)) {
		from = from[:m.pageEnd-addr]
	}
	return copy(buf, from), 0
}

func (m *image) WriteMemory(addr uint64, buf []byte) unix.Errno {
	m.writes++
	if addr < m.base || addr-m.base+uint64(len(buf)) > uint64(len(m.bytes)) {
		return unix.EFAULT
	}
	copy(m.bytes[addr-m.base:], buf)
	return 0
}

func words(width int, values ...uint64) []byte {
	var b []byte
	for _, v := range values {
		if width == 4 {
			b = nativeEndian.AppendUint32(b, uint32(v))
		} else {
			b = nativeEndian.AppendUint64(b, v)
		}
	}
	return b
}

// stackImage is what the kernel leaves for a program of so many arguments and variables.
func stackImage(width, argc, envc int, aux []uint64) []byte {
	values := []uint64{uint64(argc)}
	for range argc {
		values = append(values, 0x1000)
	}
	values = append(values, 0)
	for range envc {
		values = append(values, 0x2000)
	}
	values = append(values, 0)
	values = append(values, aux...)
	return words(width, values...)
}

func TestSetAuxIDs(t *testing.T) {
	const base = 0x7ffd0000
	before := []uint64{33, 0xbad, 6, 4096, atUID, 1000, atEUID, 1000, atGID, 1000, atEGID, 1000, atSecure, 0, 25, 7, atNull, 0}
	after := []uint64{33, 0xbad, 6, 4096, atUID, 1, atEUID, 2, atGID, 3, atEGID, 4, atSecure, 1, 25, 7, atNull, 0}
	ids := AuxIDs{UID: 1, EUID: 2, GID: 3, EGID: 4, Secure: true}
	for _, width := range []int{4, 8} {
		for _, c := range []struct {
			argc, envc, reads int
			pageEnd           uint64
		}{
			{argc: 1, envc: 30, reads: 1},
			{argc: 0, envc: 0, reads: 1},
			{argc: 5000, envc: 3, reads: 2},
			{argc: 1, envc: 30, pageEnd: base + 64, reads: 2},
			{argc: 2, envc: 1000, reads: 1000*width/stackRead + 1},
		} {
			t.Run(fmt.Sprintf("%d bits, %d arguments, %d variables", width*8, c.argc, c.envc), func(t *testing.T) {
				m := &image{base: base, bytes: stackImage(width, c.argc, c.envc, before), pageEnd: c.pageEnd}
				s := stack{memory: m, width: uint64(width), buf: make([]byte, stackRead)}
				if errno := s.setAuxIDs(base, ids); errno != 0 {
					t.Fatal(errno)
				}
				if want := stackImage(width, c.argc, c.envc, after); string(m.bytes) != string(want) {
					t.Errorf("the stack is\n%x, not\n%x", m.bytes, want)
				}
				if m.reads > c.reads || m.writes > 2 {
					t.Errorf("%d reads, %d writes", m.reads, m.writes)
				}
			})
		}
	}
}

func TestSetAuxIDsWritesNothingNeedlessly(t *testing.T) {
	m := &image{base: 4096, bytes: stackImage(8, 1, 1, []uint64{atUID, 5, atSecure, 0, atNull, 0})}
	s := stack{memory: m, width: 8, buf: make([]byte, stackRead)}
	if errno := s.setAuxIDs(4096, AuxIDs{UID: 5}); errno != 0 || m.writes != 0 {
		t.Errorf("errno %v, %d writes", errno, m.writes)
	}
}

func TestSetAuxIDsDamaged(t *testing.T) {
	for name, c := range map[string]struct {
		bytes []byte
		errno unix.Errno
	}{
		"nothing":           {nil, unix.EFAULT},
		"half a word":       {[]byte{1, 0, 0}, unix.EFAULT},
		"argc of all ones":  {words(8, ^uint64(0), 0, 0), unix.E2BIG},
		"no environment":    {words(8, 1, 0x1000, 0), unix.EFAULT},
		"no end of auxv":    {words(8, 0, 0, 0, atUID, 7), unix.EFAULT},
		"key without value": {words(8, 0, 0, 0, atUID), unix.EFAULT},
		"endless":           {endless(), unix.E2BIG},
	} {
		s := stack{memory: &image{base: 4096, bytes: c.bytes}, width: 8, buf: make([]byte, stackRead)}
		if errno := s.setAuxIDs(4096, AuxIDs{}); errno != c.errno {
			t.Errorf("%s: %v, not %v", name, errno, c.errno)
		}
	}
}

func endless() []byte {
	b := words(8, 0, 0)
	for len(b) < stackLimit+stackRead {
		b = append(b, 1)
	}
	return b
}

func FuzzSetAuxIDs(f *testing.F) {
	f.Add(stackImage(8, 2, 3, []uint64{atUID, 1000, atSecure, 0, atNull, 0}), true)
	f.Add(stackImage(4, 2, 3, []uint64{atUID, 1000, atSecure, 0, atNull, 0}), false)
	f.Fuzz(func(t *testing.T, bytes []byte, wide bool) {
		width := uint64(4)
		if wide {
			width = 8
		}
		m := &image{base: ^uint64(0) - 4096 - uint64(len(bytes)), bytes: bytes}
		s := stack{memory: m, width: width, buf: make([]byte, 64)}
		if s.setAuxIDs(m.base, AuxIDs{UID: 1, Secure: true}) != 0 {
			return
		}
		// Once more changes nothing.
		m.writes = 0
		s = stack{memory: m, width: width, buf: make([]byte, 64)}
		if errno := s.setAuxIDs(m.base, AuxIDs{UID: 1, Secure: true}); errno != 0 || m.writes != 0 {
			t.Errorf("errno %v, %d writes", errno, m.writes)
		}
	})
}
