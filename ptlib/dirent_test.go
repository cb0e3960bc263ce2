package ptlib

import (
	"testing"

	"golang.org/x/sys/unix"
)

// appendDirent appends an entry as the kernel makes it (fs/readdir.c, filldir64 and filldir).
func appendDirent(buf []byte, abi ABI, sys Sys, ino uint64, typ uint8, name string) []byte {
	l := direntLayoutOf(abi, sys)
	align := 8
	if l.inoWidth == 4 {
		align = 4
	}
	size := l.name + len(name) + 1
	if l.typeAt < 0 {
		size++
	}
	size = (size + align - 1) &^ (align - 1)
	entry := make([]byte, size)
	if l.inoWidth == 8 {
		nativeEndian.PutUint64(entry, ino)
	} else {
		nativeEndian.PutUint32(entry, uint32(ino))
	}
	nativeEndian.PutUint16(entry[l.reclen:], uint16(size))
	copy(entry[l.name:], name)
	if l.typeAt < 0 {
		entry[size-1] = typ
	} else {
		entry[l.typeAt] = typ
	}
	return append(buf, entry...)
}

func TestNextDirent(t *testing.T) {
	entries := []struct {
		ino  uint64
		typ  uint8
		name string
	}{{1, unix.DT_DIR, "."}, {0xfffffffe, unix.DT_REG, "a"}, {3, unix.DT_REG, "seven77"}, {4, unix.DT_UNKNOWN, "a longer name"}}
	for _, form := range []struct {
		abi ABI
		sys Sys
	}{{ABIAMD64, SysGetdents64}, {ABI386, SysGetdents64}, {ABIAMD64, SysGetdents}, {ABI386, SysGetdents}} {
		var buf []byte
		for _, e := range entries {
			buf = appendDirent(buf, form.abi, form.sys, e.ino, e.typ, e.name)
		}
		c := &Call{ABI: form.abi, Sys: form.sys}
		at := 0
		for _, e := range entries {
			d, next, ok := c.NextDirent(buf, at)
			if !ok || d.Ino != e.ino || d.Type != e.typ || string(d.Name) != e.name {
				t.Fatalf("%v of %v: entry %q reads %d %d %q, ok %t", form.sys, form.abi, e.name, d.Ino, d.Type, d.Name, ok)
			}
			d.SetType(buf, unix.DT_CHR)
			if d, _, _ := c.NextDirent(buf, at); d.Type != unix.DT_CHR || string(d.Name) != e.name {
				t.Fatalf("%v of %v: entry %q after a change of type reads %d %q", form.sys, form.abi, e.name, d.Type, d.Name)
			}
			at = next
		}
		if _, _, ok := c.NextDirent(buf, at); ok || at != len(buf) {
			t.Errorf("%v of %v: the last entry ends at %d of %d", form.sys, form.abi, at, len(buf))
		}
	}
}

// FuzzNextDirent: whatever the bytes are, entries lie within them, and there is an end.
func FuzzNextDirent(f *testing.F) {
	f.Add(appendDirent(nil, ABIAMD64, SysGetdents64, 1, unix.DT_REG, "name"), false)
	f.Add(appendDirent(nil, ABI386, SysGetdents, 1, unix.DT_REG, "name"), true)
	f.Fuzz(func(t *testing.T, buf []byte, old bool) {
		c := &Call{ABI: ABIAMD64, Sys: SysGetdents64}
		if old {
			c = &Call{ABI: ABI386, Sys: SysGetdents}
		}
		for at := 0; ; {
			d, next, ok := c.NextDirent(buf, at)
			if !ok {
				return
			}
			if next <= at || next > len(buf) || d.typeAt < at || d.typeAt >= next {
				t.Fatalf("entry at %d of %d ends at %d, its type is at %d", at, len(buf), next, d.typeAt)
			}
			d.SetType(buf, unix.DT_CHR)
			at = next
		}
	})
}
