package manifest

import (
	"errors"
	"fmt"
)

// plain reports whether c stands for itself in a path, a link target or an xattr name. Everything that mtree(5)
// or a reader of it could take for syntax is escaped: blanks and what is not printable ASCII, the escape character, '#'
// (begins a comment), '=' (libarchive's own writer escapes it too), and '*', '?', '[' (NetBSD's mtree takes
// names with them for patterns, unless they are escaped).
func plain(c byte) bool {
	if c <= ' ' || c >= 0x7f {
		return false
	}
	switch c {
	case '\\', '#', '=', '*', '?', '[':
		return false
	}
	return true
}

// appendEscaped appends s with every byte that is not plain as \ooo, three octal digits.
func appendEscaped(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if plain(c) {
			dst = append(dst, c)
			continue
		}
		dst = append(dst, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
	}
	return dst
}

// unescape is the opposite of appendEscaped. It refuses what appendEscaped would not have written: other escapes than
// three octal digits, bytes that ought to be escaped, and escaped bytes that ought to be plain.
func unescape(s string) (string, error) {
	i := 0
	for i < len(s) && plain(s[i]) {
		i++
	}
	if i == len(s) {
		return s, nil
	}
	out := append(make([]byte, 0, len(s)), s[:i]...)
	for i < len(s) {
		c := s[i]
		if plain(c) {
			out = append(out, c)
			i++
			continue
		}
		if c != '\\' {
			return "", fmt.Errorf("byte %#02x must be written as \\%03o", c, c)
		}
		if len(s)-i < 4 || s[i+1] < '0' || s[i+1] > '3' || !octal(s[i+2]) || !octal(s[i+3]) {
			return "", errors.New("\\ must be followed by three octal digits")
		}
		b := (s[i+1]-'0')<<6 | (s[i+2]-'0')<<3 | (s[i+3] - '0')
		if plain(b) {
			return "", fmt.Errorf("%s must be written as %q", s[i:i+4], b)
		}
		out = append(out, b)
		i += 4
	}
	return string(out), nil
}

func octal(c byte) bool { return c >= '0' && c <= '7' }
