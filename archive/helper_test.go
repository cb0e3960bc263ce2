package archive

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/feign-build/feign/lies/manifest"
)

// day is the time of the test's entries.
var day = time.Date(2024, 2, 29, 12, 34, 56, 0, time.UTC)

// zoo is a tree with everything that an archive has to cope with. Contents are by path; hard links have none of their own.
type zoo struct {
	m        *manifest.Manifest
	contents map[string]string
}

func (z *zoo) add(e manifest.Entry) {
	if e.Time.IsZero() {
		e.Time = day
	}
	z.m.Entries = append(z.m.Entries, e)
}

func (z *zoo) dir(path string) {
	z.add(manifest.Entry{Path: path, Type: manifest.TypeDir, Mode: 0o755})
}

func (z *zoo) file(e manifest.Entry, content string) {
	e.Type, e.Size, e.Digest, e.HasDigest = manifest.TypeFile, int64(len(content)), sha256.Sum256([]byte(content)), true
	z.contents[e.Path] = content
	z.add(e)
}

// sorted brings the entries and the groups of hard links into the manifest's order.
func (z *zoo) sorted() *zoo {
	slices.SortFunc(z.m.Entries, func(a, b manifest.Entry) int { return manifest.ComparePaths(a.Path, b.Path) })
	groups := map[uint64]uint64{0: 0}
	for i := range z.m.Entries {
		e := &z.m.Entries[i]
		if _, ok := groups[e.Group]; !ok {
			groups[e.Group] = uint64(len(groups))
		}
		e.Group = groups[e.Group]
	}
	return z
}

// newZoo has the root only.
func newZoo() *zoo {
	z := &zoo{m: &manifest.Manifest{}, contents: map[string]string{}}
	z.dir(".")
	return z
}

// capability is the value of security.capability that setcap cap_net_raw+ep writes: full of NULs.
var capability = []byte("\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")

// plainZoo has what every format carries.
func plainZoo() *zoo {
	z := newZoo()
	z.dir("dev")
	z.add(manifest.Entry{Path: "dev/null", Type: manifest.TypeChar, Mode: 0o666, Major: 1, Minor: 3})
	z.add(manifest.Entry{Path: "dev/sda1", Type: manifest.TypeBlock, Mode: 0o660, GID: 6, Major: 8, Minor: 1})
	z.add(manifest.Entry{Path: "dev/initctl", Type: manifest.TypeFifo, Mode: 0o600})
	z.dir("etc")
	z.file(manifest.Entry{Path: "etc/empty", Mode: 0o644}, "")
	z.file(manifest.Entry{Path: "etc/shadow", Mode: 0o640, GID: 42}, "root:*:\n")
	z.dir("etc/empty.d")
	z.dir("tmp")
	z.m.Entries[len(z.m.Entries)-1].Mode = 0o1777
	z.dir("usr")
	z.dir("usr/bin")
	z.file(manifest.Entry{Path: "usr/bin/su", Mode: 0o4755}, "#!/bin/su\n")
	z.file(manifest.Entry{Path: "usr/bin/wall", Mode: 0o2755, GID: 5, Uname: "root", Gname: "tty"}, "#!/bin/wall\n")
	z.file(manifest.Entry{Path: "usr/bin/git", Mode: 0o755, Group: 1, Nlink: 3}, "#!/bin/git\n")
	git := z.m.Entries[len(z.m.Entries)-1]
	for _, p := range []string{"usr/bin/git-add", "usr/libexec"} {
		git.Path = p
		z.add(git)
	}
	z.add(manifest.Entry{Path: "usr/bin/sh", Type: manifest.TypeLink, Mode: 0o777, Link: "../../bin/dash"})
	z.add(manifest.Entry{Path: "usr/bin/dangling", Type: manifest.TypeLink, Mode: 0o777, Link: "/no/such file"})
	z.add(manifest.Entry{Path: "dev/zero", Type: manifest.TypeChar, Mode: 0o666, Major: 1, Minor: 5, Group: 2, Nlink: 2})
	z.add(manifest.Entry{Path: "dev/nil", Type: manifest.TypeChar, Mode: 0o666, Major: 1, Minor: 5, Group: 2, Nlink: 2})
	z.dir("a")
	z.dir("a/b")
	z.file(manifest.Entry{Path: "a/b/c", Mode: 0o644}, "below\n")
	z.file(manifest.Entry{Path: "a-b", Mode: 0o644}, "between a and a/b in byte order\n")
	z.file(manifest.Entry{Path: "!", Mode: 0o644}, "before . in byte order\n")
	z.file(manifest.Entry{Path: "new\nline", Mode: 0o644}, "name with a newline\n")
	z.file(manifest.Entry{Path: "caf\xc3\xa9", Mode: 0o644}, "UTF-8\n")
	z.file(manifest.Entry{Path: "latin1-\xe9\xff", Mode: 0o644}, "no UTF-8\n")
	z.add(manifest.Entry{Path: "to-latin1", Type: manifest.TypeLink, Mode: 0o777, Link: "latin1-\xe9\xff"})
	z.file(manifest.Entry{Path: "future", Mode: 0o644, Time: time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)}, "late\n")
	z.file(manifest.Entry{Path: "nobody", Mode: 0o644, UID: 4294967294, GID: 2097152}, "ids above 2097151\n")
	z.dir("deep")
	deep := "deep"
	for range 8 {
		deep += "/" + string(bytes.Repeat([]byte("d"), 40))
		z.dir(deep)
	}
	z.file(manifest.Entry{Path: deep + "/f", Mode: 0o644}, "a path of more than 256 bytes\n")
	z.add(manifest.Entry{Path: "long", Type: manifest.TypeLink, Mode: 0o777, Link: deep + "/f"})
	return z.sorted()
}

// fullZoo has besides what only tar carries, and a socket, which only cpio does.
func fullZoo() *zoo {
	z := plainZoo()
	z.file(manifest.Entry{Path: "usr/bin/ping", Mode: 0o755, Xattrs: []manifest.Xattr{
		{Name: "security.capability", Value: capability},
		{Name: "user.%41=b", Value: []byte("percent and equals\n\n")},
		{Name: "user.empty"},
		{Name: "user.latin1-\xe9", Value: []byte("\xff")},
	}}, "#!/bin/ping\n")
	z.file(manifest.Entry{Path: "nano", Mode: 0o644, Time: day.Add(123456789)}, "with nanoseconds\n")
	z.file(manifest.Entry{Path: "ancient", Mode: 0o644, Time: time.Date(1901, 1, 1, 0, 0, 0, 500, time.UTC)}, "before 1970\n")
	z.add(manifest.Entry{Path: "dev/log", Type: manifest.TypeSocket, Mode: 0o666})
	for _, p := range []string{"link1", "link2"} {
		z.add(manifest.Entry{Path: p, Type: manifest.TypeLink, Mode: 0o777, Link: "a", Group: 3, Nlink: 2})
	}
	return z.sorted()
}

// write makes the tree as an unprivileged action leaves it: plain files for what is special, modes and times of today.
func (z *zoo) write(t testing.TB) string {
	t.Helper()
	root := t.TempDir()
	firsts := map[uint64]string{} // by group
	for _, e := range z.m.Entries {
		name := filepath.Join(root, e.Path)
		var err error
		switch content, ok := z.contents[e.Path]; {
		case e.Type == manifest.TypeDir:
			err = os.MkdirAll(name, 0o755)
		case e.Type == manifest.TypeLink:
			err = os.Symlink(e.Link, name)
		case ok:
			err = os.WriteFile(name, []byte(content), 0o600)
		case firsts[e.Group] != "":
			err = os.Link(firsts[e.Group], name)
		default:
			err = os.WriteFile(name, nil, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		if e.Group != 0 && firsts[e.Group] == "" {
			firsts[e.Group] = name
		}
	}
	return root
}

// pack returns the archive of the zoo.
func (z *zoo) pack(t testing.TB, root string, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(t.Context(), &b, z.m, root, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// streams are the formats that can be written to a pipe: all but the one that is a directory.
func streams() []string {
	return slices.DeleteFunc(Formats(), func(f string) bool { return f == ociDir })
}
