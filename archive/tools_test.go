package archive

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/feign-build/feign/lies/manifest"
)

// A tool is somebody else's reader of archives; its list is compared with the manifest.
var tools = []struct {
	format string
	argv   []string
	// line finds mode, uid, gid, size or device, and name in a line of the list.
	line *regexp.Regexp
}{
	{"tar", []string{"tar", "--numeric-owner", "--full-time", "--quoting-style=escape", "-tvf", "-"},
		regexp.MustCompile(`^(\S{10}) (\d+)/(\d+) +(\S+) 2\S+ \S+ +(.*)$`)},
	{"tar", []string{"bsdtar", "--numeric-owner", "-tvf", "-"},
		regexp.MustCompile(`^(\S{10}) +0 (\d+) +(\d+) +(\S+) \S+ +\d+ +\S+ (.*)$`)},
	{"cpio", []string{"cpio", "-tvn", "--quiet"},
		regexp.MustCompile(`^(\S{10}) +\d+ (\d+) +(\d+) +(\d+|\d+, +\d+) \S+ +\d+ +\S+ (.*)$`)},
	{"cpio", []string{"bsdtar", "--numeric-owner", "-tvf", "-"},
		regexp.MustCompile(`^(\S{10}) +\d+ (\d+) +(\d+) +(\S+) \S+ +\d+ +\S+ (.*)$`)},
}

// TestTools has GNU tar, bsdtar and GNU cpio list an archive, each where it is installed.
func TestTools(t *testing.T) {
	z := plainZoo()
	root := z.write(t)
	for _, tool := range tools {
		t.Run(tool.format+" by "+tool.argv[0], func(t *testing.T) {
			if _, err := exec.LookPath(tool.argv[0]); err != nil {
				t.Skip(err)
			}
			var want []string
			items, err := plan(z.m, day)
			if err != nil {
				t.Fatal(err)
			}
			for it := range items {
				want = append(want, listed(it, tool.format))
			}
			cmd := exec.Command(tool.argv[0], tool.argv[1:]...)
			cmd.Stdin = bytes.NewReader(z.pack(t, root, Options{Format: tool.format, Epoch: day}))
			cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=UTC", "TAR_OPTIONS=")
			out, err := cmd.Output()
			if ee := (*exec.ExitError)(nil); errors.As(err, &ee) {
				t.Fatalf("%v: %s", err, ee.Stderr)
			} else if err != nil {
				t.Fatal(err)
			}
			// What GNU cpio prints as it is.
			text := strings.ReplaceAll(string(out), "new\nline", `new\nline`)
			text = strings.ReplaceAll(text, "-\xe9\xff", `-\351\377`)
			var got []string
			for line := range strings.Lines(text) {
				f := tool.line.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
				if f == nil {
					t.Fatalf("cannot read %q", line)
				}
				name := f[5]
				if tool.format == "cpio" { // bsdtar finds out about the hard links by itself
					name, _, _ = strings.Cut(name, " link to ")
				}
				size := strings.ReplaceAll(f[4], " ", "")
				got = append(got, fmt.Sprintf("%s %s %s %s %s", f[1], f[2], f[3], size, name))
			}
			compareLines(t, got, want)
		})
	}
}

func compareLines(t *testing.T, got, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		g, w := "(nothing)", "(nothing)"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Errorf("line %d:\n got %s\nwant %s", i+1, g, w)
		}
	}
}

// listed is the line of a list for an entry.
func listed(it *item, format string) string {
	kind := map[manifest.Type]string{manifest.TypeFile: "-", manifest.TypeDir: "d", manifest.TypeLink: "l",
		manifest.TypeChar: "c", manifest.TypeBlock: "b", manifest.TypeFifo: "p"}[it.Type]
	size, name := "0", it.Path
	switch it.Type {
	case manifest.TypeFile:
		size = fmt.Sprint(it.Size)
	case manifest.TypeLink:
		name += " -> " + it.Link
		if format == "cpio" {
			size = fmt.Sprint(len(it.Link))
		}
	case manifest.TypeChar, manifest.TypeBlock:
		size = fmt.Sprintf("%d,%d", it.Major, it.Minor)
	case manifest.TypeDir:
		if format == "tar" {
			name += "/"
		}
	}
	if format == "tar" && !it.isFirst() {
		kind, size, name = "h", "0", it.Path+" link to "+it.links.first
	}
	if format == "cpio" && !it.isLast() && it.Type == manifest.TypeFile {
		size = "0"
	}
	name = strings.NewReplacer("\n", `\n`, "-\xe9\xff", `-\351\377`).Replace(name)
	return fmt.Sprintf("%s %d %d %s %s", kind+permissions(it.Mode), it.UID, it.GID, size, name)
}

// permissions is the rest of ls -l's first column.
func permissions(mode uint32) string {
	b := []byte("rwxrwxrwx")
	for i := range b {
		if mode&(0o400>>i) == 0 {
			b[i] = '-'
		}
	}
	for i, c := range []byte("sst") {
		if mode&(0o4000>>i) != 0 {
			b[3*i+2] = map[bool]byte{true: c, false: c - 'a' + 'A'}[b[3*i+2] == 'x']
		}
	}
	return string(b)
}
