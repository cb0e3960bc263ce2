package manifest

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// keyword is one of mtree's keywords, in the order in which a line has them.
type keyword struct {
	name  string
	parse func(e *Entry, value string) error
}

var keywords = [...]keyword{
	{"type", parseType},
	{"mode", parseMode},
	{"uid", func(e *Entry, v string) error { return parse32(&e.UID, v) }},
	{"gid", func(e *Entry, v string) error { return parse32(&e.GID, v) }},
	{"uname", func(e *Entry, v string) error { return parseName(&e.Uname, v) }},
	{"gname", func(e *Entry, v string) error { return parseName(&e.Gname, v) }},
	{"device", parseDevice},
	{"contents", func(*Entry, string) error { return nil }}, // follows from the path; compared when written again
	{"link", parseLink},
	{"size", parseSize},
	{"time", parseTime},
	{"nlink", func(e *Entry, v string) error { return parse32(&e.Nlink, v) }},
	{"inode", parseInode},
	{"sha256digest", parseDigest},
}

// parseEntry parses the line of an entry. What it returns need not be valid, and the line need not be canonical; but
// unknown, misplaced and repeated keywords and values that are no values are errors, which name the keyword.
func parseEntry(line string) (Entry, error) {
	e := Entry{Nlink: 1}
	raw, rest, _ := strings.Cut(line, " ")
	path, err := unescape(raw)
	if err != nil {
		return e, fmt.Errorf("path: %w", err)
	}
	if path != "." {
		relative, ok := strings.CutPrefix(path, "./")
		if !ok {
			return e, fmt.Errorf("path %.200q must begin with \"./\"", path)
		}
		// "./." is not the root spelled differently but nothing that may be.
		if path = relative; path == "." {
			return e, errors.New("path has a component \".\"")
		}
	}
	// The strings of an entry must not keep its whole line in memory.
	e.Path = strings.Clone(path)
	next := 0
	for token := range strings.SplitSeq(rest, " ") {
		name, value, ok := strings.Cut(token, "=")
		k := findKeyword(name)
		switch {
		case token == "":
			return e, errors.New("keywords must be separated by one blank, without one at the end")
		case k < 0:
			return e, fmt.Errorf("unknown keyword %.40q", name)
		case !ok:
			return e, fmt.Errorf("keyword %s without a value", name)
		case k < next:
			return e, fmt.Errorf("keyword %s is repeated or out of order", name)
		}
		if err := keywords[k].parse(&e, value); err != nil {
			return e, fmt.Errorf("%s: %w", name, err)
		}
		next = k + 1
	}
	return e, nil
}

func findKeyword(name string) int {
	for i := range keywords {
		if keywords[i].name == name {
			return i
		}
	}
	return -1
}

func parseName(dst *string, v string) error {
	if v == "" {
		return errors.New("value missing")
	}
	*dst = strings.Clone(v)
	return nil
}

func parse32(dst *uint32, v string) error {
	n, err := decimal(v, math.MaxUint32)
	*dst = uint32(n)
	return err
}

func parseType(e *Entry, v string) error {
	var ok bool
	if e.Type, ok = ParseType(v); !ok {
		return fmt.Errorf("no such type: %.40q", v)
	}
	return nil
}

func parseMode(e *Entry, v string) error {
	if len(v) != 4 {
		return fmt.Errorf("%.40q is not four octal digits", v)
	}
	for i := range 4 {
		if !octal(v[i]) {
			return fmt.Errorf("%q is not four octal digits", v)
		}
		e.Mode = e.Mode<<3 | uint32(v[i]-'0')
	}
	return nil
}

func parseDevice(e *Entry, v string) error {
	numbers, ok := strings.CutPrefix(v, "native,")
	major, minor, comma := strings.Cut(numbers, ",")
	if !ok || !comma {
		return fmt.Errorf("%.40q is not of the form native,major,minor", v)
	}
	if err := parse32(&e.Major, major); err != nil {
		return err
	}
	return parse32(&e.Minor, minor)
}

func parseLink(e *Entry, v string) (err error) {
	v, err = unescape(v)
	e.Link = strings.Clone(v)
	return err
}

func parseSize(e *Entry, v string) error {
	n, err := decimal(v, math.MaxInt64)
	e.Size = int64(n)
	return err
}

func parseTime(e *Entry, v string) error {
	secs, nanos, ok := strings.Cut(v, ".")
	if !ok || len(nanos) != 9 {
		return fmt.Errorf("%.40q is not of the form seconds.nanoseconds with nine digits after the dot", v)
	}
	digits, negative := strings.CutPrefix(secs, "-")
	n, err := decimal(digits, maxSeconds)
	if err != nil {
		return err
	}
	sec, nsec := int64(n), int64(0)
	if negative {
		sec = -sec
	}
	for i := range len(nanos) {
		if nanos[i] < '0' || nanos[i] > '9' {
			return fmt.Errorf("%.40q is not of the form seconds.nanoseconds with nine digits after the dot", v)
		}
		nsec = nsec*10 + int64(nanos[i]-'0')
	}
	e.Time = time.Unix(sec, nsec).UTC()
	return nil
}

func parseInode(e *Entry, v string) (err error) {
	e.Group, err = decimal(v, math.MaxInt64)
	return err
}

func parseDigest(e *Entry, v string) error {
	if len(v) != hex.EncodedLen(len(e.Digest)) {
		return fmt.Errorf("%.80q is not a sha256 in hexadecimal", v)
	}
	if _, err := hex.Decode(e.Digest[:], []byte(v)); err != nil {
		return fmt.Errorf("%.80q is not a sha256 in hexadecimal", v)
	}
	e.HasDigest = true
	return nil
}
