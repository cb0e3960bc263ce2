package store

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// runBytes is how long the text of a run may be, so that its row is in one page of 4096 bytes (sqlite.org/fileformat2.html, "Cell Payload
// Overflow Pages").
const runBytes = 4000

// appendRun appends events as a JSON array, as many as do not make it longer than most, but one at least. It returns how many these are.
// Bytes that are no UTF-8 stay as they are: paths have any, and SQLite takes them.
func appendRun(b []byte, list []Event, most int) ([]byte, int) {
	start := len(b)
	for i := range list {
		before := len(b)
		b = append(b, "[,"[min(i, 1)])
		b = appendEvent(b, &list[i])
		if i > 0 && len(b)+1-start > most {
			return append(b[:before], ']'), i
		}
	}
	return append(b, ']'), len(list)
}

func appendEvent(b []byte, e *Event) []byte {
	b = strconv.AppendInt(append(b, '['), e.Time.UnixNano(), 10)
	b = strconv.AppendInt(append(b, ','), int64(e.Severity), 10)
	b = strconv.AppendInt(append(b, ','), int64(e.PID), 10)
	for _, s := range [...]string{e.Program, e.Syscall, e.Path, e.Claim, e.Result} {
		b = appendString(append(b, ','), s)
	}
	return append(b, ']')
}

func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); {
		plain := i
		for plain < len(s) && s[plain] >= ' ' && s[plain] != '"' && s[plain] != '\\' {
			plain++
		}
		b = append(b, s[i:plain]...)
		if i = plain; i == len(s) {
			break
		}
		if c := s[i]; c < ' ' {
			b = append(b, '\\', 'u', '0', '0', "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		} else {
			b = append(b, '\\', c)
		}
		i++
	}
	return append(b, '"')
}

var errRun = errors.New("it cannot be read")

// parseRun is the inverse of appendRun, and takes what SQLite's json_array makes. IDs are not in the text.
func parseRun(text string) (list []Event, err error) {
	p := runParser{rest: text}
	for sep := byte('['); !p.failed; sep = ',' {
		if len(list) > 0 && p.skip(']') {
			if p.rest != "" {
				return nil, errRun
			}
			return list, nil
		}
		p.want(sep)
		list = append(list, p.event())
	}
	return nil, errRun
}

// A runParser reads JSON from the beginning of rest until it has failed.
type runParser struct {
	rest   string
	failed bool
}

func (p *runParser) skip(c byte) bool {
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

func (p *runParser) want(c byte) {
	if !p.skip(c) {
		p.failed, p.rest = true, ""
	}
}

func (p *runParser) event() (e Event) {
	p.want('[')
	e.Time = time.Unix(0, p.number())
	p.want(',')
	e.Severity = Severity(p.number())
	p.want(',')
	e.PID = int(p.number())
	for _, s := range [...]*string{&e.Program, &e.Syscall, &e.Path, &e.Claim, &e.Result} {
		p.want(',')
		*s = p.string()
	}
	p.want(']')
	return e
}

func (p *runParser) number() int64 {
	end := strings.IndexAny(p.rest, ",]")
	if end < 0 {
		p.failed, p.rest = true, ""
		return 0
	}
	n, err := strconv.ParseInt(p.rest[:end], 10, 64)
	if err != nil {
		p.failed, end = true, len(p.rest)
	}
	p.rest = p.rest[end:]
	return n
}

func (p *runParser) string() string {
	p.want('"')
	end := strings.IndexAny(p.rest, `"\`)
	if end >= 0 && p.rest[end] == '"' {
		s := p.rest[:end]
		p.rest = p.rest[end+1:]
		return strings.Clone(s)
	}
	var b []byte
	for !p.failed && !p.skip('"') {
		switch {
		case p.rest == "":
			p.failed = true
		case p.rest[0] == '\\':
			b = p.escaped(b)
		default:
			b = append(b, p.rest[0])
			p.rest = p.rest[1:]
		}
	}
	return string(b)
}

// escapes are the characters behind a backslash, and what they stand for.
var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (p *runParser) escaped(b []byte) []byte {
	if len(p.rest) >= 2 {
		if c, ok := escapes[p.rest[1]]; ok {
			p.rest = p.rest[2:]
			return append(b, c)
		}
	}
	if len(p.rest) >= 6 && p.rest[1] == 'u' {
		if n, err := strconv.ParseUint(p.rest[2:6], 16, 16); err == nil {
			p.rest = p.rest[6:]
			return utf8.AppendRune(b, rune(n))
		}
	}
	p.failed, p.rest = true, ""
	return b
}
