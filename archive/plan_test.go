package archive

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/feign-build/feign/lies/manifest"
)

// TestHostileManifest: manifests whose archive would be broken or would write outside the directory where it is unpacked.
// manifest.Validate finds them, so this shows only that it is asked.
func TestHostileManifest(t *testing.T) {
	root := manifest.Entry{Path: ".", Type: manifest.TypeDir}
	fifo := func(p string) manifest.Entry { return manifest.Entry{Path: p, Type: manifest.TypeFifo} }
	for want, entries := range map[string][]manifest.Entry{
		"no entries":      {},
		`component ".."`:  {root, fifo("../x")},
		"absolute":        {root, fifo("/etc/x")},
		"not a directory": {root, {Path: "a", Type: manifest.TypeLink, Link: "/etc"}, fifo("a/x")},
		"twice":           {root, fifo("x"), fifo("x")},
		"NUL":             {root, {Path: "x", Type: manifest.TypeLink, Link: "a\x00b"}},
		"permission bits": {root, {Path: "x", Type: manifest.TypeFifo, Mode: 0o100644}},
	} {
		for _, format := range []string{"tar", "cpio"} {
			m := &manifest.Manifest{Entries: entries}
			err := Write(t.Context(), io.Discard, m, t.TempDir(), Options{Format: format})
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", format, err, want)
			}
			if err := Check(t.Context(), strings.NewReader(""), m, Options{Format: format}); err == nil {
				t.Errorf("%s: %s: Check takes it", format, want)
			}
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
