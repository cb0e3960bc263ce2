package ptlib

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// elf makes the headers of a program of 64 or 32 bits, of this machine's byte order.
func elf(bits int, kind uint16, interp string) []byte {
	n, head, entry := binary.NativeEndian, 64, 56
	if bits == 32 {
		head, entry = 52, 32
	}
	text := interp + "\x00"
	b := make([]byte, head+2*entry+len(text))
	copy(b, "\x7fELF")
	b[4], b[5] = byte(bits/32), elfDataNative()
	n.PutUint16(b[16:], kind)
	word := func(at int, v uint64) {
		if bits == 32 {
			n.PutUint32(b[at:], uint32(v))
		} else {
			n.PutUint64(b[at:], v)
		}
	}
	w := bits / 8
	word(24, 0x1234)         // entry
	word(24+w, uint64(head)) // program headers
	sizes := 24 + 3*w + 4 + 2
	n.PutUint16(b[sizes:], uint16(entry))
	n.PutUint16(b[sizes+2:], 2)
	header := func(i int, kind uint32, offset, addr, size uint64) {
		at := head + i*entry
		n.PutUint32(b[at:], kind)
		fields := []uint64{offset, addr, addr, size, size}
		at += 4
		if bits == 64 {
			n.PutUint32(b[at:], 5)
			at += 4
		}
		for _, v := range fields {
			word(at, v)
			at += w
		}
		if bits == 32 {
			n.PutUint32(b[at:], 5)
			at += 4
		}
		word(at, 4096)
	}
	header(0, ptLoad, 0, 0x1000, uint64(len(b)))
	header(1, ptInterp, uint64(head+2*entry), 0, uint64(len(text)))
	copy(b[head+2*entry:], text)
	return b
}

func TestReadProgram(t *testing.T) {
	for _, bits := range []int{64, 32} {
		b := elf(bits, elfDyn, "/lib/ld.so")
		p, err := ReadProgram(bytes.NewReader(b))
		if err != nil {
			t.Errorf("%d bits: %v", bits, err)
			continue
		}
		if p.Interp != "/lib/ld.so" || p.entry != 0x1234 || p.fixed || p.phnum != 2 || len(p.segments) != 1 || p.segments[0].addr != 0x1000 {
			t.Errorf("%d bits: %+v", bits, p)
		}
		if want := 0x1000 + uint64(map[int]int{64: 64, 32: 52}[bits]); p.phdr != want {
			t.Errorf("%d bits: headers at %#x, not %#x", bits, p.phdr, want)
		}
	}
	if p, err := ReadProgram(bytes.NewReader(elf(64, elfExec, "/x"))); err != nil || !p.fixed {
		t.Errorf("at a fixed address: %+v, %v", p, err)
	}
	for name, change := range map[string]func(b []byte) []byte{
		"empty":                func([]byte) []byte { return nil },
		"a script":             func([]byte) []byte { return []byte("#!/bin/sh\n" + strings.Repeat("\n", 100)) },
		"cut off":              func(b []byte) []byte { return b[:60] },
		"without headers":      func(b []byte) []byte { return b[:64] },
		"another byte order":   func(b []byte) []byte { b[5] = 3 - b[5]; return b },
		"another class":        func(b []byte) []byte { b[4] = 3; return b },
		"an object file":       func(b []byte) []byte { binary.NativeEndian.PutUint16(b[16:], 1); return b },
		"headers of a size":    func(b []byte) []byte { binary.NativeEndian.PutUint16(b[54:], 57); return b },
		"no headers":           func(b []byte) []byte { binary.NativeEndian.PutUint16(b[56:], 0); return b },
		"too many headers":     func(b []byte) []byte { binary.NativeEndian.PutUint16(b[56:], 2000); return b },
		"a loader without 0":   func(b []byte) []byte { b[len(b)-1] = 'x'; return b },
		"nothing to be mapped": func(b []byte) []byte { binary.NativeEndian.PutUint32(b[64:], 9); return b },
		"more file than memory": func(b []byte) []byte {
			binary.NativeEndian.PutUint64(b[64+40:], 1)
			return b
		},
		"past the last address": func(b []byte) []byte {
			binary.NativeEndian.PutUint64(b[64+16:], ^uint64(0))
			return b
		},
	} {
		if p, err := ReadProgram(bytes.NewReader(change(elf(64, elfDyn, "/lib/ld.so")))); !errors.Is(err, ErrNotELF) {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}

// FuzzReadProgram: what is taken for a program can be mapped without a number that runs over.
func FuzzReadProgram(f *testing.F) {
	f.Add(elf(64, elfDyn, "/lib64/ld-linux-x86-64.so.2"))
	f.Add(elf(32, elfExec, "/lib/ld-linux.so.2"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ReadProgram(bytes.NewReader(data))
		if err != nil {
			if p != nil && !errors.Is(err, ErrNotELF) {
				t.Errorf("%v", err)
			}
			return
		}
		if len(p.segments) == 0 || p.width != 4 && p.width != 8 || strings.ContainsRune(p.Interp, 0) || len(p.Interp) >= pathMax {
			t.Errorf("%+v", p)
		}
		for _, s := range p.segments {
			if s.memsz == 0 || s.filesz > s.memsz || s.addr+s.memsz < s.addr {
				t.Errorf("segment %+v", s)
			}
		}
	})
}

// A dynamic loader that was executed in the place of a program finds all as if the kernel had begun with the program.
func TestLoad(t *testing.T) {
	needsPrograms(t)
	path, err := exec.LookPath("sh")
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		t.Fatal(err)
	}
	read := func(path string) *Program {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		p, err := ReadProgram(f)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	program := read(path)
	if program.Interp == "" {
		t.Skipf("%s is static", path)
	}
	loader := read(program.Interp)
	first := true
	tt := trial{handler: &hooks{exec: func(th, _ *Thread) {
		if !first {
			return
		}
		first = false
		if err := th.Load(Load{Name: "/bin/named", Comm: "renamed", Program: program, Path: path, Loader: loader}); err != nil {
			t.Error(err)
		}
	}}, env: []string{"LD_SHOW_AUXV=1"}}
	tt.prepare = func(cmd *exec.Cmd) { cmd.Args[0] = "zero" }
	tt.succeed(t, program.Interp, "-c", "unset LD_SHOW_AUXV; echo $0 $1; read -r name </proc/$$/comm; echo $name", "own", "argument")
	got := string(tt.stdout)
	if !strings.HasSuffix(got, "\nown argument\nrenamed\n") {
		t.Errorf("%q", got)
	}
	if strings.Contains(got, "AT_EXECFN") && !strings.Contains(strings.Join(strings.Fields(got), " "), "AT_EXECFN: /bin/named") {
		t.Errorf("the program's name: %s", got)
	}
}
