package manifest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// parser makes a Manifest of lines.
type parser struct {
	lines      lineReader
	maxEntries int
	m          Manifest
	at         []int // at[i] is the line of entry i, for what can be known only at the end
	check      checker
	again      []byte // a line written again, to compare with
}

func (p *parser) parse() error {
	for _, magic := range []string{magicMtree, magicFeign} {
		line, err := p.lines.next()
		if err != nil && err != io.EOF {
			return err
		}
		if err == io.EOF || string(line) != magic {
			p.lines.n = max(p.lines.n, 1)
			return p.lines.fail(fmt.Errorf("want %q (not a manifest, or of another version)", magic))
		}
	}
	header := true
	for {
		line, err := p.lines.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		switch {
		case bytes.HasPrefix(line, []byte("#@ ")):
			err = p.xattr(line)
		case len(line) > 0 && line[0] == '#' && header:
			err = p.field(line)
		default:
			if err := p.complete(); err != nil {
				return err
			}
			header = false
			err = p.entry(line)
		}
		if err != nil {
			return p.lines.fail(err)
		}
	}
	if err := p.complete(); err != nil {
		return err
	}
	i, err := p.check.finish(p.m.Entries)
	if err != nil {
		if i >= 0 {
			p.lines.n = p.at[i]
		}
		return p.lines.fail(err)
	}
	return nil
}

// field parses a line `# key: value`.
func (p *parser) field(line []byte) error {
	key, value, ok := bytes.Cut(bytes.TrimPrefix(line, []byte("# ")), []byte(": "))
	if !ok || !bytes.HasPrefix(line, []byte("# ")) {
		return errors.New("comment in the header is not of the form `# key: value`")
	}
	p.m.Header = append(p.m.Header, Field{Key: string(key), Value: string(value)})
	return checkHeader(p.m.Header[max(0, len(p.m.Header)-2):])
}

// entry parses the line of an entry.
func (p *parser) entry(line []byte) error {
	if len(line) == 0 {
		return errors.New("empty line")
	}
	if line[0] == '#' {
		return errors.New("comment after the header")
	}
	if len(p.m.Entries) == p.maxEntries {
		return fmt.Errorf("more than %d entries", p.maxEntries)
	}
	e, err := parseEntry(string(line))
	if err != nil {
		return err
	}
	if err := checkEntry(&e); err != nil {
		return err
	}
	p.again = appendLine(p.again[:0], &e)
	if again := p.again[:len(p.again)-1]; !bytes.Equal(line, again) {
		return fmt.Errorf("not in canonical form, want: %.200s", again)
	}
	if n := len(p.m.Entries); n == cap(p.m.Entries) {
		p.m.Entries, p.at = slices.Grow(p.m.Entries, max(n, 64)), slices.Grow(p.at, max(n, 64)) // append copies more often
	}
	p.m.Entries = append(p.m.Entries, e)
	p.at = append(p.at, p.lines.n)
	return nil
}

// complete checks the last entry against those before it, when its comment lines have been read.
func (p *parser) complete() error {
	last := len(p.m.Entries) - 1
	if last < 0 {
		return nil
	}
	if err := p.check.add(p.m.Entries, last); err != nil {
		return &SyntaxError{Line: p.at[last], Err: err}
	}
	return nil
}

// xattr parses a comment line that belongs to the entry before it.
func (p *parser) xattr(line []byte) error {
	rest, ok := bytes.CutPrefix(line, []byte(xattrPrefix))
	if !ok {
		key, _, _ := bytes.Cut(line[len("#@ "):], []byte("="))
		return fmt.Errorf("unknown keyword %q", key)
	}
	if len(p.m.Entries) == 0 {
		return errors.New("xattr without an entry before it")
	}
	rawName, rawValue, ok := bytes.Cut(rest, []byte("="))
	if !ok {
		return errors.New("xattr without a value")
	}
	name, err := unescape(string(rawName))
	if err != nil {
		return fmt.Errorf("xattr name: %w", err)
	}
	value := make([]byte, base64.StdEncoding.DecodedLen(len(rawValue)))
	// Strict refuses trailing bits, but also strict decoding skips CR and LF: what is written again must be the same.
	n, err := base64.StdEncoding.Strict().Decode(value, rawValue)
	if err != nil || bytes.IndexByte(rawValue, '\r') >= 0 {
		return fmt.Errorf("xattr %s: value is not base64", name)
	}
	value = value[:n]
	if n > xattrChunk {
		return fmt.Errorf("xattr %s: more than %d bytes in one line", name, xattrChunk)
	}
	xs := &p.m.Entries[len(p.m.Entries)-1].Xattrs
	if last := len(*xs) - 1; last >= 0 && (*xs)[last].Name == name {
		x := &(*xs)[last]
		if len(x.Value) == 0 || len(x.Value)%xattrChunk != 0 || n == 0 {
			return fmt.Errorf("xattr %s: occurs twice", name)
		}
		x.Value = append(x.Value, value...)
	} else {
		*xs = append(*xs, Xattr{Name: name, Value: value})
	}
	return checkXattrs((*xs)[max(0, len(*xs)-2):])
}

// decimal parses a number without sign, blanks or leading zeros, at most limit.
func decimal(s string, limit uint64) (uint64, error) {
	var n uint64
	for i := 0; i < len(s); i++ {
		d := uint64(s[i]) - '0'
		if d > 9 || i == 1 && s[0] == '0' {
			return 0, fmt.Errorf("%.40q is not a decimal number", s)
		}
		if n > (math.MaxUint64-d)/10 || n*10+d > limit {
			return 0, fmt.Errorf("%.40q is greater than %d", s, limit)
		}
		n = n*10 + d
	}
	if s == "" {
		return 0, errors.New("number missing")
	}
	return n, nil
}
