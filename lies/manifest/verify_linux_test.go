package manifest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
)

// described returns a tree and its manifest, in which some files have owners, modes and types that the disk has not.
func described(t *testing.T) (root string, m *Manifest) {
	t.Helper()
	root = tree(t, "bin/", "bin/su: suid", "dev/", "dev/null: ", "dev/log: ", "empty/", "l -> bin/su", "pipe|", "bin/su2 => bin/su")
	claims := func(r Real) (c Claim, _ bool) {
		switch r.Path {
		case "bin/su":
			c.SetOwner(3, 4)
			c.SetMode(0o4755)
			c.SetXattr("security.capability", []byte{1})
		case "dev/null":
			c.SetType(sIFCHR, lies.Makedev(1, 3))
			c.SetMode(0o666)
		case "dev/log":
			c.SetType(sIFSOCK, 0)
		}
		return c, true
	}
	return root, scan(t, root, Options{Claims: claims, Owner: toRoot, Digest: true})
}

func differences(t *testing.T, m *Manifest, root string, opts VerifyOptions) []string {
	t.Helper()
	diffs, err := Verify(context.Background(), m, root, opts)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range diffs {
		got = append(got, d.String())
	}
	return got
}

func TestVerify(t *testing.T) {
	tests := []struct {
		name   string
		opts   VerifyOptions
		change func(root string) error
		want   []string
	}{
		{name: "untouched"},
		{name: "other modes and times", change: func(root string) error {
			return errors.Join(os.Chmod(root+"/bin/su", 0o555), os.Chtimes(root, time.Now(), time.Now()))
		}},
		{name: "modes wanted", opts: VerifyOptions{Mode: true}, want: []string{
			"bin/su: mode: want 4755, found 0644", "bin/su2: mode: want 4755, found 0644", "dev/null: mode: want 0666, found 0644"}},
		{name: "times wanted", opts: VerifyOptions{Time: true}, change: func(root string) error {
			return os.Chtimes(root+"/bin/su", time.Time{}, time.Unix(2e9, 0))
		}, want: []string{"bin/su: time: want 1000000000.000000000, found 2000000000.000000000", "bin/su2: time: want 1000000000.000000000, found 2000000000.000000000"}},
		{name: "content", change: func(root string) error { return os.WriteFile(root+"/bin/su", []byte("SUID"), 0) },
			want: []string{"bin/su: sha256digest: want " + sum("suid") + ", found " + sum("SUID"), "bin/su2: sha256digest: want " + sum("suid") + ", found " + sum("SUID")}},
		{name: "one link replaced", change: func(root string) error {
			return errors.Join(os.Remove(root+"/bin/su"), os.WriteFile(root+"/bin/su", []byte("longer"), 0o644))
		}, want: []string{"bin/su: size: want 4, found 6"}},
		{name: "links split", change: func(root string) error {
			return errors.Join(os.Remove(root+"/bin/su"), os.WriteFile(root+"/bin/su", []byte("suid"), 0o644))
		}},
		{name: "missing and superfluous", change: func(root string) error {
			return errors.Join(os.Remove(root+"/dev/null"), os.Remove(root+"/empty"), os.WriteFile(root+"/new", nil, 0o644))
		}, want: []string{"dev/null: missing (char)", "empty: missing (dir)", "new: not in the manifest (file)"}},
		{name: "excluded", opts: VerifyOptions{Exclude: []string{"dev", "new"}}, change: func(root string) error {
			return errors.Join(os.RemoveAll(root+"/dev"), os.WriteFile(root+"/new", nil, 0o644))
		}},
		{name: "types", change: func(root string) error {
			return errors.Join(os.Remove(root+"/l"), os.WriteFile(root+"/l", nil, 0o644), os.Remove(root+"/empty"), os.Symlink("x", root+"/empty"),
				os.WriteFile(root+"/dev/log", []byte("content"), 0o644))
		}, want: []string{"dev/log: type: want socket, found file", "empty: type: want dir, found link", "l: type: want link, found file"}},
		{name: "target", change: func(root string) error { return errors.Join(os.Remove(root+"/l"), os.Symlink("other", root+"/l")) },
			want: []string{"l: link: want bin/su, found other"}},
		{name: "other placeholders", change: func(root string) error {
			return errors.Join(os.Remove(root+"/pipe"), os.WriteFile(root+"/pipe", nil, 0), os.Remove(root+"/dev/null"), unix.Mkfifo(root+"/dev/null", 0o600))
		}},
		{name: "carried", opts: VerifyOptions{Carried: true}, change: func(root string) error { // ecosystem.md A: what Bazel does to a tree
			elsewhere := root + "-content"
			t.Cleanup(func() { os.Remove(elsewhere) })
			return errors.Join(os.RemoveAll(root+"/dev"), os.Remove(root+"/empty"), os.Remove(root+"/pipe"),
				os.Remove(root+"/l"), os.Mkdir(root+"/l", 0o755), os.WriteFile(root+"/l/f", nil, 0o644),
				os.Rename(root+"/bin/su", elsewhere), os.Symlink(elsewhere, root+"/bin/su"))
		}},
		{name: "carried, but another content", opts: VerifyOptions{Carried: true}, change: func(root string) error {
			elsewhere := filepath.Join(t.TempDir(), "x")
			return errors.Join(os.WriteFile(elsewhere, []byte("SUID"), 0o644), os.Remove(root+"/bin/su"), os.Symlink(elsewhere, root+"/bin/su"),
				os.Remove(root+"/bin/su2"), os.Symlink("/dev/null", root+"/bin/su2"), os.WriteFile(root+"/new", nil, 0o644))
		}, want: []string{"bin/su: sha256digest: want " + sum("suid") + ", found " + sum("SUID"), "bin/su2: type: want file, found link", "new: not in the manifest (file)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root, m := described(t)
			if tt.change != nil {
				if err := tt.change(root); err != nil {
					t.Fatal(err)
				}
			}
			if got := differences(t, m, root, tt.opts); !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
	if _, err := Verify(context.Background(), sample(), "/nowhere", VerifyOptions{}); err == nil {
		t.Error("no tree: no error")
	}
}

// TestBind copies a tree, binds its manifest to the copy, and describes the copy with these lies.
func TestBind(t *testing.T) { // frng-2, decision 6
	root, m := described(t)
	copied := filepath.Join(t.TempDir(), "copy")
	if out, err := exec.Command("cp", "-r", root, copied).CombinedOutput(); err != nil { // other inodes, modes, times; links split
		t.Fatalf("%v: %s", err, out)
	}
	if err := unix.Setxattr(copied+"/empty", "user.more", []byte("x"), 0); err != nil && !errors.Is(err, unix.ENOTSUP) {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied+"/more", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	bound, err := Bind(context.Background(), m, copied)
	if err != nil {
		t.Fatal(err)
	}
	if len(bound) != len(m.Entries) {
		t.Errorf("%d entries bound, want %d", len(bound), len(m.Entries))
	}
	ix := lies.New(lies.Options{OnMismatch: func(m lies.Mismatch) { t.Error(m) }})
	for _, b := range bound {
		ix.Set(b.Lie("/copy"))
	}
	setTimes(t, copied)
	again := scan(t, copied, Options{Claims: Claims(ix), Owner: toRoot, Digest: true, Exclude: []string{"more"}})
	var got []string
	for _, d := range Diff(m, again) {
		got = append(got, d.String())
	}
	if want := []string{"bin/su: links: want bin/su, found none", "bin/su2: links: want bin/su, found none"}; !slices.Equal(got, want) {
		t.Errorf("the copy differs: %q", got)
	}
	if l, ok := ix.Get(bound[0].Key); !ok || l.Path != "/copy" {
		t.Errorf("the lie about the root: %+v", l)
	}
}

func TestBindRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(root string) error
		want   string
	}{
		{"content", func(root string) error { return os.WriteFile(root+"/bin/su", []byte("SUID"), 0) }, "bin/su: sha256digest: want"},
		{"size", func(root string) error { return os.Truncate(root+"/bin/su", 1) }, "bin/su: size: want 4, found 1 (and 1 more"},
		{"missing", func(root string) error { return os.Remove(root + "/l") }, "l: missing (link)"},
		{"type", func(root string) error { return errors.Join(os.Remove(root+"/l"), os.Mkdir(root+"/l", 0)) }, "l: type: want link, found dir"},
		{"one inode for two", func(root string) error {
			return errors.Join(os.Remove(root+"/dev/null"), os.Link(root+"/dev/log", root+"/dev/null"))
		}, `"dev/log" and "dev/null" are one inode`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root, m := described(t)
			if err := tt.change(root); err != nil {
				t.Fatal(err)
			}
			_, err := Bind(context.Background(), m, root)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			var mismatch *MismatchError
			if isMismatch := errors.As(err, &mismatch); isMismatch != !strings.Contains(tt.want, "inode") {
				t.Errorf("MismatchError: %t", isMismatch)
			}
		})
	}
}
