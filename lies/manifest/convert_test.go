package manifest

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// convertible has what some format stumbles over.
func convertible() *Manifest {
	at := time.Unix(1700000000, 0).UTC()
	entry := func(path string, typ Type, mode uint32) Entry {
		return Entry{Path: path, Type: typ, Mode: mode, Time: at, Nlink: 1}
	}
	m := &Manifest{Entries: []Entry{
		entry(".", TypeDir, 0o755),
		entry("a b", TypeFile, 0o640),
		entry("dev", TypeDir, 0o755),
		entry("dev/log", TypeSocket, 0o666),
		entry("dev/null", TypeChar, 0o666),
		entry("dev/pipe", TypeFifo, 0o600),
		entry("dev/sda", TypeBlock, 0o660),
		entry("it's", TypeFile, 0o644),
		entry("link", TypeLink, 0o777),
		entry("new\nline", TypeFile, 0o644),
		entry("q\"\\#", TypeFile, 0o644),
		entry("su", TypeFile, 0o4755),
		entry("sudo", TypeFile, 0o4755),
	}}
	m.Lookup("a b").UID, m.Lookup("a b").GID = 70000, 4294967294
	*m.Lookup("dev/null") = Entry{Path: "dev/null", Type: TypeChar, Mode: 0o666, Major: 300, Minor: 3, Time: at}
	*m.Lookup("dev/sda") = Entry{Path: "dev/sda", Type: TypeBlock, Mode: 0o660, GID: 6, Major: 8, Minor: 1, Time: at}
	m.Lookup("link").Link, m.Lookup("link").UID = "to a b", 12
	for _, p := range []string{"su", "sudo"} {
		e := m.Lookup(p)
		e.Nlink, e.Group = 2, 1
		e.Xattrs = []Xattr{
			{"security.capability", []byte("\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")},
			{"user.x", []byte("y")},
		}
	}
	return m
}

// golden are the conversions of convertible, and the losses by path and what.
var golden = map[string]struct {
	text string
	lost []string
}{
	"mtree": {`#mtree v2.0
. type=dir mode=0755 uid=0 gid=0 time=1700000000.000000000
./a\040b type=file mode=0640 uid=70000 gid=4294967294 size=0 time=1700000000.000000000
./dev type=dir mode=0755 uid=0 gid=0 time=1700000000.000000000
./dev/log type=socket mode=0666 uid=0 gid=0 time=1700000000.000000000
./dev/null type=char mode=0666 uid=0 gid=0 device=native,300,3 time=1700000000.000000000
./dev/pipe type=fifo mode=0600 uid=0 gid=0 time=1700000000.000000000
./dev/sda type=block mode=0660 uid=0 gid=6 device=native,8,1 time=1700000000.000000000
./it's type=file mode=0644 uid=0 gid=0 size=0 time=1700000000.000000000
./link type=link mode=0777 uid=12 gid=0 link=to\040a\040b time=1700000000.000000000
./new\012line type=file mode=0644 uid=0 gid=0 size=0 time=1700000000.000000000
./q"\134\043 type=file mode=0644 uid=0 gid=0 size=0 time=1700000000.000000000
./su type=file mode=4755 uid=0 gid=0 size=0 time=1700000000.000000000 nlink=2
./sudo type=file mode=4755 uid=0 gid=0 size=0 time=1700000000.000000000 nlink=2
`, []string{"su: extended attribute security.capability", "su: extended attribute user.x"}},
	"gen_init_cpio": {`# gen_init_cpio -t 1700000000
dir . 0755 0 0
dir dev 0755 0 0
sock dev/log 0666 0 0
nod dev/null 0666 0 0 c 300 3
pipe dev/pipe 0600 0 0
nod dev/sda 0660 0 6 b 8 1
file it's it's 0644 0 0
file q"\# q"\# 0644 0 0
file su su 4755 0 0 sudo
`, []string{`a b: file`, "it's: time", "link: symbolic link", "new\nline: file", "su: extended attribute security.capability", "su: extended attribute user.x"}},
	"mksquashfs": {`/ D 1700000000 0755 0 0
a\ b F 1700000000 0640 70000 4294967294 exec cat 'a b'
dev D 1700000000 0755 0 0
dev/log I 1700000000 0666 0 0 s
dev/null C 1700000000 0666 0 0 300 3
dev/pipe I 1700000000 0600 0 0 f
dev/sda B 1700000000 0660 0 6 8 1
it's F 1700000000 0644 0 0 exec cat 'it'\''s'
link S 1700000000 0777 12 0 to a b
q\"\\\# F 1700000000 0644 0 0 exec cat 'q"\#'
su F 1700000000 4755 0 0 exec cat 'su'
sudo L su
`, []string{"new\nline: file", "su: extended attribute security.capability", "su: extended attribute user.x"}},
	"mksquashfs-4.6": {`/ D 1700000000 0755 0 0
a\ b F 1700000000 0640 70000 4294967294 exec cat 'a b'
dev D 1700000000 0755 0 0
dev/log I 1700000000 0666 0 0 s
dev/null C 1700000000 0666 0 0 300 3
dev/pipe I 1700000000 0600 0 0 f
dev/sda B 1700000000 0660 0 6 8 1
it's F 1700000000 0644 0 0 exec cat 'it'\''s'
link S 1700000000 0777 12 0 to a b
q\"\\\# F 1700000000 0644 0 0 exec cat 'q"\#'
su F 1700000000 4755 0 0 exec cat 'su'
su x security.capability=0sAQAAAgAgAAAAAAAAAAAAAAAAAAA=
su x user.x=0seQ==
sudo L su
`, []string{"new\nline: file"}},
	"gensquashfs": {`# gensquashfs --defaults mtime=1700000000
dir / 0755 0 0
file "/a b" 0640 70000 4294967294 a b
dir "/dev" 0755 0 0
sock "/dev/log" 0666 0 0
nod "/dev/null" 0666 0 0 c 300 3
pipe "/dev/pipe" 0600 0 0
nod "/dev/sda" 0660 0 6 b 8 1
file "/it's" 0644 0 0 it's
slink "/link" 0777 12 0 to a b
file "/q\"\\#" 0644 0 0 q"\#
file "/su" 4755 0 0 su
link "/sudo" 4755 0 0 /su
`, []string{"new\nline: file", "su: extended attribute security.capability", "su: extended attribute user.x"}},
	"genext2fs": {`# name type mode uid gid major minor start inc count
/ d 0755 0 0 - - - - -
/dev d 0755 0 0 - - - - -
/dev/log s 0666 0 0 - - - - -
/dev/pipe p 0600 0 0 - - - - -
/dev/sda b 0660 0 6 8 1 - - -
/it's f 0644 0 0 - - - - -
/link l 0777 12 0 - - - - -
/su f 4755 0 0 - - - - -
/sudo f 4755 0 0 - - - - -
`, []string{".: time", "a b: owner and mode", "dev/null: character device", "new\nline: owner and mode", "q\"\\#: owner and mode",
		"su: extended attribute security.capability", "su: extended attribute user.x"}},
	"makedevs": {`# name type mode uid gid major minor start inc count
/ d 0755 0 0 - - - - -
/dev d 0755 0 0 - - - - -
/dev/null c 0666 0 0 300 3 - - -
/dev/pipe p 0600 0 0 - - - - -
/dev/sda b 0660 0 6 8 1 - - -
/it's f 0644 0 0 - - - - -
/q"\# f 0644 0 0 - - - - -
/su f 4755 0 0 - - - - -
|xattr cap_net_raw+ep
/sudo f 4755 0 0 - - - - -
`, []string{".: time", "a b: owner and mode", "dev/log: socket", "link: owner", "new\nline: owner and mode", "su: extended attribute user.x"}},
}

func TestConvert(t *testing.T) {
	for format, want := range golden {
		t.Run(format, func(t *testing.T) {
			var got bytes.Buffer
			var lost []string
			o := ConvertOptions{Format: format, Lost: func(l Loss) { lost = append(lost, l.Path+": "+l.What) }}
			if err := Convert(t.Context(), &got, convertible(), o); err != nil {
				t.Fatal(err)
			}
			if got.String() != want.text {
				t.Errorf("got\n%swant\n%s", &got, want.text)
			}
			if !slices.Equal(lost, want.lost) {
				t.Errorf("lost %q, want %q", lost, want.lost)
			}
			o.Strict, o.Lost = true, nil
			var loss *LossError
			got.Reset()
			if err := Convert(t.Context(), &got, convertible(), o); !errors.As(err, &loss) || loss.Losses < len(lost) || got.Len() > 0 {
				t.Errorf("strict: %v, %d bytes written", err, got.Len())
			}
		})
	}
	for _, format := range ConvertFormats() {
		if _, ok := golden[format]; !ok && format != "fakeroot" && format != "rootlesscontainers" {
			t.Errorf("no case for %s", format)
		}
	}
}

// Hard links whose first name a format cannot say are still links of each other.
func TestConvertLinks(t *testing.T) {
	m := &Manifest{Entries: []Entry{{Path: ".", Type: TypeDir}}}
	for _, path := range []string{"a \n", "b", "c"} {
		m.Entries = append(m.Entries, Entry{Path: path, Type: TypeFile, Mode: 0o644, Nlink: 3, Group: 1, Xattrs: []Xattr{{"user.x", nil}}})
	}
	for format, want := range map[string]string{
		"gen_init_cpio":  "dir . 0000 0 0\nfile b b 0644 0 0 c\n",
		"mksquashfs-4.6": "/ D 0 0000 0 0\nb F 0 0644 0 0 exec cat 'b'\nb x user.x=0s\nc L b\n",
		"gensquashfs":    "dir / 0000 0 0\nfile \"/b\" 0644 0 0 b\nlink \"/c\" 0644 0 0 /b\n",
	} {
		for i := range m.Entries {
			m.Entries[i].Time = time.Unix(0, 0)
		}
		var got bytes.Buffer
		if err := Convert(t.Context(), &got, m, ConvertOptions{Format: format}); err != nil {
			t.Fatal(err)
		}
		text := got.String()
		if strings.HasPrefix(text, "# ") {
			_, text, _ = strings.Cut(text, "\n")
		}
		if text != want {
			t.Errorf("%s: got\n%swant\n%s", format, text, want)
		}
	}
}

// Nothing is lost of a plain tree, so that strictness can be had.
func TestConvertStrict(t *testing.T) {
	root := t.TempDir()
	at := time.Unix(1700000000, 0).UTC()
	m := &Manifest{Entries: []Entry{
		{Path: ".", Type: TypeDir, Mode: 0o755, Time: at},
		{Path: "file", Type: TypeFile, Mode: 0o4755, UID: 1, Time: at},
	}}
	file := filepath.Join(root, "file")
	if err := errors.Join(os.WriteFile(file, nil, 0o644), os.Chtimes(file, at, at), os.Chtimes(root, at, at)); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"mtree", "gen_init_cpio", "mksquashfs", "gensquashfs", "fakeroot"} {
		out := filepath.Join(t.TempDir(), "out")
		o := ConvertOptions{Format: format, Tree: root, Strict: true}
		if err := ConvertFile(t.Context(), out, m, o); err != nil {
			t.Errorf("%s: %v", format, err)
		}
		if text, err := os.ReadFile(out); err != nil || len(text) == 0 {
			t.Errorf("%s: %q %v", format, text, err)
		}
	}
	if err := os.Chtimes(file, at, at.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"gen_init_cpio", "fakeroot"} {
		var loss *LossError
		if err := Convert(t.Context(), &bytes.Buffer{}, m, ConvertOptions{Format: format, Tree: root, Strict: true}); !errors.As(err, &loss) {
			t.Errorf("%s: the tree has another time: %v", format, err)
		}
	}
}

func TestConvertRefuses(t *testing.T) {
	for _, c := range []struct {
		m      *Manifest
		o      ConvertOptions
		reason string
	}{
		{convertible(), ConvertOptions{Format: "ext4"}, `unknown format "ext4"`},
		{convertible(), ConvertOptions{Format: "fakeroot"}, "needs the tree"},
		{convertible(), ConvertOptions{Format: "fakeroot", Tree: t.TempDir()}, "missing"},
		{&Manifest{}, ConvertOptions{Format: "mtree"}, "no entries"},
	} {
		if err := Convert(t.Context(), &bytes.Buffer{}, c.m, c.o); err == nil || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%+v: %v, want %q", c.o, err, c.reason)
		}
	}
}

func TestCapabilityText(t *testing.T) {
	for value, want := range map[string]string{
		"\x01\x00\x00\x02\x00\x30\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00":                 "cap_net_admin,cap_net_raw+ep",
		"\x00\x00\x00\x02\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00":                 "cap_chown+ip",
		"\x01\x00\x00\x02\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x80\x00\x00\x80":                 "cap_dac_override,cap_bpf,63+ei",
		"\x01\x00\x00\x02\x01\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00":                 "", // two sets
		"\x01\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00":                 "", // none
		"\x01\x00\x00\x03\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xe8\x03\x00\x00": "", // of a namespace
		"\x01\x00\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00":                                                 "",
		"": "",
	} {
		if got := capabilityText([]byte(value)); got != want {
			t.Errorf("%x: %q, want %q", value, got, want)
		}
	}
}
