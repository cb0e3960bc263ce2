//go:build linux

package main

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// A tree is a directory as it was when it was last told about.
type tree struct {
	base string
	told map[string]string // path to line
}

func newTree(base string) *tree { return &tree{base: base} }

// tell prints the lines that are new or different, and the paths that are gone.
func (t *tree) tell() {
	now := map[string]string{}
	first := map[uint64]string{}
	t.visit(".", "dir", now, first)
	var paths []string
	for path := range now {
		paths = append(paths, path)
	}
	for path := range t.told {
		if _, there := now[path]; !there {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	say("tree of %d", len(now))
	for _, path := range paths {
		line, there := now[path]
		switch {
		case !there:
			say("  %s: gone", path)
		case line != t.told[path]:
			say("  %s: %s", path, line)
		}
	}
	t.told = now
}

// visit puts down a file and what is below it. Files of several links are told
// by the first path that leads to them.
func (t *tree) visit(path, kind string, lines map[string]string, first map[uint64]string) {
	full := filepath.Join(t.base, path)
	var s unix.Stat_t
	if err := unix.Lstat(full, &s); err != nil {
		lines[path] = errno(err)
		return
	}
	line := fromStat(&s).String() + attributes(full)
	if !strings.HasPrefix(line, kind) {
		line += " listed as " + kind
	}
	if s.Mode&unix.S_IFMT != unix.S_IFDIR && s.Nlink > 1 {
		if other, seen := first[s.Ino]; seen {
			lines[path] = "the same as " + other
			return
		}
		first[s.Ino] = path
	}
	switch s.Mode & unix.S_IFMT {
	case unix.S_IFLNK:
		to, err := os.Readlink(full)
		must(err, "readlink")
		line += " -> " + to
	case unix.S_IFREG:
		if s.Size < 1<<20 { // not the copy of this program
			text, err := os.ReadFile(full)
			line += fmt.Sprintf(" content %08x %s", crc32.ChecksumIEEE(text), errno(wrapped(err)))
		}
	}
	lines[path] = line
	if s.Mode&unix.S_IFMT != unix.S_IFDIR {
		return
	}
	for _, e := range listing(full) {
		if e.name != "." && e.name != ".." {
			t.visit(filepath.Join(path, e.name), direntTypes[e.kind], lines, first)
		}
	}
}

// wrapped is the errno in an error of package os.
func wrapped(err error) error {
	if e, ok := err.(*os.PathError); ok {
		return e.Err
	}
	return err
}

// attributes are the extended attributes of a file, in byte order.
func attributes(path string) string {
	var b strings.Builder
	for _, name := range attributeNames(path) {
		value := make([]byte, 70000)
		n, e := call(unix.SYS_LGETXATTR, path, name, value, len(value))
		if e != 0 {
			fmt.Fprintf(&b, " %s %s", name, errno(e))
			continue
		}
		fmt.Fprintf(&b, " %s=%s", name, attributeText(name, value[:n]))
	}
	return b.String()
}

func attributeText(name string, value []byte) string {
	if strings.HasPrefix(name, "system.posix_acl") {
		return decodeACL(value)
	}
	return fmt.Sprintf("%q", value)
}

func attributeNames(path string) []string {
	list := make([]byte, 70000)
	n, e := call(unix.SYS_LLISTXATTR, path, list, len(list))
	if e != 0 {
		return []string{errno(e)}
	}
	var names []string
	for name := range bytes.SplitSeq(bytes.TrimSuffix(list[:n], []byte{0}), []byte{0}) {
		if len(name) > 0 {
			names = append(names, string(name))
		}
	}
	slices.Sort(names)
	return names
}

// A listed is an entry of a directory.
type listed struct {
	name string
	kind byte
}

var direntTypes = map[byte]string{
	unix.DT_REG: "file", unix.DT_DIR: "dir", unix.DT_LNK: "link", unix.DT_CHR: "char",
	unix.DT_BLK: "block", unix.DT_FIFO: "fifo", unix.DT_SOCK: "socket", unix.DT_UNKNOWN: "",
}

// listing is what getdents64(2) says of a directory, in byte order.
func listing(path string) []listed {
	f, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return []listed{{name: errno(err)}}
	}
	defer unix.Close(f)
	list, err := listingOf(f)
	if err != nil {
		return []listed{{name: errno(err)}}
	}
	return list
}

func listingOf(f int) ([]listed, error) {
	if _, err := unix.Seek(f, 0, 0); err != nil {
		return nil, err
	}
	var list []listed
	b := make([]byte, 8192)
	for {
		n, err := unix.Getdents(f, b)
		if n <= 0 || err != nil {
			slices.SortFunc(list, func(a, b listed) int { return strings.Compare(a.name, b.name) })
			return list, err
		}
		// linux/dirent.h, struct linux_dirent64
		for rest := b[:n]; len(rest) > 0; {
			length := int(rest[16]) | int(rest[17])<<8
			list = append(list, listed{unix.ByteSliceToString(rest[19:length]), rest[18]})
			rest = rest[length:]
		}
	}
}
