package manifest

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// lines returns each path below root with its permissions, and with what it holds or leads to.
func lines(t *testing.T, root string) []string {
	t.Helper()
	var got []string
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		fi, err := d.Info()
		if err != nil {
			return err
		}
		line := strings.TrimPrefix(name, root+"/") + " " + fi.Mode().String()
		switch fi.Mode().Type() {
		case 0:
			content, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			line += " " + string(content)
		case fs.ModeSymlink:
			target, err := os.Readlink(name)
			if err != nil {
				return err
			}
			line += " " + target
		}
		got = append(got, line)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got[1:]
}

func TestCarry(t *testing.T) {
	root := tree(t, "a/", "a/f: text", "a/x: program", "a/x2 => a/x", "a/pipe|", "empty/",
		"l -> a/f", "l2 -> l", "up -> ../outside", "host -> /etc/passwd", "nowhere -> gone", "dir -> a", "round -> .",
		"bydir -> dir/f", "aa -> bydir", "topipe -> a/pipe", "left/", "left/out/", "left/out/f: x")
	for name, mode := range map[string]os.FileMode{"a/x": 0o4711, "a/f": 0, "a": 0o100, "empty": 0, "left/out": 0o500, ".": 0o1700} {
		if err := os.Chmod(filepath.Join(root, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	m := scan(t, root, Options{Digest: true, Exclude: []string{"left"}})
	if err := Carry(context.Background(), m, root); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"a drwxr-xr-x", "a/f -rw-r--r-- text", "a/pipe -rw-r--r-- ", "a/x -rwxr-xr-x program", "a/x2 -rwxr-xr-x program",
		"aa -rw-r--r-- ", "bydir -rw-r--r-- ", "dir -rw-r--r-- ", "empty drwxr-xr-x", "host -rw-r--r-- ",
		"l Lrwxrwxrwx a/f", "l2 Lrwxrwxrwx l", "nowhere -rw-r--r-- ", "round -rw-r--r-- ", "topipe Lrwxrwxrwx a/pipe", "up -rw-r--r-- ",
	}
	if got := lines(t, root); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := differences(t, m, root, VerifyOptions{Carried: true}); len(got) > 0 {
		t.Errorf("differs from its manifest: %q", got)
	}
	// What was interrupted can be done again.
	if err := Carry(context.Background(), m, root); err != nil {
		t.Error(err)
	}
	if got := lines(t, root); !slices.Equal(got, want) {
		t.Errorf("done again: %q\nwant %q", got, want)
	}
}

func TestCarryRefuses(t *testing.T) {
	root := tree(t, "a/", "f: text")
	m := scan(t, root, Options{})
	if err := os.Remove(root + "/a"); err != nil {
		t.Fatal(err)
	}
	grow(t, root, "a -> f")
	err := Carry(context.Background(), m, root)
	if err == nil || !strings.Contains(err.Error(), `"a": the manifest says dir, and it is another type`) {
		t.Errorf("a link in the place of a directory: %v", err)
	}
	if err := os.WriteFile(root+"/other", []byte("content"), 0o644); err != nil {
		t.Fatal(err)
	}
	described := &Manifest{Entries: []Entry{m.Entries[0], {Path: "other", Type: TypeLink, Mode: 0o777, Link: "f"}}}
	if err := Carry(context.Background(), described, root); err == nil || !strings.Contains(err.Error(), `"other": the manifest says link`) {
		t.Errorf("a file in the place of a link: %v", err)
	}
	if err := Carry(context.Background(), m, root+"/none"); err == nil {
		t.Error("no tree: no error")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Carry(ctx, scan(t, root, Options{}), root); err == nil {
		t.Error("a context that is done: no error")
	}
}
