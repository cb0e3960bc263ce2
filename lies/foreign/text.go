package foreign

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Format is one of the line formats.
type Format string

// The formats. Fakeroot is read in both variants, whichever a line is.
const (
	Fakeroot     Format = "fakeroot"      // faked.c, save_database
	FakerootPath Format = "fakeroot-path" // the same, compiled with FAKEROOT_DB_PATH
	FakerootNG   Format = "fakeroot-ng"   // file_lie.cpp
)

// Formats are the names of all formats.
func Formats() []Format { return []Format{Fakeroot, FakerootPath, FakerootNG} }

// A field is one key of a line and the base that its number has.
type field struct {
	key  string
	base int
	of   func(e *Entry) number
}

// number gets and sets a field.
type number struct {
	get uint64
	set func(n uint64) bool // false: too large
}

func wide(p *uint64) number { return number{*p, func(n uint64) bool { *p = n; return true }} }

func narrow(p *uint32) number {
	return number{uint64(*p), func(n uint64) bool { *p = uint32(n); return n < 1<<32 }}
}

var (
	devField   = field{"dev", 16, func(e *Entry) number { return wide(&e.Dev) }}
	inoField   = field{"ino", 10, func(e *Entry) number { return wide(&e.Ino) }}
	modeField  = field{"mode", 8, func(e *Entry) number { return narrow(&e.Mode) }}
	uidField   = field{"uid", 10, func(e *Entry) number { return narrow(&e.UID) }}
	gidField   = field{"gid", 10, func(e *Entry) number { return narrow(&e.GID) }}
	nlinkField = field{"nlink", 10, func(e *Entry) number { return wide(&e.Nlink) }}
	rdevField  = field{"rdev", 10, func(e *Entry) number { return wide(&e.Rdev) }}
	rdevHex    = field{"rdev", 16, func(e *Entry) number { return wide(&e.Rdev) }}
)

// fields returns the fields of a line in their order, and whether a path follows.
func (f Format) fields() (fields []field, path bool) {
	switch f {
	case Fakeroot:
		return []field{devField, inoField, modeField, uidField, gidField, nlinkField, rdevField}, false
	case FakerootPath:
		return []field{modeField, uidField, gidField, nlinkField, rdevField}, true
	case FakerootNG:
		return []field{devField, inoField, modeField, uidField, gidField, rdevHex}, false
	}
	return nil, false
}

// maxLine bounds a line: a path of 4096 bytes and the numbers.
const maxLine = 64 << 10

// Read reads a file. The error names the line.
func Read(f Format, r io.Reader) ([]Entry, error) {
	if fields, _ := f.fields(); fields == nil {
		return nil, fmt.Errorf("unknown format %q", f)
	}
	var out []Entry
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		n++
		line := lines.Text()
		variant := f
		switch {
		case f == Fakeroot && strings.HasPrefix(line, "mode="):
			variant = FakerootPath
		case f == FakerootPath && strings.HasPrefix(line, "dev="):
			variant = Fakeroot
		}
		e, err := variant.parse(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		out = append(out, e)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", n+1, err)
	}
	return out, nil
}

// parse reads one line.
func (f Format) parse(line string) (e Entry, err error) {
	fields, path := f.fields()
	rest := line
	for i, field := range fields {
		var text string
		switch last := i == len(fields)-1; {
		case !last:
			text, rest, _ = strings.Cut(rest, ",")
		case path:
			text, rest, _ = strings.Cut(rest, " ")
		default:
			text, rest = rest, ""
		}
		digits, ok := strings.CutPrefix(text, field.key+"=")
		n, err := strconv.ParseUint(digits, field.base, 64)
		if !ok || err != nil || !field.of(&e).set(n) {
			return e, fmt.Errorf("want %s=, a number to the base %d, found %q", field.key, field.base, text)
		}
	}
	if path {
		if rest == "" {
			return e, fmt.Errorf("no path in %q", line)
		}
		e.Path = rest
	}
	return e, nil
}

// Write writes entries. Those that the format has no words for are an error: a path with a newline, attributes alone.
func Write(f Format, w io.Writer, entries []Entry) error {
	fields, path := f.fields()
	if fields == nil {
		return fmt.Errorf("unknown format %q", f)
	}
	out := bufio.NewWriter(w)
	for i := range entries {
		e := &entries[i]
		if path && (e.Path == "" || strings.Contains(e.Path, "\n")) {
			return fmt.Errorf("%s cannot name the file %q", f, e.Path)
		}
		for j, field := range fields {
			if j > 0 {
				out.WriteByte(',')
			}
			out.WriteString(field.key + "=" + strconv.FormatUint(field.of(e).get, field.base))
		}
		if path {
			out.WriteString(" " + e.Path)
		}
		out.WriteByte('\n')
	}
	return out.Flush()
}
