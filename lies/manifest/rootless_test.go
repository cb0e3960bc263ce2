package manifest

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
)

// owned has owners of every kind, with names for some.
func owned() *Manifest {
	at := time.Unix(1700000000, 0).UTC()
	return &Manifest{Entries: []Entry{
		{Path: ".", Type: TypeDir, Mode: 0o755, Uname: "root", Gname: "root", Time: at, Nlink: 1},
		{Path: "a", Type: TypeFile, Mode: 0o4755, UID: 1000, Uname: "ada", Gname: "root", Time: at, Nlink: 2, Group: 1, Xattrs: []Xattr{{"user.x", []byte("y")}, {"user.z", nil}}},
		{Path: "b", Type: TypeFile, Mode: 0o4755, UID: 1000, Uname: "ada", Gname: "root", Time: at, Nlink: 2, Group: 1, Xattrs: []Xattr{{"user.x", []byte("y")}, {"user.z", nil}}},
		{Path: "d", Type: TypeDir, Mode: 0o755, UID: 70000, GID: 4294967294, Time: at, Nlink: 1},
		{Path: "g", Type: TypeFile, Mode: 0o644, GID: 42, Uname: "root", Time: at, Nlink: 1},
	}}
}

func TestRootless(t *testing.T) {
	m := owned()
	before := text(t, m)
	var out bytes.Buffer
	if err := Convert(t.Context(), &out, m, ConvertOptions{Format: "rootlesscontainers", Strict: true}); err != nil {
		t.Fatal(err)
	}
	// The values are those of protoc: uid is field 1, gid field 2, both varints.
	for _, line := range []string{
		"./a type=file mode=4755 uid=0 gid=0 uname=root gname=root size=0 time=1700000000.000000000 nlink=2 inode=1\n" +
			"#@ xattr.user.rootlesscontainers=COgHEP////8P\n#@ xattr.user.x=eQ==\n#@ xattr.user.z=\n",
		"./d type=dir mode=0755 uid=0 gid=0 uname=root gname=root time=1700000000.000000000\n#@ xattr.user.rootlesscontainers=CPCiBBD+////Dw==\n",
		"#@ xattr.user.rootlesscontainers=CP////8PECo=\n",
	} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("no %q in\n%s", line, &out)
		}
	}
	rootless, err := Read(&out)
	if err != nil {
		t.Fatal(err)
	}
	back, err := FromRootless(rootless)
	if err != nil {
		t.Fatal(err)
	}
	// The name of an owner that is gone from the text is not known any more.
	for i := range m.Entries {
		if m.Entries[i].Uname == "ada" {
			m.Entries[i].Uname = ""
		}
		if m.Entries[i].GID == 0 {
			m.Entries[i].Gname = "root"
		}
	}
	if got, want := text(t, back), text(t, m); got != want {
		t.Errorf("there and back:\n%swant\n%s", got, want)
	}
	if text(t, owned()) != before {
		t.Error("the manifest was changed")
	}
}

// What cannot have an attribute loses its owner, and that is told.
func TestRootlessLosses(t *testing.T) {
	m := owned()
	m.Entries = append(m.Entries, Entry{Path: "l", Type: TypeLink, Mode: 0o777, Link: "a", UID: 1}, Entry{Path: "n", Type: TypeChar, Mode: 0o600, GID: 5})
	var lost []string
	err := Convert(t.Context(), &bytes.Buffer{}, m, ConvertOptions{Format: "rootlesscontainers", Lost: func(l Loss) { lost = append(lost, l.Path+": "+l.What) }})
	if want := []string{"l: owner", "n: owner"}; err != nil || !slices.Equal(lost, want) {
		t.Errorf("%v, lost %q, want %q", err, lost, want)
	}
}

func TestFromRootlessRefuses(t *testing.T) {
	for value, want := range map[string]string{
		"\x08":                             "no message",
		"\x08\xff\xff\xff\xff\xff\x0f":     "no message",
		"\x18\x01":                         "unknown field 3",
		"\x08\x80\x80\x80\x80\x10\x10\x01": "no message",
		"\x08\xe8\x07\x10":                 "no message",
	} {
		m := &Manifest{Entries: []Entry{{Path: ".", Type: TypeDir, Xattrs: []Xattr{{rootlessXattr, []byte(value)}}}}}
		if _, err := FromRootless(m); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%x: %v, want %q", value, err, want)
		}
	}
	// The id that says nothing, and a message that says root.
	m := &Manifest{Entries: []Entry{
		{Path: ".", Type: TypeDir, UID: 7, GID: 8, Xattrs: []Xattr{{rootlessXattr, []byte("\x08\xff\xff\xff\xff\x0f\x10\x09")}}},
		{Path: "a", Type: TypeDir, UID: 7, GID: 8, Xattrs: []Xattr{{rootlessXattr, nil}}},
	}}
	out, err := FromRootless(m)
	if err != nil || out.Entries[0].UID != 7 || out.Entries[0].GID != 9 || out.Entries[1].UID != 0 || out.Entries[1].GID != 0 || out.Entries[0].Xattrs != nil {
		t.Errorf("%v, %+v", err, out)
	}
}

func FuzzParseRootless(f *testing.F) {
	f.Add([]byte("\x08\xe8\x07\x10\xff\xff\xff\xff\x0f"))
	f.Fuzz(func(t *testing.T, b []byte) {
		uid, gid, err := parseRootless(b)
		if err != nil || uid == 0 || gid == 0 {
			return // of root a message of ours says nothing
		}
		if u, g, err := parseRootless(appendRootless(nil, uid, gid)); err != nil || u != uid || g != gid {
			t.Errorf("%x: %d:%d, then %d:%d, %v", b, uid, gid, u, g, err)
		}
	})
}
