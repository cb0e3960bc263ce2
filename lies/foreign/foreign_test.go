package foreign

import (
	"bytes"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/feign-build/feign/lies"
)

// testdata/fakeroot.save is what fakeroot 1.31 -s wrote, and fakeroot-path.save what it wrote that was compiled with FAKEROOT_DB_PATH:
// read and written again, they are the same bytes.
func TestRealFakeroot(t *testing.T) {
	device := Entry{Mode: 0o20644, Nlink: 1, Rdev: lies.Makedev(1, 3)}
	byInode, byPath := device, device
	byInode.Dev, byInode.Ino = 0xfe00, 10536729
	byPath.Path = "/tmp/fkp/tree/null"
	for _, tt := range []struct {
		format Format
		file   string
		at     int
		device Entry
	}{{Fakeroot, "fakeroot.save", 4, byInode}, {FakerootPath, "fakeroot-path.save", 2, byPath}} {
		want, err := os.ReadFile("testdata/" + tt.file)
		if err != nil {
			t.Fatal(err)
		}
		for _, named := range []Format{Fakeroot, FakerootPath} { // whichever of the two it is said to be
			entries, err := Read(named, bytes.NewReader(want))
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			if err := Write(tt.format, &got, entries); err != nil || got.String() != string(want) {
				t.Errorf("%s: %v\n%s", tt.file, err, &got)
			}
			if len(entries) != 7 || !reflect.DeepEqual(entries[tt.at], tt.device) {
				t.Errorf("%s: %+v", tt.file, entries)
			}
		}
	}
}

// testdata/fakeroot-ng.state is what fakeroot-ng 0.18 -p wrote of the tree of TestFakerootNG in test/store, on ext4: read and written again, it
// is the same bytes.
func TestRealFakerootNG(t *testing.T) {
	want, err := os.ReadFile("testdata/fakeroot-ng.state")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := Read(FakerootNG, bytes.NewReader(want))
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := Write(FakerootNG, &got, entries); err != nil || got.String() != string(want) {
		t.Errorf("%v\n%s", err, &got)
	}
	suid := Entry{Dev: 0xfe00, Ino: 10421697, Mode: 0o104755, UID: 5, GID: 6}
	if len(entries) != 5 || !slices.ContainsFunc(entries, func(e Entry) bool { return reflect.DeepEqual(e, suid) }) {
		t.Errorf("%+v", entries)
	}
}

func TestText(t *testing.T) {
	for _, tt := range []struct {
		format Format
		line   string
		want   Entry
	}{
		{Fakeroot, "dev=fe00,ino=18446744073709551615,mode=104755,uid=4294967294,gid=8,nlink=2,rdev=0",
			Entry{Dev: 0xfe00, Ino: 1<<64 - 1, Mode: 0o104755, UID: 1<<32 - 2, GID: 8, Nlink: 2}},
		{FakerootPath, "mode=60644,uid=0,gid=6,nlink=1,rdev=2048 /dev/a b,c ", Entry{Path: "/dev/a b,c ", Mode: 0o60644, GID: 6, Nlink: 1, Rdev: 2048}},
		{FakerootNG, "dev=801,ino=5,mode=20644,uid=0,gid=0,rdev=103", Entry{Dev: 0x801, Ino: 5, Mode: 0o20644, Rdev: 0x103}},
	} {
		entries, err := Read(tt.format, strings.NewReader(tt.line+"\n"))
		if err != nil || len(entries) != 1 || !reflect.DeepEqual(entries[0], tt.want) {
			t.Errorf("%s: %v %+v", tt.line, err, entries)
			continue
		}
		var out strings.Builder
		if err := Write(tt.format, &out, entries); err != nil || out.String() != tt.line+"\n" {
			t.Errorf("%v: %q", err, &out)
		}
	}
	// Either variant of fakeroot's is known by its lines.
	mixed := "mode=100644,uid=1,gid=2,nlink=1,rdev=0 /a\ndev=1,ino=2,mode=100644,uid=1,gid=2,nlink=1,rdev=0\n"
	if entries, err := Read(Fakeroot, strings.NewReader(mixed)); err != nil || len(entries) != 2 {
		t.Errorf("%v %+v", err, entries)
	}
}

func TestBadText(t *testing.T) {
	const good = "dev=1,ino=2,mode=100644,uid=1,gid=2,nlink=1,rdev=0\n"
	for _, tt := range []struct{ text, want string }{
		{"\n", `line 1: want dev=, a number to the base 16, found ""`},
		{good + "dev=1,ino=x,mode=1,uid=1,gid=2,nlink=1,rdev=0\n", `line 2: want ino=, a number to the base 10, found "ino=x"`},
		{"dev=1,ino=2,mode=9,uid=1,gid=2,nlink=1,rdev=0\n", "line 1: want mode=, a number to the base 8"},
		{"dev=1,ino=2,mode=1,uid=4294967296,gid=2,nlink=1,rdev=0\n", "line 1: want uid="},
		{"dev=1,ino=2,mode=1,uid=1,gid=2,nlink=1,rdev=0 \n", "line 1: want rdev="},
		{"mode=1,uid=1,gid=2,nlink=1,rdev=0\n", "line 1: no path in"},
		{good + strings.Repeat("x", maxLine+1), "line 2: "},
	} {
		if _, err := Read(Fakeroot, strings.NewReader(tt.text)); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%.50q: %v", tt.text, err)
		}
	}
	if _, err := Read("cpio", nil); err == nil {
		t.Error("no error for an unknown format")
	}
	if err := Write(FakerootPath, &strings.Builder{}, []Entry{{Path: "/a\nb"}}); err == nil {
		t.Error("a path of two lines was written")
	}
}

// An entry tells no more of a file than its number; one that was born later is another.
func TestLie(t *testing.T) {
	saved := lies.Timespec{Sec: 100}
	ix := lies.New(lies.Options{})
	device := Entry{Dev: 1, Ino: 2, Mode: 0o20600, UID: 0, GID: 5, Rdev: 259}
	link := Entry{Dev: 1, Ino: 3, Mode: 0o120777, UID: 3, GID: 4}
	ix.Set(device.Lie(saved))
	ix.Set(link.Lie(saved))
	born := func(typ uint32, sec int64) lies.Identity {
		return lies.Identity{Type: typ, Btime: lies.Timespec{Sec: sec}, Ctime: lies.Timespec{Sec: 200}}
	}
	c, outcome := ix.Lookup(lies.Key{Dev: 1, Ino: 2}, born(typeRegular, 50), nil)
	if outcome != lies.Found || c.ModeOf(0o100600) != 0o20600 || c.Rdev != 259 || c.GID != 5 {
		t.Errorf("%v %+v", outcome, c)
	}
	if _, outcome := ix.Lookup(lies.Key{Dev: 1, Ino: 3}, born(typeLink, 150), nil); outcome != lies.Dropped {
		t.Errorf("%v", outcome)
	}
	l := device.Lie(saved)
	if e := Of(&l, Disk{Mode: 0o100644, UID: 9, GID: 9}); !reflect.DeepEqual(e, device) {
		t.Errorf("%+v", e)
	}
	l = lies.Lie{Key: lies.Key{Dev: 1, Ino: 2}}
	l.Has, l.UID = lies.HasUID, 7
	l.SetXattr("user.a", []byte("b"))
	l.HideXattr("user.c")
	if e := Of(&l, Disk{Mode: 0o100644, UID: 9, GID: 9, Nlink: 2}); e.UID != 7 || e.GID != 9 || e.Mode != 0o100644 || len(e.Xattrs) != 1 {
		t.Errorf("%+v", e)
	}
}

// What is read can be written, and is read as the same.
func FuzzRead(f *testing.F) {
	f.Add("fakeroot", "dev=fe00,ino=10,mode=104755,uid=1,gid=8,nlink=2,rdev=0\n")
	f.Add("fakeroot", "mode=60644,uid=0,gid=6,nlink=1,rdev=2048 /dev/a b\n")
	f.Add("fakeroot-path", "mode=60644,uid=0,gid=6,nlink=1,rdev=2048 /dev/a b\n")
	f.Add("fakeroot-ng", "dev=801,ino=5,mode=20644,uid=0,gid=0,rdev=103\n")
	f.Fuzz(func(t *testing.T, format, text string) {
		entries, err := Read(Format(format), strings.NewReader(text))
		if err != nil {
			return
		}
		for _, e := range entries {
			out := Format(format)
			if out != FakerootNG {
				out = Fakeroot
				if e.Path != "" {
					out = FakerootPath
				}
			}
			var b strings.Builder
			if err := Write(out, &b, []Entry{e}); err != nil {
				t.Fatal(err)
			}
			again, err := Read(out, strings.NewReader(b.String()))
			if err != nil || len(again) != 1 || !reflect.DeepEqual(again[0], e) {
				t.Errorf("%+v became %q: %+v, %v", e, &b, again, err)
			}
		}
	})
}
