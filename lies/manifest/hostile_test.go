package manifest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

const (
	head  = "#mtree v2.0\n#feign 1\n"
	root  = ". type=dir mode=0755 uid=0 gid=0 time=0.000000000\n"
	meta  = " mode=0644 uid=0 gid=0"
	end   = " size=0 time=0.000000000\n"
	file  = " type=file" + meta + end
	sum64 = "aa000000000000000000000000000000000000000000000000000000000000bb"
)

func TestReadRefuses(t *testing.T) {
	tests := []struct {
		name, text string
		line       int
		want       string
	}{
		{"empty", "", 1, "#mtree v2.0"},
		{"other file", "hello\n", 1, "#mtree v2.0"},
		{"gzip", "\x1f\x8b\x08\x00", 1, "ends within a line"},
		{"version", "#mtree v2.0\n#feign 2\n", 2, "#feign 1"},
		{"only magic", head, 2, "no entries"},
		{"no root", head + "./a" + file, 3, "root"},
		{"root is a file", head + "." + file, 3, "not a directory"},
		{"root twice", head + root + root, 4, "twice"},
		{"root spelled differently", head + root + "./." + file, 4, `"."`},
		{"duplicate", head + root + "./a" + file + "./a" + file, 5, "twice"},
		{"unsorted", head + root + "./b" + file + "./a" + file, 5, "out of order"},
		{"up", head + root + "./../a" + file, 4, `".."`},
		{"up within", head + root + "./a/../b" + file, 4, `".."`},
		{"hidden up", head + root + "./a/\\056\\056" + file, 4, "must be written"},
		{"absolute", head + root + "/etc/passwd" + file, 4, `must begin with "./"`},
		{"absolute within", head + root + ".//etc" + file, 4, "absolute"},
		{"empty component", head + root + "./a//b" + file, 4, "empty component"},
		{"slash at the end", head + root + "./a/" + file, 4, "empty component"},
		{"relative", head + root + "a" + file, 4, `must begin with "./"`},
		{"nul", head + root + "./a\\000" + file, 4, "NUL"},
		{"no parent", head + root + "./a/b" + file, 4, `"a" has no entry`},
		{"below a file", head + root + "./a" + file + "./a/b" + file, 5, "not a directory"},
		{"below a link", head + root + "./a type=link mode=0777 uid=0 gid=0 link=/etc time=0.000000000\n./a/b" + file, 5, "not a directory"},
		{"unknown keyword", head + root + "./a type=file" + meta + " size=0 flags=none time=0.000000000\n", 4, `unknown keyword "flags"`},
		{"repeated keyword", head + root + "./a type=file type=dir" + meta + end, 4, "type is repeated"},
		{"order", head + root + "./a mode=0644 type=file uid=0 gid=0" + end, 4, "out of order"},
		{"no type", head + root + "./a" + meta + end, 4, "no type"},
		{"bad type", head + root + "./a type=door" + meta + end, 4, `no such type: "door"`},
		{"no value", head + root + "./a type" + meta + end, 4, "type without a value"},
		{"mode digits", head + root + "./a type=file mode=644 uid=0 gid=0" + end, 4, "mode: "},
		{"mode not octal", head + root + "./a type=file mode=0689 uid=0 gid=0" + end, 4, "mode: "},
		{"no mode", head + root + "./a type=file uid=0 gid=0" + end, 4, "canonical"},
		{"uid too big", head + root + "./a type=file mode=0644 uid=4294967296 gid=0" + end, 4, "uid: "},
		{"uid negative", head + root + "./a type=file mode=0644 uid=-1 gid=0" + end, 4, "uid: "},
		{"uid with zeros", head + root + "./a type=file mode=0644 uid=00 gid=0" + end, 4, "uid: "},
		{"uid missing value", head + root + "./a type=file mode=0644 uid= gid=0" + end, 4, "uid: "},
		{"size overflow", head + root + "./a type=file" + meta + " size=9223372036854775808 time=0.000000000\n", 4, "size: "},
		{"huge size", head + root + "./a type=file" + meta + " size=99999999999999999999999 time=0.000000000\n", 4, "size: "},
		{"size on a directory", head + root + "./a type=dir" + meta + " size=1 time=0.000000000\n", 4, "size"},
		{"time", head + root + "./a type=file" + meta + " size=0 time=0\n", 4, "time: "},
		{"time digits", head + root + "./a type=file" + meta + " size=0 time=0.00000000x\n", 4, "time: "},
		{"time minus zero", head + root + "./a type=file" + meta + " size=0 time=-0.000000000\n", 4, "canonical"},
		{"device", head + root + "./a type=char" + meta + " device=1,3 contents=./a/. time=0.000000000\n", 4, "device: "},
		{"device on a file", head + root + "./a type=file" + meta + " device=native,1,3" + end, 4, "device number"},
		{"contents elsewhere", head + root + "./a type=char" + meta + " device=native,1,3 contents=/etc/passwd time=0.000000000\n", 4, "canonical"},
		{"digest length", head + root + "./a type=file" + meta + " size=0 time=0.000000000 sha256digest=00\n", 4, "sha256"},
		{"digest letters", head + root + "./a type=file" + meta + " size=0 time=0.000000000 sha256digest=" + strings.ToUpper(sum64) + "\n", 4, "canonical"},
		{"no link", head + root + "./a type=link" + meta + " time=0.000000000\n", 4, "link target"},
		{"bad escape", head + root + "./a\\9" + file, 4, "octal digits"},
		{"short escape", head + root + "./a\\04 type=file", 4, "ends within"},
		{"byte above 0377", head + root + "./\\400" + file, 4, "octal digits"},
		{"needless escape", head + root + "./\\141" + file, 4, "must be written as 'a'"},
		{"raw byte", head + root + "./\xff" + file, 4, "\\377"},
		{"two blanks", head + root + "./a  type=file" + meta + end, 4, "one blank"},
		{"blank at the end", head + root + "./a type=file" + meta + " size=0 time=0.000000000 \n", 4, "one blank"},
		{"carriage return", head + root + "./a type=file" + meta + " size=0 time=0.000000000\r\n", 4, "time: "},
		{"empty line", head + root + "\n", 4, "empty line"},
		{"comment", head + root + "# hello\n", 4, "comment"},
		{"set", head + "/set type=file\n", 3, "must begin"},
		{"header form", head + "#x\n" + root, 3, "# key: value"},
		{"header key", head + "# A b: c\n" + root, 3, "lower-case"},
		{"header order", head + "# b: c\n# a: c\n" + root, 4, "sorted"},
		{"no newline", head + root[:20], 3, "ends within a line"},
		{"half a group", head + root + "./a type=file" + meta + " size=0 time=0.000000000 nlink=2 inode=1\n./b" + file, 4, "1 of its 2"},
		{"group too big", head + root + "./a type=file" + meta + " size=0 time=0.000000000 nlink=2 inode=7\n", 4, "the next is 1"},
		{"one link", head + root + "./a type=file" + meta + " size=0 time=0.000000000 nlink=1 inode=1\n", 4, "group 1"},
		{"linked directory", head + root + "./a type=dir" + meta + " time=0.000000000 nlink=2 inode=1\n", 4, "group 1"},
		{"xattr before", head + "#@ xattr.user.a=\n", 3, "without an entry"},
		{"xattr twice", head + root + "#@ xattr.user.a=\n#@ xattr.user.a=\n", 5, "twice"},
		{"xattr order", head + root + "#@ xattr.user.b=\n#@ xattr.user.a=\n", 5, "sorted"},
		{"xattr value", head + root + "#@ xattr.user.b=%%\n", 4, "base64"},
		{"xattr trailing bits", head + root + "#@ xattr.user.b=AB==\n", 4, "base64"},
		{"xattr return", head + root + "#@ xattr.user.b=AA=\r=\n", 4, "base64"},
		{"xattr name", head + root + "#@ xattr.=AA==\n", 4, "xattr name"},
		{"no xattr value", head + root + "#@ xattr.user.b\n", 4, "without a value"},
		{"unknown comment", head + root + "#@ acl=b\n", 4, `unknown keyword "acl"`},
		{"long line", head + root + "./" + strings.Repeat("a", MaxLine) + file, 4, "longer than"},
		{"long xattr line", head + root + "#@ xattr.a=" + strings.Repeat("AAAA", xattrChunk/3+1) + "\n", 4, "in one line"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := Read(strings.NewReader(tt.text))
			var se *SyntaxError
			if !errors.As(err, &se) {
				t.Fatalf("manifest %v, error %v, want a SyntaxError", m, err)
			}
			if se.Line != tt.line || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want line %d and %q", err, tt.line, tt.want)
			}
		})
	}
}

func TestReadLimits(t *testing.T) {
	long := head + root + "./" + strings.Repeat("a", MaxLine) + file
	if _, err := Read(bufio.NewReaderSize(strings.NewReader(long), 1<<20)); err == nil || !strings.Contains(err.Error(), "line 4: longer than") {
		t.Errorf("line, from a large buffer: %v", err)
	}
	many := head + root + "./a" + file + "./b" + file
	if _, err := ReadLimited(strings.NewReader(many), Limits{Entries: 2}); err == nil || !strings.Contains(err.Error(), "line 5: more than 2") {
		t.Errorf("entries: %v", err)
	}
	if _, err := ReadLimited(strings.NewReader(many), Limits{Text: 100}); err == nil || !strings.Contains(err.Error(), "limit") {
		t.Errorf("text: %v", err)
	}
}

// TestBombs feeds frames that are small and want to become large.
func TestBombs(t *testing.T) {
	bomb := func(opts ...zstd.EOption) []byte {
		var b bytes.Buffer
		enc, err := zstd.NewWriter(&b, opts...)
		if err != nil {
			t.Fatal(err)
		}
		zero := make([]byte, 1<<20)
		for range 256 {
			enc.Write(zero)
		}
		enc.Close()
		return b.Bytes()
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Read(bytes.NewReader(bomb(zstd.WithWindowSize(128 << 20)))); !errors.Is(err, zstd.ErrWindowSizeExceeded) {
		t.Errorf("window of 128 MiB: %v", err)
	}
	if _, err := Read(bytes.NewReader(bomb(zstd.WithWindowSize(8 << 20)))); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("256 MiB of zeros: %v", err)
	}
	// A header of 13 bytes that promises 2^62 bytes of content in a single segment.
	frame := append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0xe0}, 0, 0, 0, 0, 0, 0, 0, 0x40)
	if _, err := Read(bytes.NewReader(frame)); err == nil {
		t.Error("a single segment of 2^62 bytes: no error")
	}
	runtime.ReadMemStats(&after)
	if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 600 {
		t.Errorf("%d MiB were allocated", n)
	}
}

// failingReader gives an error of the medium after some text.
type failingReader struct{ r io.Reader }

func (f failingReader) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err == io.EOF {
		err = errors.New("input/output error")
	}
	return n, err
}

func TestReadError(t *testing.T) {
	if _, err := Read(failingReader{strings.NewReader(head + root)}); err == nil || !strings.Contains(err.Error(), "input/output error") {
		t.Errorf("error %v", err)
	}
}
