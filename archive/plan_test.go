package archive

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/feign-build/feign/lies/manifest"
)

// TestHostileManifest: manifests whose archive would be broken or would write outside the root where it is unpacked.
func TestHostileManifest(t *testing.T) {
	dir := func(p string) manifest.Entry { return manifest.Entry{Path: p, Type: manifest.TypeDir} }
	fifo := func(p string) manifest.Entry { return manifest.Entry{Path: p, Type: manifest.TypeFifo} }
	link := func(p, to string) manifest.Entry { return manifest.Entry{Path: p, Type: manifest.TypeLink, Link: to} }
	linked := func(p string, mode uint32) manifest.Entry {
		return manifest.Entry{Path: p, Type: manifest.TypeFifo, Mode: mode, Group: 1}
	}
	xattrs := func(names ...string) manifest.Entry {
		e := fifo("x")
		for _, n := range names {
			e.Xattrs = append(e.Xattrs, manifest.Xattr{Name: n})
		}
		return e
	}
	for _, tt := range []struct {
		want    string
		entries []manifest.Entry
	}{
		{`has ".." in it`, []manifest.Entry{fifo("../x")}},
		{`has ".." in it`, []manifest.Entry{dir("a"), fifo("a/../../x")}},
		{`has ".." in it`, []manifest.Entry{dir("..")}},
		{`has "." in it`, []manifest.Entry{fifo("./x")}},
		{"absolute", []manifest.Entry{fifo("/etc/x")}},
		{"empty", []manifest.Entry{fifo("")}},
		{"empty name", []manifest.Entry{fifo("a//x")}},
		{"empty name", []manifest.Entry{dir("a/")}},
		{"NUL", []manifest.Entry{fifo("a\x00b")}},
		{"below a, which is a link", []manifest.Entry{link("a", "/etc"), fifo("a/x")}},
		{"below a, which is a link", []manifest.Entry{link("a", "/etc"), fifo("a/b/x")}},
		{"below a/b, which is a fifo", []manifest.Entry{dir("."), dir("a"), fifo("a/b"), fifo("a/b/x")}},
		{"order of paths, after x", []manifest.Entry{fifo("x"), fifo("x")}},
		{"order of paths, after x", []manifest.Entry{fifo("x"), dir(".")}},
		{"order of paths, after a/b", []manifest.Entry{fifo("a/b"), dir("a")}},
		{"the root is a link", []manifest.Entry{link(".", "/etc")}},
		{"unknown type", []manifest.Entry{{Path: "x"}}},
		{"unknown type", []manifest.Entry{{Path: "x", Type: 99}}},
		{"permission bits", []manifest.Entry{{Path: "x", Type: manifest.TypeFifo, Mode: 0o100644}}},
		{"size -1", []manifest.Entry{{Path: "x", Type: manifest.TypeFile, Size: -1}}},
		{"without a target", []manifest.Entry{link("x", "")}},
		{"NUL", []manifest.Entry{link("x", "a\x00b")}},
		{"NUL", []manifest.Entry{{Path: "x", Type: manifest.TypeFifo, Gname: "\x00"}}},
		{"directory with hard links", []manifest.Entry{{Path: "x", Type: manifest.TypeDir, Group: 1}}},
		{"differs from x", []manifest.Entry{linked("x", 0o644), linked("y", 0o600)}},
		{"attribute is called", []manifest.Entry{xattrs("")}},
		{"attribute is called", []manifest.Entry{xattrs("user.\x00")}},
		{"not in order", []manifest.Entry{xattrs("user.b", "user.a")}},
		{"not in order", []manifest.Entry{xattrs("user.a", "user.a")}},
	} {
		for _, format := range []string{"tar", "cpio"} {
			m := &manifest.Manifest{Entries: tt.entries}
			err := Write(t.Context(), io.Discard, m, t.TempDir(), Options{Format: format})
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "the manifest is wrong") {
				t.Errorf("%q: %s: %v, want %q", tt.entries[len(tt.entries)-1].Path, format, err, tt.want)
			}
		}
	}
}

// TestPartialManifest: entries whose directories the manifest leaves out, as an excluding scan does, are no mistake.
func TestPartialManifest(t *testing.T) {
	m := &manifest.Manifest{Entries: []manifest.Entry{
		{Path: "a/b/x", Type: manifest.TypeFifo, Group: 7, Nlink: 3}, // the other links are left out too
	}}
	items, err := plan(m, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for it := range items {
		if !it.isFirst() || !it.isLast() || it.links != nil {
			t.Errorf("a single path is a hard link: %+v", it)
		}
	}
}

func TestClamp(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 5) }
	for _, tt := range []struct{ in, epoch, want time.Time }{
		{at(100), time.Time{}, at(100)},
		{at(100), at(50), at(50)},
		{at(100), time.Unix(0, 0), time.Unix(0, 0)}, // SOURCE_DATE_EPOCH=0 is a time like any other
		{at(10), at(50), at(10)},                    // never raised
		{at(-10), at(50), at(-10)},
		{time.Time{}, at(50), time.Unix(0, 0)},
	} {
		if got := clamp(tt.in, tt.epoch); !got.Equal(tt.want) || got.Location() != time.UTC {
			t.Errorf("clamp(%v, %v) = %v, want %v", tt.in, tt.epoch, got, tt.want)
		}
	}
}
