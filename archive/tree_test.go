package archive

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/feign-build/feign/lies/manifest"
)

// TestChangedTree changes one thing in a tree: the archive must not come out, and the message must name the path.
func TestChangedTree(t *testing.T) {
	outside := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(outside, "b"), 0o755))
	must(t, os.WriteFile(filepath.Join(outside, "b/c"), []byte("below\n"), 0o644))

	for _, tt := range []struct {
		name   string
		change func(t *testing.T, root string)
		path   string
		want   string
	}{
		{"one byte", func(t *testing.T, root string) {
			must(t, os.WriteFile(filepath.Join(root, "a/b/c"), []byte("beLow\n"), 0o644))
		}, "a/b/c", "sha256 is"},
		{"longer", func(t *testing.T, root string) {
			must(t, os.WriteFile(filepath.Join(root, "a/b/c"), []byte("below\n\n"), 0o644))
		}, "a/b/c", "7 bytes, the manifest says 6"},
		{"shorter", func(t *testing.T, root string) {
			must(t, os.Truncate(filepath.Join(root, "etc/shadow"), 2))
		}, "etc/shadow", "2 bytes, the manifest says 8"},
		{"empty no more", func(t *testing.T, root string) {
			must(t, os.WriteFile(filepath.Join(root, "etc/empty"), []byte("x"), 0o644))
		}, "etc/empty", "1 bytes, the manifest says 0"},
		{"gone", func(t *testing.T, root string) {
			must(t, os.Remove(filepath.Join(root, "latin1-\xe9\xff")))
		}, "latin1-\xe9\xff", "not in the tree"},
		{"directory gone", func(t *testing.T, root string) {
			must(t, os.RemoveAll(filepath.Join(root, "a/b")))
		}, "a/b", "not in the tree"},
		{"a directory now", func(t *testing.T, root string) {
			must(t, os.Remove(filepath.Join(root, "a/b/c")), os.Mkdir(filepath.Join(root, "a/b/c"), 0o755))
		}, "a/b/c", "a directory on disk"},
		{"a FIFO now", func(t *testing.T, root string) { // which nobody writes to: must not wait
			p := filepath.Join(root, "a/b/c")
			must(t, os.Remove(p), mkfifo(p))
		}, "a/b/c", "a special file on disk"},
		{"a link to the same bytes", func(t *testing.T, root string) {
			p := filepath.Join(root, "a/b/c")
			must(t, os.Rename(p, p+"c"), os.Symlink("cc", p))
		}, "a/b/c", "a symbolic link on disk"},
		{"a directory became a file", func(t *testing.T, root string) {
			must(t, os.RemoveAll(filepath.Join(root, "a/b")), os.WriteFile(filepath.Join(root, "a/b"), nil, 0o644))
		}, "a/b", "a file on disk, the manifest says a directory"},
		{"a directory became a link outside", func(t *testing.T, root string) {
			must(t, os.RemoveAll(filepath.Join(root, "a")), os.Symlink(outside, filepath.Join(root, "a")))
		}, "a", "a symbolic link on disk, the manifest says a directory"},
		{"a directory became a link inside", func(t *testing.T, root string) {
			must(t, os.Rename(filepath.Join(root, "a/b"), filepath.Join(root, "other")),
				os.Symlink("../other", filepath.Join(root, "a/b")))
		}, "a/b", "a symbolic link on disk, the manifest says a directory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, format := range []string{"tar.zst", "cpio"} {
				z := plainZoo()
				root := z.write(t)
				tt.change(t, root)
				out := filepath.Join(t.TempDir(), "out")
				err := WriteFile(t.Context(), out, z.m, root, Options{Format: format})
				var changed *ChangedError
				if !errors.As(err, &changed) || changed.Path != tt.path || !strings.Contains(changed.What, tt.want) {
					t.Errorf("%s: %v, want %q at %q", format, err, tt.want, tt.path)
				}
				wantNothing(t, filepath.Dir(out))
			}
		})
	}
}

// TestPlaceholders: what is special comes from the manifest, whatever stands in its place, if anything does.
func TestPlaceholders(t *testing.T) {
	z := plainZoo()
	root := z.write(t)
	want := z.pack(t, root, Options{Format: "tar"})
	for _, p := range []string{"dev/null", "dev/sda1", "usr/bin/sh", "long", "usr/bin/git-add", "etc/empty.d"} {
		must(t, os.RemoveAll(filepath.Join(root, p)))
	}
	must(t, os.Mkdir(filepath.Join(root, "usr/bin/sh"), 0o755), os.WriteFile(filepath.Join(root, "dev/null"), []byte("x"), 0))
	if got := z.pack(t, root, Options{Format: "tar"}); !bytes.Equal(got, want) {
		t.Error("the archive depends on what stands in the place of special files")
	}
}

// TestGrowing reads a file that grows and shrinks under the reader's hands.
func TestGrowing(t *testing.T) {
	z := newZoo()
	z.file(manifest.Entry{Path: "f"}, strings.Repeat("x", 3*bufferSize))
	root := z.write(t)
	path := filepath.Join(root, "f")
	for size, want := range map[int64]string{
		3*bufferSize + 1: "longer than the manifest's",
		2 * bufferSize:   fmt.Sprintf("%d bytes, the manifest says", 2*bufferSize),
	} {
		must(t, os.Truncate(path, 3*bufferSize))
		tr, err := openTree(t.Context(), root, false)
		must(t, err)
		w := &hookWriter{hook: func() { must(t, os.Truncate(path, size)) }}
		err = tr.copy(w, z.m.Lookup("f"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("to %d bytes: %v, want %q", size, err, want)
		}
		tr.close()
	}
}

// hookWriter calls hook at the first write.
type hookWriter struct{ hook func() }

func (w *hookWriter) Write(p []byte) (int, error) {
	if w.hook != nil {
		w.hook()
		w.hook = nil
	}
	return len(p), nil
}

// TestFollow packs a tree as a Bazel sandbox shows it: a link for each file.
func TestFollow(t *testing.T) {
	z := plainZoo()
	real := z.write(t)
	want := z.pack(t, real, Options{Format: "tar"})
	root := t.TempDir()
	for path := range z.contents {
		must(t, os.MkdirAll(filepath.Join(root, filepath.Dir(path)), 0o755),
			os.Symlink(filepath.Join(real, path), filepath.Join(root, path)))
	}
	if got := z.pack(t, root, Options{Format: "tar", Follow: true}); !bytes.Equal(got, want) {
		t.Error("another archive through links")
	}
	err := Write(t.Context(), io.Discard, z.m, root, Options{Format: "tar"})
	if changed := (*ChangedError)(nil); !errors.As(err, &changed) {
		t.Errorf("without Follow: %v", err)
	}
	must(t, os.WriteFile(filepath.Join(real, "a/b/c"), []byte("beLow\n"), 0o644))
	err = Write(t.Context(), io.Discard, z.m, root, Options{Format: "tar", Follow: true})
	if changed := (*ChangedError)(nil); !errors.As(err, &changed) || changed.Path != "a/b/c" {
		t.Errorf("another file behind the link: %v", err)
	}
	for i := range z.m.Entries {
		e := &z.m.Entries[i]
		e.HasDigest, e.Digest = false, [32]byte{}
	}
	err = Write(t.Context(), io.Discard, z.m, root, Options{Format: "tar", Follow: true})
	if err == nil || !strings.Contains(err.Error(), "no digest") {
		t.Errorf("without digests: %v", err)
	}
}

func TestUnreadable(t *testing.T) {
	z := plainZoo()
	root := z.write(t)
	must(t, os.Chmod(filepath.Join(root, "a/b/c"), 0))
	err := Write(t.Context(), io.Discard, z.m, root, Options{Format: "tar"})
	if err == nil || err.Error() != "archive: a/b/c: read: permission denied (chmod u+r, or pack as the user who owns the tree)" {
		t.Error(err)
	}
}

func TestNoTree(t *testing.T) {
	for _, root := range []string{filepath.Join(t.TempDir(), "none"), "/dev/null"} {
		err := Write(t.Context(), io.Discard, newZoo().m, root, Options{Format: "tar"})
		if err == nil || !strings.Contains(err.Error(), root) {
			t.Errorf("%s: %v", root, err)
		}
	}
}

// TestEnter goes from directory to directory in every order, and must always arrive.
func TestEnter(t *testing.T) {
	root := t.TempDir()
	paths := []string{"a", "a/b", "a/b/c", "a/bb", "b", "a/b/c/d/e", "ab"}
	for _, p := range paths {
		must(t, os.MkdirAll(filepath.Join(root, p), 0o755), os.WriteFile(filepath.Join(root, p, "f"), []byte(p), 0o644))
	}
	must(t, os.WriteFile(filepath.Join(root, "f"), []byte("."), 0o644))
	tr, err := openTree(t.Context(), root, false)
	must(t, err)
	defer tr.close()
	for _, p := range paths {
		for _, q := range paths {
			for _, dir := range []string{p, q, ".", p} {
				e := &manifest.Entry{Path: dir + "/f", Size: int64(len(dir))}
				if dir == "." {
					e.Path = "f"
				}
				var b bytes.Buffer
				if err := tr.copy(&b, e); err != nil || b.String() != dir {
					t.Fatalf("%s, %s: in %s: %q, %v", p, q, dir, b.String(), err)
				}
			}
		}
	}
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(fmt.Errorf("test: %w", err))
	}
}
