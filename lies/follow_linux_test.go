package lies

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A lie that was loaded follows its file, when that is met, to where it was moved meanwhile; while its path still leads to the
// file it stays.
func TestFollow(t *testing.T) {
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(top, name) }
	if err := errors.Join(os.MkdirAll(at("d/e"), 0o700), os.WriteFile(at("d/e/f"), nil, 0o600), os.Symlink("d", at("alias"))); err != nil {
		t.Fatal(err)
	}
	key, id, err := Identify(at("d/e/f"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, recorded string
		do             func() error
		met, want      string
	}{
		{"nothing happened", "d/e/f", nil, "d/e/f", "d/e/f"},
		{"by way of a link", "d/e/f", nil, "alias/e/f", "d/e/f"},
		{"its directory was renamed", "d/old/f", nil, "d/e/f", "d/e/f"},
		{"the same, by way of a link", "d/old/f", nil, "alias/e/f", "d/e/f"},
		{"it was renamed", "d/e/f", func() error { return os.Rename(at("d/e/f"), at("d/e/g")) }, "d/e/g", "d/e/g"},
		{"it was linked", "d/e/g", func() error { return os.Link(at("d/e/g"), at("h")) }, "h", "d/e/g"},
		{"met by a link to it", "d/e/f", func() error { return os.Symlink("../h", at("d/l")) }, "d/l", "h"},
		{"met nowhere", "d/e/f", nil, "none", "d/e/f"},
	} {
		if tt.do != nil {
			if err := tt.do(); err != nil {
				t.Fatal(err)
			}
		}
		var n notes
		ix := New(Options{Observer: &n})
		l := Lie{Key: key, Identity: id, Path: at(tt.recorded)}
		l.SetOwner(7, 7)
		ix.Load(l)
		for range 2 {
			if _, out := ix.Lookup(key, id, metPath(at(tt.met))); out != Found {
				t.Fatalf("%s: outcome %d", tt.name, out)
			}
		}
		if l, _ := ix.Get(key); l.Path != at(tt.want) {
			t.Errorf("%s: %s, want %s", tt.name, l.Path, at(tt.want))
		}
		if told := len(n.lines) > 0; told != (tt.recorded != tt.want) {
			t.Errorf("%s: the observer was told %q", tt.name, n.lines)
		}
		// It was asked once.
		if _, out := ix.Lookup(key, id, mustNotAsk{t}); out != Found {
			t.Errorf("%s: outcome %d", tt.name, out)
		}
	}
}

type mustNotAsk struct{ t *testing.T }

func (m mustNotAsk) MetPath() string {
	m.t.Error("a lookup asks for the path again")
	return ""
}

// What is below a renamed directory goes with it, also where a directory of that path was known before.
func TestRenameDir(t *testing.T) {
	var n notes
	ix := New(Options{Observer: &n})
	paths := []string{"/a", "/a/1", "/a/b/2", "/ab/3", "/x/b/4", "/x/b/c/5", "/6"}
	for i, path := range paths {
		l := Lie{Key: Key{1, uint64(i)}, Path: path}
		l.SetOwner(7, 7)
		ix.Set(l)
	}
	n.lines = nil
	ix.RenameDir("/a", "/x")
	ix.RenameDir("/nothing", "/else")
	check := func(want ...string) {
		t.Helper()
		var got []string
		for l := range ix.All() {
			got = append(got, l.Path)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	check("/a", "/x/1", "/x/b/2", "/ab/3", "/x/b/4", "/x/b/c/5", "/6")
	slices.Sort(n.lines)
	if want := []string{"changed 1 /x/1 uid 7", "changed 2 /x/b/2 uid 7"}; !slices.Equal(n.lines, want) {
		t.Errorf("told %q, want %q", n.lines, want)
	}
	ix.Forget(Key{1, 4})
	ix.RenameDir("/x/b", "/y")
	check("/a", "/x/1", "/y/2", "/ab/3", "/y/c/5", "/6")
	for i := range paths {
		ix.Forget(Key{1, uint64(i)})
	}
	if len(ix.dirs.ids) != 0 || len(ix.dirs.free) != len(ix.dirs.slots) {
		t.Errorf("%d directories are left", len(ix.dirs.ids))
	}
}
