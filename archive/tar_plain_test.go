package archive

import (
	"archive/tar"
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/feign-build/feign/lies/manifest"
)

// samePlain compares the block for an item, if it gets one, with what archive/tar makes of the item.
func samePlain(t *testing.T, it *item) (plain bool) {
	t.Helper()
	var b tarBlock
	if !b.set(it) {
		return false
	}
	var want bytes.Buffer
	w := newTarWriter(&want, math.MaxUint32>>1)
	must(t, w.writeHeader(tarHeader(it), it.UID, it.GID))
	if !bytes.Equal(b[:], want.Bytes()) {
		t.Errorf("%q: archive/tar makes another header:\n%q\n%q", it.Path, b[:], want.Bytes())
	}
	return true
}

// TestTarBlock: what is written without archive/tar is what archive/tar writes, at the ends of each field too.
func TestTarBlock(t *testing.T) {
	file := func(change func(e *manifest.Entry)) *item {
		e := &manifest.Entry{Path: "usr/bin/x", Type: manifest.TypeFile, Mode: 0o755, Size: 5, Time: day}
		change(e)
		return &item{Entry: e, time: e.Time}
	}
	linked := &links{first: "a/first", last: "z"}
	tests := []struct {
		name  string
		it    *item
		plain bool
	}{
		{"file", file(func(e *manifest.Entry) {}), true},
		{"empty, no mode, 1970", file(func(e *manifest.Entry) { e.Size, e.Mode, e.Time = 0, 0, time.Unix(0, 0) }), true},
		{"directory", file(func(e *manifest.Entry) { e.Type, e.Size = manifest.TypeDir, 0 }), true},
		{"root", file(func(e *manifest.Entry) { e.Type, e.Size, e.Path = manifest.TypeDir, 0, "." }), true},
		{"symbolic link", file(func(e *manifest.Entry) { e.Type, e.Size, e.Link = manifest.TypeLink, 0, "../to" }), true},
		{"hard link", &item{Entry: file(func(e *manifest.Entry) { e.Path = "b" }).Entry, time: day, links: linked}, true},
		{"names", file(func(e *manifest.Entry) { e.Uname, e.Gname = strings.Repeat("u", 32), strings.Repeat("g", 32) }), true},
		{"long name", file(func(e *manifest.Entry) { e.Uname = strings.Repeat("u", 33) }), false},
		{"largest", file(func(e *manifest.Entry) { e.Size, e.Mode, e.UID, e.GID = 1<<33-1, 0o7777, 1<<21-1, 1<<21-1 }), true},
		{"larger", file(func(e *manifest.Entry) { e.Size = 1 << 33 }), false},
		{"larger uid", file(func(e *manifest.Entry) { e.UID = 1 << 21 }), false},
		{"larger gid", file(func(e *manifest.Entry) { e.GID = math.MaxUint32 }), false},
		{"last second", file(func(e *manifest.Entry) { e.Time = time.Unix(1<<33-1, 0) }), true},
		{"a second more", file(func(e *manifest.Entry) { e.Time = time.Unix(1<<33, 0) }), false},
		{"before 1970", file(func(e *manifest.Entry) { e.Time = time.Unix(-1, 0) }), false},
		{"nanosecond", file(func(e *manifest.Entry) { e.Time = day.Add(1) }), false},
		{"path of 100", file(func(e *manifest.Entry) { e.Path = strings.Repeat("p", 100) }), true},
		{"path of 101", file(func(e *manifest.Entry) { e.Path = strings.Repeat("p", 101) }), false},
		{"directory of 99", file(func(e *manifest.Entry) { e.Type, e.Size, e.Path = manifest.TypeDir, 0, strings.Repeat("d", 99) }), true},
		{"directory of 100", file(func(e *manifest.Entry) { e.Type, e.Size, e.Path = manifest.TypeDir, 0, strings.Repeat("d", 100) }), false},
		{"link to 100", file(func(e *manifest.Entry) {
			e.Type, e.Size, e.Link = manifest.TypeLink, 0, strings.Repeat("l", 100)
		}), true},
		{"link to 101", file(func(e *manifest.Entry) {
			e.Type, e.Size, e.Link = manifest.TypeLink, 0, strings.Repeat("l", 101)
		}), false},
		{"no ASCII", file(func(e *manifest.Entry) { e.Path = "caf\xc3\xa9" }), false},
		{"controls", file(func(e *manifest.Entry) { e.Path = "a\nb\x7f" }), true},
		{"xattr", file(func(e *manifest.Entry) { e.Xattrs = []manifest.Xattr{{Name: "user.x"}} }), false},
		{"FIFO", file(func(e *manifest.Entry) { e.Type, e.Size = manifest.TypeFifo, 0 }), false},
	}
	for _, tt := range tests {
		if plain := samePlain(t, tt.it); plain != tt.plain {
			t.Errorf("%s: plain is %v", tt.name, plain)
		}
	}
}

// Plain entries and others, with contents that fill blocks and that do not, follow each other as archive/tar has them.
func TestTarPlainAmongOthers(t *testing.T) {
	z := fullZoo()
	for _, epoch := range []time.Time{{}, day} {
		r := tar.NewReader(bytes.NewReader(z.pack(t, z.write(t), Options{Format: "tar", Epoch: epoch})))
		items, err := plan(z.m, epoch)
		must(t, err)
		plain, others := 0, 0
		for it := range items {
			if it.Type == manifest.TypeSocket {
				continue
			}
			h, err := r.Next()
			must(t, err)
			if h.Name != tarName(it.Entry) {
				t.Fatalf("%q stands where %q should", h.Name, it.Path)
			}
			if samePlain(t, it) {
				plain++
			} else {
				others++
			}
		}
		if plain < 10 || others < 10 {
			t.Errorf("%d plain, %d others: the tree does not test this", plain, others)
		}
	}
}

func FuzzTarBlock(f *testing.F) {
	f.Add("usr/bin/x", "", "root", "wheel", uint32(0o4755), uint32(0), uint32(0), int64(17), int64(1700000000), byte(manifest.TypeFile))
	f.Add("d", "", "", "", uint32(0o755), uint32(1<<21), uint32(1<<21-1), int64(0), int64(-1), byte(manifest.TypeDir))
	f.Add(strings.Repeat("p", 100), "../to", "u", "g", uint32(0o777), uint32(1), uint32(2), int64(0), int64(1<<33), byte(manifest.TypeLink))
	f.Fuzz(func(t *testing.T, path, link, uname, gname string, mode, uid, gid uint32, size, seconds int64, typ byte) {
		e := manifest.Entry{Path: path, Type: manifest.Type(typ), Mode: mode, UID: uid, GID: gid, Uname: uname, Gname: gname,
			Time: time.Unix(seconds, 0).UTC()}
		switch e.Type {
		case manifest.TypeFile:
			e.Size = size
		case manifest.TypeLink:
			e.Link = link
		}
		// The item of a manifest that plan has accepted.
		m := &manifest.Manifest{Entries: []manifest.Entry{{Path: ".", Type: manifest.TypeDir}, e}}
		if m.Validate() != nil {
			return
		}
		samePlain(t, &item{Entry: &e, time: e.Time})
	})
}
