package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/feign-build/feign/internal/unroot"
	"github.com/feign-build/feign/lies/manifest"
)

// TestMain: an action's user has no privileges, and neither has the one who packs.
func TestMain(m *testing.M) { unroot.Main(m) }

// goldens pin the bytes. A change of one is an incompatible change of the package.
var goldens = []struct {
	name   string
	zoo    func() *zoo
	o      Options
	sha256 string
}{
	{"tar", fullZoo, Options{Format: "tar"}, "ba891e35be4a340d988d11a4933d81b47270029352fe4eeffb7a43bd341fe18f"},
	{"tar clamped", fullZoo, Options{Format: "tar", Epoch: day}, "a38821a126ea7528c79300f74097f0fdadca33b0cb0900db7cfe476bef499b08"},
	{"cpio", plainZoo, Options{Format: "cpio"}, "e86dd95805e0cd213f5d0acaf3ea650bc8f8cf3a58d850f9f245e4d3266dd35c"},
	{"cpio clamped", plainZoo, Options{Format: "cpio", Epoch: day}, "2b536f5a9a28a710c5a5422970abb02df2e46d1dfd473bedd74366c758549ce0"},
}

func TestGolden(t *testing.T) { // card-6
	for _, g := range goldens {
		t.Run(g.name, func(t *testing.T) {
			z := g.zoo()
			sum := sha256.Sum256(z.pack(t, z.write(t), g.o))
			if got := hex.EncodeToString(sum[:]); got != g.sha256 {
				t.Errorf("sha256 is %s, want %s", got, g.sha256)
			}
		})
	}
}

// TestSameBytes packs two copies of a tree, made in opposite orders, under different circumstances.
func TestSameBytes(t *testing.T) { // card-6
	for _, format := range streams() {
		t.Run(format, func(t *testing.T) {
			z := plainZoo()
			// Enough to fill several blocks of a compressor, and to be compressed in parallel.
			big := strings.Repeat("All work and no play makes Jack a dull boy. ", 100_000)
			z.file(manifest.Entry{Path: "zz-big", Mode: 0o644}, big)
			want := z.pack(t, z.write(t), Options{Format: format})

			root := z.write(t)
			vary(t, root)
			if got := z.pack(t, root, Options{Format: format}); !bytes.Equal(got, want) {
				t.Error("the bytes depend on the circumstances")
			}
		})
	}
}

// vary changes everything that must not matter, until the test ends.
func vary(t *testing.T, root string) {
	t.Helper()
	procs := runtime.GOMAXPROCS(1)
	local := time.Local
	time.Local = time.FixedZone("nowhere", -11*3600)
	t.Cleanup(func() { runtime.GOMAXPROCS(procs); time.Local = local })
	t.Setenv("TZ", "Pacific/Niue")
	t.Setenv("LC_ALL", "tr_TR.ISO-8859-9")
	t.Setenv("SOURCE_DATE_EPOCH", "1")
	t.Setenv("TAR_OPTIONS", "--owner=7")
	t.Chdir(t.TempDir())
	setUmask(t, 0o077)
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Type().IsRegular() {
			err = errors.Join(os.Chmod(path, 0o444), os.Chtimes(path, day.Add(-time.Hour), day.Add(-time.Hour)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestLevels(t *testing.T) {
	z := plainZoo()
	root := z.write(t)
	for _, tt := range []struct {
		format string
		level  int
		ok     bool
	}{
		{"tar", 0, true}, {"tar", 1, false},
		{"tar.gz", 1, true}, {"tar.gz", 9, true}, {"tar.gz", 10, false}, {"tar.gz", -1, false},
		{"tar.zst", 1, true}, {"tar.zst", 19, true}, {"tar.zst", 23, false}, {"tar.zst", -1, false},
	} {
		o := Options{Format: tt.format, Level: tt.level}
		var b bytes.Buffer
		err := Write(t.Context(), &b, z.m, root, o)
		if (err == nil) != tt.ok {
			t.Errorf("%s level %d: %v", tt.format, tt.level, err)
		}
		if err == nil {
			if err := Check(t.Context(), &b, z.m, o); err != nil {
				t.Errorf("%s level %d: %v", tt.format, tt.level, err)
			}
		}
	}
}

func TestLost(t *testing.T) {
	z := fullZoo()
	root := z.write(t)
	// cpio has no room for it, and says so by an error.
	z.m.Entries = slices.DeleteFunc(z.m.Entries, func(e manifest.Entry) bool { return e.Path == "ancient" })
	for _, tt := range []struct {
		format string
		want   []string
	}{
		{"tar", []string{"dev/log: socket left out: tar has none"}},
		{"cpio", []string{
			"link2: hard link to link1 left out: cpio has none between symbolic links",
			"nano: fraction of a second left out: cpio has whole seconds (so for all later entries; --epoch gives whole ones)",
			"usr/bin/ping: extended attribute security.capability left out: cpio has none",
			"usr/bin/ping: extended attribute user.%41=b left out: cpio has none",
			"usr/bin/ping: extended attribute user.empty left out: cpio has none",
			`usr/bin/ping: extended attribute "user.latin1-\xe9" left out: cpio has none`,
		}},
	} {
		var got []string
		o := Options{Format: tt.format, Lost: func(l Loss) { got = append(got, l.String()) }}
		b := z.pack(t, root, o)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: lost\n%s\nwant\n%s", tt.format, strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
		}
		o.Lost = func(Loss) { t.Error("Check reports losses") }
		if err := Check(t.Context(), bytes.NewReader(b), z.m, o); err != nil {
			t.Errorf("%s: %v", tt.format, err)
		}
	}
}

func TestFormatOf(t *testing.T) {
	for name, want := range map[string]string{
		"a.tar": "tar", "dir.zst/a.tar.gz": "tar.gz", "a.tgz": "tar.gz", "a.tar.zst": "tar.zst", "a.tzst": "tar.zst",
		"a.cpio": "cpio", "initramfs.cpio.gz": "cpio.gz", "a.cpio.zst": "cpio.zst",
		"a": "", "a.zip": "", "tar": "", "a.tar/b": "", "a.gz": "", "": "",
	} {
		got, err := FormatOf(name)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("FormatOf(%q) = %q, %v, want %q", name, got, err, want)
		}
		if err != nil && !strings.Contains(err.Error(), ".tar.zst") {
			t.Errorf("FormatOf(%q): %v: does not name the known ones", name, err)
		}
	}
	err := Write(t.Context(), io.Discard, &manifest.Manifest{}, t.TempDir(), Options{Format: "zip"})
	if err == nil || !strings.Contains(err.Error(), `"zip"`) || !strings.Contains(err.Error(), "cpio.gz") {
		t.Errorf("unknown format: %v", err)
	}
}

func TestRootOnly(t *testing.T) {
	for _, format := range streams() {
		z, o := newZoo(), Options{Format: format}
		b := z.pack(t, t.TempDir(), o)
		if err := Check(t.Context(), bytes.NewReader(b), z.m, o); err != nil {
			t.Errorf("%s: %v", format, err)
		}
	}
}

func TestCanceled(t *testing.T) {
	z := plainZoo()
	root := z.write(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out := filepath.Join(t.TempDir(), "a.tar")
	if err := WriteFile(ctx, out, z.m, root, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	wantNothing(t, filepath.Dir(out))
	for _, format := range streams() {
		o := Options{Format: format}
		if err := Check(ctx, bytes.NewReader(z.pack(t, root, o)), z.m, o); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: check canceled: %v", format, err)
		}
	}
}

// wantNothing fails unless dir is empty.
func wantNothing(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}
