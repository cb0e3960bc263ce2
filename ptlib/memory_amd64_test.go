package ptlib

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Paths are read as the kernel reads them: what ReadPath says is compared with the answer to the call itself.
func TestReadPath(t *testing.T) {
	eachABI(t, func(t *testing.T, abi ABI) {
		s := newScript(abi)
		sys, args := mapCall(abi, 3*4096)
		area := s.call(sys, args[:]...)
		const there = 0x30000000 // and the page after it is not
		args[0], args[1], args[3] = there, 2*4096, args[3]|unix.MAP_FIXED_NOREPLACE
		s.want(there, sys, args[:]...)
		s.want(0, SysMunmap, there+4096, 4096)
		_ = area

		type test struct {
			name  string
			addr  uint64
			text  string
			errno unix.Errno
			entry int
		}
		var tests []test
		put := func(name string, addr uint64, content, text string, errno unix.Errno) {
			if content != "" {
				// The script copies word by word; a pipe would be no shorter.
				from := s.bytes([]byte(content))
				for at := 0; at < len(content); at += s.word() {
					s.add(opCopy, addr+uint64(at), from+uint64(at))
				}
			}
			tests = append(tests, test{name, addr, text, errno, s.call(SysAccess, addr, 0)})
		}
		inPlace := func(name, text string, errno unix.Errno) {
			content := text
			if errno != 0 {
				text = ""
			}
			put(name, s.str(content), "", text, errno)
		}
		inPlace("short", "/none", 0)
		inPlace("empty", "", 0)
		inPlace("not UTF-8", "/\xff\xfe none", 0)
		inPlace("longest", "/"+strings.Repeat("x/", 2047), 0)
		inPlace("too long", "/"+strings.Repeat("x/", 2047)+"y", unix.ENAMETOOLONG)
		inPlace("much too long", strings.Repeat("x/", 4000), unix.ENAMETOOLONG)
		put("to the end of the page", there+4096-8, "/x/none\x00", "/x/none", 0)
		put("over the end of the page", there+4096-8, "/x/none/", "", unix.EFAULT)
		put("zero", 0, "", "", unix.EFAULT)
		put("not mapped", there+5000, "", "", unix.EFAULT)
		if abi == ABIAMD64 {
			put("not canonical", 1<<63, "", "", unix.EFAULT)
			put("the kernel's", ^uint64(4095), "", "", unix.EFAULT)
		}
		s.dump()
		s.exit(0)

		n := 0
		tt := &trial{rules: stops(SysAccess), handler: &hooks{call: func(c *Call) {
			text, errno := c.Thread.ReadPath(c.Args[0])
			if want := tests[n]; string(text) != want.text || errno != want.errno {
				t.Errorf("%s: %d bytes, %v; want %d, %v", want.name, len(text), errno, len(want.text), want.errno)
			}
			n++
		}}}
		tt.succeed(t, s.write(t))
		results := s.results(t, tt.stdout)[0]
		for _, test := range tests {
			want := test.errno
			if want == 0 {
				want = unix.ENOENT
			}
			if got := results[test.entry]; got != -int64(want) {
				t.Errorf("%s: the kernel says %d, want %v", test.name, got, want)
			}
		}
		if n != len(tests) {
			t.Errorf("%d of %d calls", n, len(tests))
		}
	})
}

func TestMemory(t *testing.T) {
	eachABI(t, func(t *testing.T, abi ABI) {
		s := newScript(abi)
		room := s.bytes([]byte("0123456789"))
		sys, args := mapCall(abi, 4096)
		args[0], args[2], args[3] = 0x30000000, unix.PROT_READ, args[3]|unix.MAP_FIXED_NOREPLACE
		s.want(0x30000000, sys, args[:]...)
		s.call(SysAccess, room, 0)
		s.expectAt(room, 0x5958, 0xffff)
		s.exit(0)
		tt := &trial{rules: stops(SysAccess), handler: &hooks{call: func(c *Call) {
			th := c.Thread
			var b [10]byte
			if errno := th.ReadMemory(room, b[:]); errno != 0 || string(b[:]) != "0123456789" {
				t.Errorf("read %q, %v", b, errno)
			}
			// A string that is known is read once, until something is written.
			if errno := th.WriteString(room, "known"); errno != 0 {
				t.Error(errno)
			}
			before := th.Tracer().Stats().Transfers
			for range 2 {
				if s, errno := th.ReadString(room, 10); errno != 0 || string(s) != "known" {
					t.Errorf("string that was written: %q, %v", s, errno)
				}
			}
			if n := th.Tracer().Stats().Transfers - before; n != 0 {
				t.Errorf("what is known was read %d times", n)
			}
			if s, errno := th.ReadString(room, 5); errno != unix.ENAMETOOLONG {
				t.Errorf("known string with too little room: %q, %v", s, errno)
			}
			th.WriteMemory(room+1, []byte("ow"))
			if s, errno := th.ReadString(room, 10); errno != 0 || string(s) != "kowwn" {
				t.Errorf("string that was changed: %q, %v", s, errno)
			}
			if errno := th.WriteMemory(room, []byte("XY")); errno != 0 {
				t.Error(errno)
			}
			if errno := th.WriteMemory(0x30000000, []byte("XY")); errno != unix.EFAULT {
				t.Errorf("write where the program may not: %v", errno)
			}
			if errno := th.ReadMemory(0x30000000+4090, b[:]); errno != unix.EFAULT {
				t.Errorf("read over the end: %v", errno)
			}
			if errno := th.ReadMemory(0, b[:]); errno != unix.EFAULT {
				t.Errorf("read at 0: %v", errno)
			}
			if errno := th.ReadMemory(0, nil); errno != 0 {
				t.Errorf("read of nothing: %v", errno)
			}
			if s, errno := th.ReadString(room, 5); errno != unix.ENAMETOOLONG {
				t.Errorf("string without end: %q, %v", s, errno)
			}
			if errno := th.WriteString(0x30000000, "X"); errno != unix.EFAULT {
				t.Errorf("string where the program may not write: %v", errno)
			}
			if s, errno := th.ReadString(0x30000000, 10); string(s) == "X" || errno != 0 {
				t.Errorf("string that was not written: %q, %v", s, errno)
			}
		}}}
		tt.succeed(t, s.write(t))
	})
}

// Word by word the same is read and written as by process_vm_readv(2), wherever it begins and ends.
func TestWords(t *testing.T) {
	eachABI(t, func(t *testing.T, abi ABI) {
		s := newScript(abi)
		const there, end = 0x30000000, 0x30000000 + 4096 // and the page after it is not
		sys, args := mapCall(abi, 2*4096)
		args[0], args[3] = there, args[3]|unix.MAP_FIXED_NOREPLACE
		s.want(there, sys, args[:]...)
		s.want(0, SysMunmap, end, 4096)
		s.call(SysAccess, there, 0)
		s.exit(0)
		tt := &trial{rules: stops(SysAccess), handler: &hooks{call: func(c *Call) {
			tid := c.Thread.Tid
			model := make([]byte, 4096)
			for _, from := range []int{0, 1, 7, 8, 100, 4096 - 40} {
				for size := range 40 {
					text := bytes.Repeat([]byte{byte(from + size + 1)}, size)
					copy(model[from:], text)
					if n, errno := poke(tid, there+uintptr(from), text); n != size || errno != 0 {
						t.Fatalf("write %d at %d: %d, %v", size, from, n, errno)
					}
					got := make([]byte, size)
					if n, errno := peek(tid, there+uintptr(from), got); n != size || errno != 0 || !bytes.Equal(got, text) {
						t.Fatalf("read %d at %d: %d, %v", size, from, n, errno)
					}
				}
			}
			got := make([]byte, 4096)
			if errno := c.Thread.ReadMemory(there, got); errno != 0 || !bytes.Equal(got, model) {
				t.Errorf("what is written stands elsewhere too, %v", errno)
			}
			// Both give what there is before the end, and an error if there is nothing.
			for _, at := range []uintptr{end - 5, end, 0} {
				want, wantErrno := vmRead(tid, at, got[:10])
				if n, errno := peek(tid, at, got[:10]); n != want || errno != wantErrno {
					t.Errorf("read over the end at %#x: %d, %v; want %d, %v", at, n, errno, want, wantErrno)
				}
				want, wantErrno = vmWrite(tid, at, got[:10])
				if n, errno := poke(tid, at, got[:10]); n != want || errno != wantErrno {
					t.Errorf("write over the end at %#x: %d, %v; want %d, %v", at, n, errno, want, wantErrno)
				}
			}
		}}}
		tt.succeed(t, s.write(t))
	})
}
