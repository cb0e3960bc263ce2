package ptlib

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// emptyFile makes the file f in a directory that becomes the current one, and opens it.
func emptyFile(t *testing.T) *os.File {
	t.Helper()
	t.Chdir(t.TempDir())
	f, err := os.OpenFile("f", os.O_RDONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// shortcutProgram makes testdata/victim/shortcut.s an executable: code of a file, that nobody writes.
func shortcutProgram(t *testing.T) string {
	t.Helper()
	text, err := victimCode.ReadFile("testdata/victim/shortcut.hex")
	if err != nil {
		t.Fatal(err)
	}
	code, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	const headers = 64 + 56
	le := binary.LittleEndian
	b := []byte{0x7f, 'E', 'L', 'F', 2, 1, 1, 15: 0}
	b = le.AppendUint32(b, 62<<16|2) // EM_X86_64, ET_EXEC
	b = le.AppendUint32(b, 1)
	for _, v := range []uint64{scriptBase + headers, 64, 0} { // entry, program headers, no sections
		b = le.AppendUint64(b, v)
	}
	for _, v := range []uint32{0, 56<<16 | 64, 1, 0} {
		b = le.AppendUint32(b, v)
	}
	b = le.AppendUint32(b, 1) // PT_LOAD
	b = le.AppendUint32(b, 5) // readable, executable
	size := uint64(headers + len(code))
	for _, v := range []uint64{0, scriptBase, scriptBase, size, size, 0x1000} {
		b = le.AppendUint64(b, v)
	}
	path := filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(path, append(b, code...), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// rootsOwn shows files of one owner as root's, as a Shortcut does.
type rootsOwn struct {
	Watcher
	uid, gid uint32
	calls    map[Sys]int
}

func (h *rootsOwn) Syscall(c *Call) {
	h.calls[c.Sys]++
	buf := map[Sys]int{SysStat: 1, SysLstat: 1, SysFstat: 1, SysNewfstatat: 2, SysStatx: 4}
	at, isStat := buf[c.Sys]
	addr := c.Args[at]
	c.Then(func(c *Call) {
		var b StatBuffer
		if !isStat || c.Errno() != 0 || c.ReadStat(&b, addr) != 0 || b.Stat.UID != h.uid || b.Stat.GID != h.gid {
			return
		}
		b.Stat.UID, b.Stat.GID = 0, 0
		b.Patch()
	})
}

// What the program is told does not depend on how it is told, and only what is left to the Handler stops.
func TestShortcut(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("f", []byte("text"), 0o640); err != nil {
		t.Fatal(err)
	}
	const value = "seven"
	hasAttribute := unix.Setxattr("f", "user.f", []byte(value), 0) == nil
	var st unix.Stat_t
	if err := unix.Stat("f", &st); err != nil {
		t.Fatal(err)
	}
	program := shortcutProgram(t)
	own := ShortcutOptions{UID: st.Uid, GID: st.Gid}
	other := st.Uid + 1
	access := []Sys{SysAccess, SysFaccessat, SysFaccessat2}
	gets, lists := []Sys{SysGetxattr, SysLgetxattr, SysFgetxattr}, []Sys{SysListxattr, SysLlistxattr, SysFlistxattr}
	families := slices.Concat([]Sys{SysStat, SysLstat, SysFstat, SysNewfstatat, SysStatx}, access, gets, lists)
	const all = 3 // rounds
	for _, tt := range []struct {
		name    string
		options ShortcutOptions
		mode    uint32
		mark    bool
		uid     uint32 // that the program sees
		stats   int    // stops of each call of stat's family
		access  int    // and of access's
		attrs   bool   // something is claimed about attributes
		gets    int    // stops of getxattr, lgetxattr and fgetxattr
		lists   int    // and of listxattr, llistxattr and flistxattr
	}{
		{name: "own", options: own, mode: 0o640, stats: 1, access: 1, gets: 1, lists: 1},
		{name: "another's", options: ShortcutOptions{UID: other, GID: st.Gid}, mode: 0o640, uid: st.Uid, stats: 1, access: 1, gets: 1, lists: 1},
		{name: "nobody's", options: ShortcutOptions{UID: ^uint32(0)}, mode: 0o640, uid: st.Uid, stats: 1, access: 1, gets: 1, lists: 1},
		{name: "another group", options: ShortcutOptions{UID: st.Uid, GID: st.Gid + 1}, mode: 0o640, uid: st.Uid, stats: all, access: 1, gets: 1, lists: 1},
		{name: "marked", options: own, mode: 0o640, mark: true, stats: all, access: 1, gets: 1, lists: 1},
		{name: "attributes", options: own, mode: 0o640, stats: 1, access: 1, attrs: true, gets: all, lists: all},
		{name: "other file system", options: ShortcutOptions{UID: st.Uid, GID: st.Gid, Except: st.Dev}, mode: 0o640, stats: all, access: 1, gets: 1, lists: 1},
		{name: "unreadable", options: own, mode: 0o200, stats: all, access: all, gets: all, lists: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := os.Chmod("f", os.FileMode(tt.mode)|0o400); err != nil {
				t.Fatal(err)
			}
			f, err := os.Open("f")
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if err := f.Chmod(os.FileMode(tt.mode)); err != nil {
				t.Fatal(err)
			}
			cut, err := NewShortcut(tt.options)
			if err != nil {
				t.Fatal(err)
			}
			defer cut.Close()
			if tt.mark {
				cut.Mark(st.Dev, st.Ino)
			}
			if tt.attrs {
				cut.MarkAttributes()
			}
			h := &rootsOwn{uid: tt.options.UID, gid: tt.options.GID, calls: make(map[Sys]int)}
			run := &trial{rules: stops(families...), filter: FilterOptions{Shortcut: true}, handler: h, stdin: f, shortcut: cut}
			run.succeed(t, program)
			checkRecords(t, run.stdout, tt.uid)
			if hasAttribute && tt.mode&0o400 != 0 {
				checkAttribute(t, run.stdout, "user.f", value)
			}
			for _, s := range families {
				if len(Missing(s)) > 0 {
					continue // an older kernel refuses it before a filter of ours is asked
				}
				want := tt.stats
				switch {
				case slices.Contains(access, s):
					want = tt.access
				case slices.Contains(lists, s):
					want = tt.lists
				case slices.Contains(gets, s):
					want = tt.gets
				}
				if s == SysStat {
					// Without a name it is its first stop alone; the last place in the program stops until it is led elsewhere, then
					// without room for the stub and without the stub.
					want += 1 + 1 + 1 + 1
				}
				if h.calls[s] != want {
					t.Errorf("%v stopped %d times, want %d", s, h.calls[s], want)
				}
			}
		})
	}
}

// What the program writes for each call, and how many calls it makes in a round.
const (
	recordSize  = 16 + 256
	recordCalls = 15
)

// checkAttribute looks at the answers of getxattr and listxattr.
func checkAttribute(t *testing.T, out []byte, name, value string) {
	t.Helper()
	for i, want := range []string{value, value, value, name + "\x00", name + "\x00", name + "\x00"} {
		r := out[(9+i)*recordSize:]
		n := int64(binary.LittleEndian.Uint64(r))
		if n < int64(len(want)) || !bytes.Contains(r[16:16+n], []byte(want)) {
			t.Errorf("record %d: result %d, %q lacks %q", 9+i, n, r[16:16+max(n, 0)], want)
		}
	}
}

// checkRecords looks at what the program wrote: the same in each round, and no register or flag changed.
func checkRecords(t *testing.T, out []byte, uid uint32) {
	t.Helper()
	const calls, rounds = recordCalls, 3
	if len(out) != (rounds*calls+2)*recordSize {
		t.Fatalf("%d bytes of records", len(out))
	}
	record := func(i int) []byte { return out[i*recordSize:][:recordSize] }
	for i := range rounds * calls {
		r := record(i)
		if wrong := binary.LittleEndian.Uint64(r[8:]); wrong != 0 {
			t.Errorf("round %d, call %d: changed registers %#x", i/calls, i%calls, wrong)
		}
		if !bytes.Equal(r, record(i%calls)) {
			t.Errorf("round %d, call %d: %x, but %x in the first round", i/calls, i%calls, r, record(i%calls))
		}
	}
	for i, at := range map[int]int{0: 28, 1: 28, 2: 28, 3: 28, 4: 20, rounds * calls: 28, rounds*calls + 1: 28} {
		r := record(i)
		if i == 4 && len(Missing(SysStatx)) > 0 {
			continue
		}
		if result := int64(binary.LittleEndian.Uint64(r)); result != 0 {
			t.Errorf("record %d: result %d", i, result)
		}
		if got := binary.LittleEndian.Uint32(r[16+at:]); got != uid {
			t.Errorf("record %d: owner %d, want %d", i, got, uid)
		}
	}
	if result := int64(binary.LittleEndian.Uint64(record(8))); result != -int64(unix.EFAULT) {
		t.Errorf("stat without a name: %d", result)
	}
}

// A call that another filter stops is answered by the Handler, also where the stub makes it.
func TestShortcutOutranked(t *testing.T) {
	if len(Missing(SysStatx)) > 0 {
		t.Skip("the call that is stopped by another filter is statx")
	}
	f := emptyFile(t)
	cut, err := NewShortcut(ShortcutOptions{UID: uint32(os.Getuid()), GID: uint32(os.Getgid())})
	if err != nil {
		t.Fatal(err)
	}
	defer cut.Close()
	further := mustFilter(t, stops(SysStatx), FilterOptions{})
	statx := 0
	h := &hooks{call: func(c *Call) {
		if c.Sys == SysStatx {
			statx++
		}
		addr, first := c.Args[4], c.Sys == SysStat
		c.Then(func(c *Call) {
			if first {
				first = false
				if err := c.AddFilter(further); err != nil {
					t.Error(err)
				}
				return
			}
			var b StatBuffer
			if c.Sys != SysStatx || c.ReadStat(&b, addr) != 0 {
				return
			}
			b.Stat.UID = uint32(os.Getuid()) // which the stub would take for root's
			b.Stat.GID = 77
			b.Patch()
		})
	}}
	run := &trial{rules: stops(SysStat, SysStatx), filter: FilterOptions{Shortcut: true}, handler: h, stdin: f, shortcut: cut}
	run.succeed(t, shortcutProgram(t))
	if statx != 3 {
		t.Errorf("statx stopped %d times", statx)
	}
	for round := range 3 {
		r := run.stdout[(round*recordCalls+4)*recordSize:]
		if uid, gid := binary.LittleEndian.Uint32(r[16+20:]), binary.LittleEndian.Uint32(r[16+24:]); uid != uint32(os.Getuid()) || gid != 77 {
			t.Errorf("round %d: owner %d:%d", round, uid, gid)
		}
	}
}

// The tracer knows where the stub's calls and entries are.
func TestStub(t *testing.T) {
	code := stubText()
	if n := bytes.Count(code, []byte{0x0f, 0x05}); n != 2 {
		t.Errorf("the stub makes %d calls", n)
	}
	lea := []byte{0x48, 0x8d, 0xa4, 0x24} // LEAQ -stubFrame(SP), SP
	for _, s := range []Sys{SysStat, SysNewfstatat, SysStatx, SysAccess} {
		entry, _ := stubEntry(s)
		if at := code[entry-stubBase:]; !bytes.HasPrefix(at, lea) || int32(binary.LittleEndian.Uint32(at[4:])) != -stubFrame {
			t.Errorf("entry of %v: % x", s, at[:8])
		}
	}
	if len(code) > stubHeader-stubBase {
		t.Errorf("the stub has %d bytes", len(code))
	}
}

func TestIsSite(t *testing.T) {
	for _, tt := range []struct {
		code string
		nr   int
		want bool
	}{
		{"90b8060100000f05", 262, true},
		{"90b8060100000f05", 4, false},
		{"41b8060100000f05", 262, false}, // mov $262, %r8d
		{"4889c8900f050f05", 262, false},
		{"90b8060100000f34", 262, false}, // sysenter
	} {
		code, _ := hex.DecodeString(tt.code)
		if got := isSite(code, tt.nr); got != tt.want {
			t.Errorf("%s: %v", tt.code, got)
		}
	}
}

func TestDetourCode(t *testing.T) {
	got := hex.EncodeToString(detourCode(262, 0x7f0000001000, 0x7f0000003000, stubBase+0x20))
	// mov $262, %eax; lea 0x1ff4(%rip), %rcx; movabs $0x7ec000000020, %r11; jmp *%r11
	want := "b806010000" + "488d0df41f0000" + "49bb20000000c07e0000" + "41ffe3" + strings.Repeat("cc", 7)
	if got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for _, far := range []uint64{1 << 31, 1<<64 - 1<<31 - 1} {
		if _, ok := displacement(0, far); ok {
			t.Errorf("%#x is within reach", far)
		}
	}
}

// Into a program with a filter of its own nothing is mapped.
func TestShortcutConfined(t *testing.T) {
	f := emptyFile(t)
	cut, err := NewShortcut(ShortcutOptions{UID: uint32(os.Getuid()), GID: uint32(os.Getgid())})
	if err != nil {
		t.Fatal(err)
	}
	defer cut.Close()
	calls := 0
	h := &hooks{call: func(c *Call) {
		c.Thread.Confined()
		calls++
		c.Then(func(*Call) {})
	}}
	run := &trial{rules: stops(SysLstat), filter: FilterOptions{Shortcut: true}, handler: h, stdin: f, shortcut: cut}
	run.succeed(t, shortcutProgram(t))
	if calls != 3 {
		t.Errorf("lstat stopped %d times", calls)
	}
}

// A program in another namespace, or with another root directory, is handed the stub's file.
func TestShortcutGiven(t *testing.T) {
	needsGive(t)
	f := emptyFile(t)
	for _, path := range []string{"/nowhere\x00", "/proc/self/exe\x00"} {
		cut, err := NewShortcut(ShortcutOptions{UID: uint32(os.Getuid()), GID: uint32(os.Getgid())})
		if err != nil {
			t.Fatal(err)
		}
		defer cut.Close()
		cut.path = []byte(path)
		calls := 0
		h := &hooks{call: func(c *Call) {
			calls++
			c.Then(func(*Call) {})
		}}
		run := &trial{rules: stops(SysLstat), filter: FilterOptions{Shortcut: true}, handler: h, stdin: f, shortcut: cut}
		run.succeed(t, shortcutProgram(t))
		if calls != 1 {
			t.Errorf("%q: lstat stopped %d times", path, calls)
		}
	}
}
