package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
)

// sample has at least one entry of every type and every keyword.
func sample() *Manifest {
	at := func(sec, nsec int64) time.Time { return time.Unix(sec, nsec).UTC() }
	hello := [32]byte{0xaa, 31: 0xbb}
	return &Manifest{
		Header: []Field{{"ruleset", "sha256:12 34"}},
		Entries: []Entry{
			{Path: ".", Type: TypeDir, Mode: 0o755, Nlink: 1, Time: at(1, 0)},
			{Path: "-first", Type: TypeFile, Mode: 0o4755, UID: 12, GID: 34, Nlink: 1, Time: at(-2, 500_000_000)},
			{Path: "a b", Type: TypeDir, Mode: 0o1777, Uname: "root", Gname: "www-data", GID: 33, Nlink: 1, Time: at(0, 5)},
			{Path: "a b/#=*?[\\", Type: TypeFifo, Mode: 0o600, Nlink: 1, Time: at(0, 0)},
			{Path: "a b/\xff\n", Type: TypeSocket, Mode: 0o600, Nlink: 1, Time: at(0, 0)},
			{Path: "blk", Type: TypeBlock, Mode: 0o660, Major: 8, Minor: 1 << 19, Nlink: 1, Time: at(0, 0)},
			{Path: "chr", Type: TypeChar, Mode: 0o666, Major: 1, Minor: 3, Nlink: 1, Time: at(0, 0)},
			{Path: "l1", Type: TypeFile, Mode: 0o644, Size: 5, Digest: hello, HasDigest: true, Nlink: 2, Group: 1, Time: at(1, 2),
				Xattrs: []Xattr{{"security.capability", []byte("\x01\x00\x00\x02")}, {"user.empty", []byte{}}}},
			{Path: "l2", Type: TypeFile, Mode: 0o644, Size: 5, Digest: hello, HasDigest: true, Nlink: 2, Group: 1, Time: at(1, 2),
				Xattrs: []Xattr{{"security.capability", []byte("\x01\x00\x00\x02")}, {"user.empty", []byte{}}}},
			{Path: "sym", Type: TypeLink, Mode: 0o777, Link: "../x y", Nlink: 1, Time: at(0, 0)},
		},
	}
}

const sampleText = `#mtree v2.0
#feign 1
# ruleset: sha256:12 34
. type=dir mode=0755 uid=0 gid=0 time=1.000000000
./-first type=file mode=4755 uid=12 gid=34 size=0 time=-2.500000000
./a\040b type=dir mode=1777 uid=0 gid=33 uname=root gname=www-data time=0.000000005
./a\040b/\043\075\052\077\133\134 type=fifo mode=0600 uid=0 gid=0 contents=./a\040b/\043\075\052\077\133\134/. time=0.000000000
./a\040b/\377\012 type=socket mode=0600 uid=0 gid=0 contents=./a\040b/\377\012/. time=0.000000000
./blk type=block mode=0660 uid=0 gid=0 device=native,8,524288 contents=./blk/. time=0.000000000
./chr type=char mode=0666 uid=0 gid=0 device=native,1,3 contents=./chr/. time=0.000000000
./l1 type=file mode=0644 uid=0 gid=0 size=5 time=1.000000002 nlink=2 inode=1 sha256digest=aa000000000000000000000000000000000000000000000000000000000000bb
#@ xattr.security.capability=AQAAAg==
#@ xattr.user.empty=
./l2 type=file mode=0644 uid=0 gid=0 size=5 time=1.000000002 nlink=2 inode=1 sha256digest=aa000000000000000000000000000000000000000000000000000000000000bb
#@ xattr.security.capability=AQAAAg==
#@ xattr.user.empty=
./sym type=link mode=0777 uid=0 gid=0 link=../x\040y time=0.000000000
`

// text returns m as canonical text.
func text(t testing.TB, m *Manifest) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := m.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCanonicalText(t *testing.T) { // card-3
	if got := text(t, sample()); got != sampleText {
		t.Errorf("got:\n%s\nwant:\n%s", got, sampleText)
	}
	m, err := Read(strings.NewReader(sampleText))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(m, sample()) {
		t.Errorf("read back: %+v", m)
	}
}

func TestDigestIsOfTheText(t *testing.T) {
	d, err := sample().Digest()
	if err != nil {
		t.Fatal(err)
	}
	const want = "sha256:69b21d59d4cb9018e4efd0c4f6c40433e26619baf8fe0f92fd328a1de85560eb"
	if d != want {
		t.Errorf("digest %s, want %s", d, want)
	}
}

func TestCompressedRoundTrip(t *testing.T) {
	var one, two bytes.Buffer
	m := big(5000)
	if err := m.WriteZstd(&one); err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if err := m.WriteZstd(&two); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("compressed bytes depend on GOMAXPROCS")
	}
	back, err := Read(&two)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back, m) {
		t.Error("read back something else")
	}
	for _, n := range []int{5, 100, one.Len() / 2, one.Len() - 1} {
		if _, err := Read(bytes.NewReader(one.Bytes()[:n])); err == nil {
			t.Errorf("truncated to %d of %d bytes: no error", n, one.Len())
		}
	}
}

// big returns a manifest with n files in a few directories.
func big(n int) *Manifest {
	m := &Manifest{Entries: []Entry{{Path: ".", Type: TypeDir, Mode: 0o755, Nlink: 1, Time: time.Unix(0, 0).UTC()}}}
	for i := range n {
		if i%100 == 0 {
			m.Entries = append(m.Entries, Entry{Path: fmt.Sprintf("dir%05d", i/100), Type: TypeDir, Mode: 0o755, Nlink: 1, Time: time.Unix(7, 0).UTC()})
		}
		e := Entry{Path: fmt.Sprintf("dir%05d/file%05d", i/100, i), Type: TypeFile, Mode: 0o644, Size: int64(i), Nlink: 1,
			Time: time.Unix(int64(i), 0).UTC(), HasDigest: true}
		e.Digest[0], e.Digest[1] = byte(i), byte(i>>8)
		m.Entries = append(m.Entries, e)
	}
	return m
}

func TestLongXattr(t *testing.T) {
	for _, n := range []int{xattrChunk - 1, xattrChunk, xattrChunk + 1, maxXattrValue} {
		m := &Manifest{Entries: []Entry{{Path: ".", Type: TypeDir, Nlink: 1, Time: time.Unix(0, 0).UTC(),
			Xattrs: []Xattr{{"user." + strings.Repeat("=", 250), bytes.Repeat([]byte("x"), n)}, {"user.a", []byte("b")}}}}}
		s := text(t, m)
		for line := range strings.Lines(s) {
			if len(line) > MaxLine {
				t.Errorf("%d bytes: line of %d bytes", n, len(line))
			}
		}
		back, err := Read(strings.NewReader(s))
		if err != nil || !reflect.DeepEqual(back, m) {
			t.Errorf("%d bytes: read back differs, error %v", n, err)
		}
	}
}

func TestWriteRefusesInvalid(t *testing.T) {
	dir := Entry{Path: ".", Type: TypeDir}
	file := func(path string) Entry { return Entry{Path: path, Type: TypeFile} }
	tests := []struct {
		name    string
		header  []Field
		entries []Entry
		want    string
	}{
		{"empty", nil, nil, "no entries"},
		{"no root", nil, []Entry{file("a")}, "root"},
		{"unsorted", nil, []Entry{dir, file("b"), file("a")}, `"a": out of order`},
		{"twice", nil, []Entry{dir, file("a"), file("a")}, "twice"},
		{"no parent", nil, []Entry{dir, file("d/a")}, `"d" has no entry`},
		{"below a file", nil, []Entry{dir, file("d"), file("d/a")}, "not a directory"},
		{"up", nil, []Entry{dir, file("../a")}, `".."`},
		{"absolute", nil, []Entry{dir, file("/a")}, "absolute"},
		{"mode", nil, []Entry{{Path: ".", Type: TypeDir, Mode: sIFDIR | 0o755}}, "permission bits"},
		{"type", nil, []Entry{{Path: ".", Type: 9}}, "no such type"},
		{"link without target", nil, []Entry{dir, {Path: "l", Type: TypeLink}}, "link target"},
		{"name", nil, []Entry{{Path: ".", Type: TypeDir, Uname: "a b"}}, `"a b"`},
		{"half a group", nil, []Entry{dir, {Path: "a", Type: TypeFile, Nlink: 2, Group: 1}}, "1 of its 2"},
		{"group numbers", nil, []Entry{dir, {Path: "a", Type: TypeFile, Nlink: 2, Group: 2}}, "the next is 1"},
		{"group differs", nil, []Entry{dir, {Path: "a", Type: TypeFile, Nlink: 2, Group: 1}, {Path: "b", Type: TypeFile, Nlink: 2, Group: 1, Size: 1}}, "same inode"},
		{"xattr order", nil, []Entry{{Path: ".", Type: TypeDir, Xattrs: []Xattr{{"b", nil}, {"a", nil}}}}, "sorted"},
		{"xattr size", nil, []Entry{{Path: ".", Type: TypeDir, Xattrs: []Xattr{{"b", make([]byte, maxXattrValue+1)}}}}, "65537"},
		{"header", []Field{{"A", "b"}}, []Entry{dir}, "lower-case"},
		{"header value", []Field{{"a", "b\nc"}}, []Entry{dir}, "printable"},
		{"too long", nil, []Entry{dir, file(strings.Repeat("\n", 20000))}, "80"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &Manifest{Header: tt.header, Entries: tt.entries}
			_, err := m.WriteTo(new(bytes.Buffer))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"m.mtree", "m.mtree.zst"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := sample().WriteFile(path); err != nil {
			t.Fatal(err)
		}
		m, err := ReadFile(path)
		if err != nil || !reflect.DeepEqual(m, sample()) {
			t.Errorf("%s: read back differs, error %v", name, err)
		}
	}
	if plain, _ := os.ReadFile(filepath.Join(dir, "m.mtree")); string(plain) != sampleText {
		t.Error("the plain file is not the canonical text")
	}
	if err := (&Manifest{}).WriteFile(filepath.Join(dir, "m.mtree")); err == nil {
		t.Error("an invalid manifest was written")
	}
	if left, _ := os.ReadDir(dir); len(left) != 2 {
		t.Errorf("files left behind: %v", left)
	}
	if _, err := ReadFile(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want not exist", err)
	}
}

// TestDocument: the example in docs/MANIFEST.md is a manifest.
func TestDocument(t *testing.T) {
	doc, err := os.ReadFile("../../docs/MANIFEST.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(doc), "```\n")
	example, _, ok := strings.Cut(rest, "```\n")
	if !ok {
		t.Fatal("no example")
	}
	m, err := Read(strings.NewReader(example))
	if err != nil {
		t.Fatal(err)
	}
	if text(t, m) != example {
		t.Error("it is not canonical")
	}
}

func TestLookup(t *testing.T) {
	m := sample()
	for i := range m.Entries {
		if got := m.Lookup(m.Entries[i].Path); got != &m.Entries[i] {
			t.Errorf("Lookup(%q) = %v", m.Entries[i].Path, got)
		}
	}
	for _, path := range []string{"", "a", "zzz", "-"} {
		if got := m.Lookup(path); got != nil {
			t.Errorf("Lookup(%q) = %v, want nil", path, got)
		}
	}
}

func BenchmarkText(b *testing.B) {
	m := big(100_000)
	s := text(b, m)
	var z bytes.Buffer
	if err := m.WriteZstd(&z); err != nil {
		b.Fatal(err)
	}
	b.Run("write", func(b *testing.B) {
		b.SetBytes(int64(len(s)))
		for b.Loop() {
			if _, err := m.WriteTo(io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("write zstd", func(b *testing.B) {
		b.SetBytes(int64(len(s)))
		for b.Loop() {
			if err := m.WriteZstd(io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read zstd", func(b *testing.B) {
		b.SetBytes(int64(len(s)))
		for b.Loop() {
			if _, err := Read(bytes.NewReader(z.Bytes())); err != nil {
				b.Fatal(err)
			}
		}
	})
}
