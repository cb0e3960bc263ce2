package archive

import (
	"bytes"
	"crypto/sha256"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/feign-build/feign/lies/manifest"
)

// TestCpioLimits: what newc cannot hold is an error that names the entry and says what to do.
func TestCpioLimits(t *testing.T) {
	long := strings.Repeat("d/", 2100) + "x"
	for _, tt := range []struct {
		e    manifest.Entry
		want string
	}{
		{manifest.Entry{Path: "x", Type: manifest.TypeFile, Size: math.MaxUint32}, ""},
		{manifest.Entry{Path: "x", Type: manifest.TypeFile, Size: math.MaxUint32 + 1}, "4294967296 bytes"},
		{manifest.Entry{Path: "x", Type: manifest.TypeFifo, Time: time.Unix(math.MaxUint32, 0)}, ""},
		{manifest.Entry{Path: "x", Type: manifest.TypeFifo, Time: time.Unix(math.MaxUint32+1, 0)}, "2106-02-07T06:28:16Z"},
		{manifest.Entry{Path: "x", Type: manifest.TypeFifo, Time: time.Unix(-1, 0)}, "1969-12-31T23:59:59Z"},
		{manifest.Entry{Path: "TRAILER!!!", Type: manifest.TypeFifo}, "TRAILER!!!"},
		{manifest.Entry{Path: "a/TRAILER!!!", Type: manifest.TypeFifo}, ""},
		{manifest.Entry{Path: long[:4095], Type: manifest.TypeFifo}, ""},
		{manifest.Entry{Path: long[:4097], Type: manifest.TypeFifo}, "below 4096 bytes"},
		{manifest.Entry{Path: "x", Type: manifest.TypeLink, Link: long[:4096]}, "below 4096 bytes"},
		{manifest.Entry{Path: "x", Type: manifest.TypeSocket, UID: math.MaxUint32, GID: math.MaxUint32}, ""},
		{manifest.Entry{Path: "x", Type: manifest.TypeChar, Major: math.MaxUint32, Minor: math.MaxUint32}, ""},
	} {
		it := &item{Entry: &tt.e, time: clamp(tt.e.Time, time.Time{}), index: 1}
		err := newCpioEncoder(io.Discard, func(Loss) {}).add(it, func(io.Writer) error { return nil })
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.20s: %v, want %q", tt.e.Path, err, tt.want)
		}
	}
}

// TestCpioSocket: newc has them, and the kernel unpacks them.
func TestCpioSocket(t *testing.T) {
	z := newZoo()
	z.add(manifest.Entry{Path: "log", Type: manifest.TypeSocket, Mode: 0o666})
	o := Options{Format: "cpio", Lost: func(l Loss) { t.Errorf("lost: %v", l) }}
	must(t, Check(t.Context(), bytes.NewReader(z.pack(t, t.TempDir(), o)), z.m, o))
}

// TestCpioHardLinks: nlink and inode number with every link, the content with the last one only.
func TestCpioHardLinks(t *testing.T) {
	z := plainZoo()
	b := z.pack(t, z.write(t), Options{Format: "cpio"})
	dec := newCpioDecoder(bytes.NewReader(b))
	got := map[string]*stored{}
	for {
		s, body, err := dec.next()
		if err == io.EOF {
			break
		}
		must(t, err)
		got[s.Path] = s
		if s.Path == "usr/libexec" {
			content, err := io.ReadAll(body)
			if string(content) != "#!/bin/git\n" || err != nil {
				t.Errorf("content %q, %v", content, err)
			}
		}
	}
	first := got["usr/bin/git"]
	for path, size := range map[string]int64{"usr/bin/git": 0, "usr/bin/git-add": 0, "usr/libexec": 11} {
		if s := got[path]; s.ino != first.ino || s.Nlink != 3 || s.Size != size {
			t.Errorf("%s: inode %d, %d links, %d bytes", path, s.ino, s.Nlink, s.Size)
		}
	}
	if a, b := got["dev/nil"], got["dev/zero"]; a.ino != b.ino || a.Nlink != 2 || b.Nlink != 2 {
		t.Error("the device's links are none")
	}
}

// FuzzCpio writes entries made of anything, and reads them back.
func FuzzCpio(f *testing.F) {
	f.Add("a", "content", uint32(0o4755), uint32(0), uint32(1<<31), int64(1), uint8(manifest.TypeFile))
	f.Add("\xff\n", "target", uint32(0o777), uint32(math.MaxUint32), uint32(7), int64(math.MaxUint32), uint8(manifest.TypeLink))
	f.Add("TRAILER!!!", "", uint32(0), uint32(0), uint32(0), int64(-1), uint8(manifest.TypeChar))
	f.Add("070701", "07070100000001", uint32(0o644), uint32(0), uint32(0), int64(0), uint8(manifest.TypeFile))
	f.Fuzz(func(t *testing.T, name, content string, mode, uid, minor uint32, sec int64, typ uint8) {
		e := manifest.Entry{Path: name, Type: manifest.Type(typ), Mode: mode, UID: uid, GID: ^uid, Time: time.Unix(sec, 0).UTC()}
		switch {
		case e.Type == manifest.TypeFile:
			e.Size, e.Digest, e.HasDigest = int64(len(content)), sha256.Sum256([]byte(content)), true
		case e.Type == manifest.TypeLink:
			e.Link = content
		case e.Type.IsDevice():
			e.Major, e.Minor = ^minor, minor
		}
		m := &manifest.Manifest{Entries: []manifest.Entry{{Path: ".", Type: manifest.TypeDir, Time: day}, e}}
		items, err := plan(m, time.Time{})
		if err != nil {
			return // no manifest
		}
		var b bytes.Buffer
		enc := newCpioEncoder(&b, func(l Loss) { t.Errorf("lost: %v", l) })
		for it := range items {
			err := enc.add(it, func(w io.Writer) error {
				_, err := io.WriteString(w, content)
				return err
			})
			if err != nil {
				return // beyond what newc can hold
			}
		}
		must(t, enc.close())
		if b.Len()%newcBlock != 0 {
			t.Errorf("%d bytes are no blocks", b.Len())
		}
		must(t, Check(t.Context(), &b, m, Options{Format: "cpio"}))
	})
}

// FuzzCpioDecoder: whatever it is fed, the decoder ends, and allocates no more than a path for what is not there.
func FuzzCpioDecoder(f *testing.F) {
	z := plainZoo()
	var b bytes.Buffer
	enc := newCpioEncoder(&b, func(Loss) {})
	items, err := plan(z.m, time.Time{})
	must(f, err)
	for it := range items {
		if it.Type != manifest.TypeFile {
			must(f, enc.add(it, nil))
		}
	}
	must(f, enc.close())
	f.Add(b.Bytes())
	f.Add([]byte(newcMagic + strings.Repeat("f", newcHeader)))
	f.Fuzz(func(t *testing.T, b []byte) {
		dec := newCpioDecoder(bytes.NewReader(b))
		for range len(b)/newcHeader + 2 {
			if _, _, err := dec.next(); err != nil {
				return
			}
		}
		t.Error("more entries than headers fit")
	})
}
