package archive

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/feign-build/feign/lies/manifest"
)

func TestWriteFile(t *testing.T) {
	z := plainZoo()
	root := z.write(t)
	for _, format := range streams() {
		want := z.pack(t, root, Options{Format: format})
		dir := t.TempDir()
		out := filepath.Join(dir, "out."+format)
		// The second round replaces the first one's file.
		for range 2 {
			must(t, WriteFile(t.Context(), out, z.m, root, Options{Check: true}))
			got, err := os.ReadFile(out)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: not what Write writes (%v)", format, err)
			}
		}
		if entries, err := os.ReadDir(dir); len(entries) != 1 {
			t.Errorf("%s: left beside: %v %v", format, entries, err)
		}
	}
}

// TestWriteFileKeeps: an archive that cannot be made leaves the old one as it is.
func TestWriteFileKeeps(t *testing.T) {
	z := plainZoo()
	root := z.write(t)
	must(t, os.WriteFile(filepath.Join(root, "future"), []byte("Late\n"), 0o644))
	dir := t.TempDir()
	out := filepath.Join(dir, "out.tar")
	must(t, os.WriteFile(out, []byte("old"), 0o644))
	if err := WriteFile(t.Context(), out, z.m, root, Options{}); err == nil {
		t.Error("no error")
	}
	got, err := os.ReadFile(out)
	if string(got) != "old" || err != nil {
		t.Errorf("the old file is %q, %v", got, err)
	}
	if entries, err := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left beside: %v %v", entries, err)
	}
}

func TestWriteFileModes(t *testing.T) {
	setUmask(t, 0o027)
	z := newZoo()
	out := filepath.Join(t.TempDir(), "out.tar")
	must(t, WriteFile(t.Context(), out, z.m, t.TempDir(), Options{}))
	fi, err := os.Stat(out)
	if err != nil || fi.Mode() != 0o640 {
		t.Errorf("mode %v, %v", fi.Mode(), err)
	}
}

func TestWriteFileThroughLink(t *testing.T) {
	z := newZoo()
	dir := t.TempDir()
	real, link := filepath.Join(dir, "v1.tar"), filepath.Join(dir, "latest.tar")
	must(t, os.WriteFile(real, nil, 0o644), os.Symlink("v1.tar", link))
	must(t, WriteFile(t.Context(), link, z.m, t.TempDir(), Options{}))
	fi, err := os.Lstat(real)
	if err != nil || fi.Size() == 0 {
		t.Errorf("the link's target was not written: %v", err)
	}
	if fi, err := os.Lstat(link); err != nil || fi.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v", err)
	}
}

// TestFullDisk: the message is about the disk and the file, not about the entry that happened to be written.
func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip(err)
	}
	z := plainZoo()
	z.file(manifest.Entry{Path: "zz-big", Mode: 0o644}, strings.Repeat("x", 3*bufferSize))
	root := z.write(t)
	for _, format := range streams() {
		err := WriteFile(t.Context(), "/dev/full", z.m, root, Options{Format: format})
		if err == nil || err.Error() != "archive: write /dev/full: no space left on device" {
			t.Errorf("%s: %v", format, err)
		}
	}
	if fi, err := os.Stat("/dev/full"); err != nil || fi.Mode()&os.ModeDevice == 0 {
		t.Fatalf("/dev/full was replaced: %v, %v", fi, err)
	}
	err := WriteFile(t.Context(), "/dev/full", z.m, root, Options{Format: "tar", Check: true})
	if err == nil || !strings.Contains(err.Error(), "cannot be read back") {
		t.Errorf("check of a device: %v", err)
	}
}

func TestWriteFileErrors(t *testing.T) {
	z := newZoo()
	root := t.TempDir()
	locked := filepath.Join(t.TempDir(), "locked")
	must(t, os.Mkdir(locked, 0o555))
	isDir := filepath.Join(t.TempDir(), "dir.tar")
	must(t, os.Mkdir(isDir, 0o755))
	for out, want := range map[string]string{
		filepath.Join(locked, "out.tar"):        "open " + filepath.Join(locked, "out.tar") + ": permission denied",
		filepath.Join(root, "no/such/out.tar"):  "open " + filepath.Join(root, "no/such/out.tar") + ": no such file",
		isDir:                                   "is a directory",
		filepath.Join(root, "out.zip"):          "no format is known",
		filepath.Join(isDir, "x.tar") + "/.tar": "no such file",
	} {
		err := WriteFile(t.Context(), out, z.m, root, Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", out, err, want)
		}
	}
	wantNothing(t, locked)
	wantNothing(t, root)
}

func TestWriteRefusesCheck(t *testing.T) {
	var b bytes.Buffer
	err := Write(t.Context(), &b, newZoo().m, t.TempDir(), Options{Format: "tar", Check: true})
	if err == nil || b.Len() > 0 {
		t.Errorf("%v, %d bytes", err, b.Len())
	}
}
