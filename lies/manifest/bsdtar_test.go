package manifest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestBsdtar: bsdtar lists a manifest and makes a tar of manifest and tree, plain and compressed, also where the tree
// holds placeholders in place of device nodes. (card-3)
func TestBsdtar(t *testing.T) {
	bsdtar, err := exec.LookPath("bsdtar")
	if err != nil {
		t.Skip("bsdtar is not installed")
	}
	dir := t.TempDir()
	for _, name := range []string{"null", "disk", "pipe", "d/a b", "d/#=*?[\\", "d/l1", "-first"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "d/l1"), []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(filepath.Join(dir, "d/l1"), filepath.Join(dir, "d/l2")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../x y", filepath.Join(dir, "zlink")); err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1e9, 5).UTC()
	long := []Xattr{{"security.capability", bytes.Repeat([]byte{0, 0xff, 7}, 12)}, {"user.long", make([]byte, maxXattrValue)}}
	m := &Manifest{
		Header: []Field{{"ruleset", "sha256:1234"}},
		Entries: []Entry{
			{Path: ".", Type: TypeDir, Mode: 0o755, Time: at},
			{Path: "-first", Type: TypeFile, Mode: 0o4711, UID: 12, GID: 34, Uname: "www", Time: at, Xattrs: long},
			{Path: "d", Type: TypeDir, Mode: 0o1777, Time: at},
			{Path: "d/#=*?[\\", Type: TypeFile, Mode: 0o644, Time: at},
			{Path: "d/a b", Type: TypeFile, Mode: 0o644, Time: at},
			{Path: "d/l1", Type: TypeFile, Mode: 0o644, Size: 5, Nlink: 2, Group: 1, Time: at},
			{Path: "d/l2", Type: TypeFile, Mode: 0o644, Size: 5, Nlink: 2, Group: 1, Time: at},
			{Path: "disk", Type: TypeBlock, Mode: 0o660, Major: 259, Minor: 70000, GID: 6, Gname: "disk", Time: at},
			{Path: "null", Type: TypeChar, Mode: 0o666, Major: 1, Minor: 3, Time: at},
			{Path: "pipe", Type: TypeFifo, Mode: 0o600, Time: at},
			{Path: "zlink", Type: TypeLink, Mode: 0o777, Link: "../x y", Time: at},
		},
	}
	want := []string{
		"drwxr-xr-x 0 0 0 Sep 9 2001 .",
		"-rws--x--x www 34 0 Sep 9 2001 ./-first",
		"drwxrwxrwt 0 0 0 Sep 9 2001 ./d",
		`-rw-r--r-- 0 0 0 Sep 9 2001 ./d/#=*?[\\`,
		"-rw-r--r-- 0 0 0 Sep 9 2001 ./d/a b",
		"-rw-r--r-- 0 0 5 Sep 9 2001 ./d/l1",
		"-rw-r--r-- 0 0 5 Sep 9 2001 ./d/l2",
		"brw-rw---- 0 disk 259,70000 Sep 9 2001 ./disk",
		"crw-rw-rw- 0 0 1,3 Sep 9 2001 ./null",
		"prw------- 0 0 0 Sep 9 2001 ./pipe",
		"lrwxrwxrwx 0 0 0 Sep 9 2001 ./zlink -> ../x y",
	}
	inTar := slices.Clone(want) // nlink and inode have made a hard link in the tar
	inTar[6] = "hrw-r--r-- 0 0 0 Sep 9 2001 ./d/l2"
	for _, name := range []string{"m.mtree", "m.mtree.zst"} {
		path := filepath.Join(t.TempDir(), name)
		if err := m.WriteFile(path); err != nil {
			t.Fatal(err)
		}
		tarball := path + ".tar"
		for _, args := range [][]string{{"-tvf", path}, {"--format=pax", "-cf", tarball, "@" + path}, {"-tvf", tarball}} {
			cmd := exec.Command(bsdtar, args...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=UTC")
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil || stderr.Len() > 0 {
				t.Fatalf("bsdtar %v: %v\n%s", args, err, stderr.String())
			}
			if args[0] != "-tvf" {
				continue
			}
			want := want
			if args[1] == tarball {
				want = inTar
			}
			if got := listing(string(out)); !slices.Equal(got, want) {
				t.Errorf("bsdtar %v:\n%s\nwant:\n%s", args, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
}

// listing makes the lines of `bsdtar -tv` comparable: without the number of links, which a tar does not have, and with
// single blanks between the columns.
func listing(out string) []string {
	var lines []string
	for line := range strings.Lines(out) {
		f := strings.Fields(strings.TrimSuffix(line, "\n"))
		if len(f) < 9 {
			lines = append(lines, fmt.Sprintf("unexpected: %s", line))
			continue
		}
		s := strings.Join(append(f[:1:1], f[2:]...), " ")
		s = strings.TrimSuffix(s, "/") // a tar's directories
		lines = append(lines, strings.Replace(s, " link to ./d/l1", "", 1))
	}
	return lines
}
