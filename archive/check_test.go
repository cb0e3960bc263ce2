package archive

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/feign-build/feign/lies/manifest"
)

// TestCheckFinds changes the manifest after an archive was written: Check must name the path and what differs.
func TestCheckFinds(t *testing.T) {
	for _, tt := range []struct {
		path   string
		change func(e *manifest.Entry)
		want   string
		tar    bool // cpio does not carry it
	}{
		{"a/b/c", func(e *manifest.Entry) { e.Mode = 0o600 }, "another mode (0644)", false},
		{"a/b/c", func(e *manifest.Entry) { e.UID = 1 }, "another owner (0:0)", false},
		{"a/b/c", func(e *manifest.Entry) { e.GID = 1 }, "another owner (0:0)", false},
		{"a/b/c", func(e *manifest.Entry) { e.Size = 7 }, "another size (6)", false},
		{"a/b/c", func(e *manifest.Entry) { e.Digest[0]++ }, "sha256 is a8835f46", false},
		{"a/b/c", func(e *manifest.Entry) { e.Time = e.Time.Add(time.Second) }, "another time (2024-02-29T12:34:56Z)", false},
		{"a/b/c", func(e *manifest.Entry) { e.Path = "a/b/d" }, "another path (a/b/c)", false},
		{"dev/null", func(e *manifest.Entry) { e.Minor = 5 }, "another device (1,3)", false},
		{"dev/null", func(e *manifest.Entry) { e.Type = manifest.TypeBlock }, "another type (char)", false},
		{"long", func(e *manifest.Entry) { e.Link = "x" }, "another link target (deep/", false},
		{"usr/bin/git", func(e *manifest.Entry) { e.Group, e.Nlink = 0, 1 }, "another ", false},
		{"usr/bin/wall", func(e *manifest.Entry) { e.Gname = "x" }, `another owner's name ("root":"tty")`, true},
		{"usr/bin/wall", func(e *manifest.Entry) { e.Xattrs = []manifest.Xattr{{Name: "user.x"}} }, "set of extended attributes", true},
	} {
		for _, format := range []string{"tar.gz", "cpio.zst"} {
			z := plainZoo()
			o := Options{Format: format}
			b := z.pack(t, z.write(t), o)
			e := *z.m.Lookup(tt.path)
			for i := range z.m.Entries { // all links of it
				if x := &z.m.Entries[i]; x.Path == tt.path || e.Group != 0 && x.Group == e.Group {
					tt.change(x)
				}
			}
			z.sorted()
			err := Check(t.Context(), bytes.NewReader(b), z.m, o)
			if tt.tar && format != "tar.gz" {
				if err != nil {
					t.Errorf("%s: %s: %v", format, tt.want, err)
				}
				continue
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "reading it back") {
				t.Errorf("%s: %s: %v, want %q", format, tt.path, err, tt.want)
			}
		}
	}
}

// TestCheckDamaged damages archives at many places: none may pass, unless the byte has no meaning.
func TestCheckDamaged(t *testing.T) {
	for _, format := range streams() {
		z := plainZoo()
		o := Options{Format: format}
		b := z.pack(t, z.write(t), o)
		passed := 0
		for at := 0; at < len(b); at += 1 + len(b)/50 {
			bad := bytes.Clone(b)
			bad[at] ^= 0x41
			if err := Check(t.Context(), bytes.NewReader(bad), z.m, o); err == nil {
				passed++
			}
			trailer := strings.HasSuffix(format, "tar") && at >= len(b)-1536 // zeros that readers do without
			if err := Check(t.Context(), bytes.NewReader(b[:at]), z.m, o); err == nil && !trailer {
				t.Errorf("%s: cut at %d of %d bytes, and passes", format, at, len(b))
			}
		}
		if !strings.HasSuffix(format, "tar") && passed > 0 || passed > 15 { // nobody reads what tar fills contents up with
			t.Errorf("%s: %d damaged archives pass", format, passed)
		}
	}
}

// TestCheckMoreOrLess: entries that are missing at the end, or too many.
func TestCheckMoreOrLess(t *testing.T) {
	for _, format := range streams() {
		z := plainZoo()
		root := z.write(t)
		o := Options{Format: format}
		less := *z.m
		more := manifest.Manifest{Entries: append(slices.Clip(less.Entries), manifest.Entry{Path: "zz", Type: manifest.TypeFifo})}
		err := Check(t.Context(), bytes.NewReader(z.pack(t, root, o)), &more, o)
		if err == nil || !strings.Contains(err.Error(), "zz: reading it back: the archive ends") {
			t.Errorf("%s: one entry too few: %v", format, err)
		}
		z.m = &more
		err = Check(t.Context(), bytes.NewReader(z.pack(t, root, o)), &less, o)
		if err == nil || !strings.Contains(err.Error(), "zz: reading it back: the manifest has no such entry") {
			t.Errorf("%s: one entry too many: %v", format, err)
		}
	}
}
