package archive

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"math"
	"testing"
	"time"

	"github.com/feign-build/feign/lies/manifest"
)

// oneTarHeader writes one entry without its content and reads it with archive/tar.
func oneTarHeader(t *testing.T, e manifest.Entry) (*tar.Header, []byte) {
	t.Helper()
	var b bytes.Buffer
	enc := newTarEncoder(&b, func(l Loss) { t.Errorf("lost: %v", l) })
	errData := errors.New("no content here")
	it := &item{Entry: &e, time: clamp(e.Time, time.Time{}), index: 1}
	if err := enc.add(it, func(io.Writer) error { return errData }); err != nil && err != errData {
		t.Fatal(err)
	}
	h, err := tar.NewReader(bytes.NewReader(b.Bytes())).Next()
	if err != nil {
		t.Fatal(err)
	}
	return h, b.Bytes()
}

// TestTarExtremes: what does not fit into ustar's fields arrives all the same.
func TestTarExtremes(t *testing.T) {
	for _, e := range []manifest.Entry{
		{Path: "huge", Type: manifest.TypeFile, Size: 8<<30 + 1, Time: day},
		{Path: "huger", Type: manifest.TypeFile, Size: math.MaxInt64 - 1<<20, Time: day},
		{Path: "ids", Type: manifest.TypeFifo, UID: 2097152, GID: math.MaxUint32, Time: day},
		{Path: "dev", Type: manifest.TypeBlock, Major: 4095, Minor: 1048575, Time: day}, // Linux has 12 and 20 bits
		{Path: "late", Type: manifest.TypeFifo, Time: time.Unix(1<<40, 999999999)},
		{Path: "early", Type: manifest.TypeFifo, Time: time.Unix(-1<<40, 1)},
		{Path: "mode", Type: manifest.TypeFifo, Mode: 0o7777, Time: day},
		{Path: "%3D", Type: manifest.TypeFifo, Time: day, Xattrs: []manifest.Xattr{
			{Name: "user.%25=%3D", Value: []byte("\x00=\n1 a=b\n")},
			{Name: "user.big", Value: bytes.Repeat([]byte{0}, 64<<10)},
		}},
	} {
		h, raw := oneTarHeader(t, e)
		s, _, err := newTarDecoder(bytes.NewReader(raw)).next()
		if err != nil {
			t.Errorf("%s: %v", e.Path, err)
			continue
		}
		if diff := s.differs(&stored{Entry: e}); diff != "" {
			t.Errorf("%s: read back with another %s: %+v", e.Path, diff, h)
		}
	}
}

// TestTarPlain: an ordinary entry has one header and no PAX records.
func TestTarPlain(t *testing.T) {
	h, raw := oneTarHeader(t, manifest.Entry{Path: "usr/bin/x", Type: manifest.TypeFile, Mode: 0o755, Size: 5, Time: day})
	if len(raw) != 512 || h.Format != tar.FormatUSTAR {
		t.Errorf("%d bytes, format %v", len(raw), h.Format)
	}
}

// TestTarTooLarge: attributes beyond what archive/tar (and GNU tar) take in one header are an error, not a loss.
func TestTarTooLarge(t *testing.T) {
	z := newZoo()
	e := manifest.Entry{Path: "x", Type: manifest.TypeFifo}
	for i := range 20 {
		e.Xattrs = append(e.Xattrs, manifest.Xattr{Name: "user." + string(rune('a'+i)), Value: make([]byte, 64<<10)})
	}
	z.add(e)
	err := Write(t.Context(), io.Discard, z.m, t.TempDir(), Options{Format: "tar"})
	if !errors.Is(err, tar.ErrFieldTooLong) || err.Error() != "archive: x: tar header: archive/tar: header field too long" {
		t.Error(err)
	}
}

// TestTarNames pins what entries are called, and by archive/tar's eyes what they are.
func TestTarNames(t *testing.T) {
	z := fullZoo()
	r := tar.NewReader(bytes.NewReader(z.pack(t, z.write(t), Options{Format: "tar", Epoch: day})))
	got := map[string]*tar.Header{}
	for i := 0; ; i++ {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		must(t, err)
		if i == 0 && h.Name != "./" {
			t.Errorf("the root is called %q", h.Name)
		}
		if h.ModTime.After(day) {
			t.Errorf("%s: %v is later than the epoch", h.Name, h.ModTime)
		}
		got[h.Name] = h
	}
	for name, want := range map[string]struct {
		flag byte
		link string
	}{
		"usr/bin/":        {tar.TypeDir, ""},
		"usr/bin/git":     {tar.TypeReg, ""},
		"usr/bin/git-add": {tar.TypeLink, "usr/bin/git"},
		"usr/libexec":     {tar.TypeLink, "usr/bin/git"},
		"dev/nil":         {tar.TypeChar, ""},
		"dev/zero":        {tar.TypeLink, "dev/nil"},
		"link1":           {tar.TypeSymlink, "a"},
		"link2":           {tar.TypeLink, "link1"},
		"latin1-\xe9\xff": {tar.TypeReg, ""},
		"to-latin1":       {tar.TypeSymlink, "latin1-\xe9\xff"},
		"dev/initctl":     {tar.TypeFifo, ""},
		"caf\xc3\xa9":     {tar.TypeReg, ""},
	} {
		h := got[name]
		if h == nil {
			t.Errorf("no %q", name)
			continue
		}
		if h.Typeflag != want.flag || h.Linkname != want.link {
			t.Errorf("%s: type %q, link %q, want %q, %q", name, h.Typeflag, h.Linkname, want.flag, want.link)
		}
	}
	if got := got["usr/bin/ping"].PAXRecords["SCHILY.xattr.security.capability"]; got != string(capability) {
		t.Errorf("the capability is %q", got)
	}
	if got := got["latin1-\xe9\xff"].PAXRecords["hdrcharset"]; got != "BINARY" {
		t.Errorf("hdrcharset is %q", got)
	}
	if got["dev/log"] != nil {
		t.Error("there is a socket")
	}
}
