package wrapper

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/BurntSushi/toml"
)

// A source is the text of a configuration file, kept to say in which line a
// key stands.
type source struct {
	name, data string
}

// at returns "file:line: key" for a key that the file has, or "file: key" when
// the line cannot be told.
func (s *source) at(path ...string) string {
	key := toml.Key(path).String()
	if line := lineOf(s.data, path); line > 0 {
		return fmt.Sprintf("%s:%d: %s", s.name, line, key)
	}
	return s.name + ": " + key
}

// syntaxError describes text that is not TOML.
func (s *source) syntaxError(err error) error {
	var pe toml.ParseError
	if !errors.As(err, &pe) {
		return &Error{What: s.name, Err: err}
	}
	e := &Error{What: fmt.Sprintf("%s:%d", s.name, pe.Position.Line), Why: pe.Message}
	if pe.LastKey != "" {
		e.Hint = fmt.Sprintf("after the key %q", pe.LastKey)
	}
	return e
}

// lineOf returns the line of a key in a TOML document, or 0. The decoder knows
// the line of every key but tells it only in errors, so it is made to fail
// there: this is for messages and --explain, never for the ordinary way.
func lineOf(data string, path []string) int {
	var doc map[string]toml.Primitive
	md, err := toml.Decode(data, &doc)
	if err != nil || len(path) == 0 {
		return 0
	}
	line := 0
	for i, name := range path {
		p, ok := doc[name]
		if !ok {
			break // inside an inline array: the array's line has to do
		}
		var pe toml.ParseError
		if errors.As(md.PrimitiveDecode(p, refuse{}), &pe) && pe.Position.Line > 0 {
			line = pe.Position.Line
		}
		if i == len(path)-1 {
			break
		}
		doc = tableOf(&md, p)
	}
	return line
}

// tableOf returns what p holds if it is a table; of an array of tables, the
// last one.
func tableOf(md *toml.MetaData, p toml.Primitive) (table map[string]toml.Primitive) {
	var list []map[string]toml.Primitive
	if md.PrimitiveDecode(p, &list) == nil && len(list) > 0 {
		return list[len(list)-1]
	}
	if md.PrimitiveDecode(p, &table) != nil {
		return nil
	}
	return table
}

// refuse is a value that no TOML fits.
type refuse struct{}

func (refuse) UnmarshalTOML(any) error { return errors.New("refused") }

// pluginSource returns the part of the file that ends with the n-th [[plugin]]
// table, counted from 0. The decoder keeps one line per key, the last one, so
// in that part it is the line of this table's key.
func (s *source) pluginSource(n int) *source {
	out := s
	for end := 0; end < len(s.data); {
		next := strings.IndexByte(s.data[end:], '\n')
		if next < 0 {
			break
		}
		end += next + 1
		if !strings.HasPrefix(strings.TrimLeft(s.data[end:], " \t"), "[[") {
			continue
		}
		// A line inside a multi-line string may look the same, but then the
		// part before it does not parse.
		var part struct {
			Plugin []map[string]any `toml:"plugin"`
		}
		if _, err := toml.Decode(s.data[:end], &part); err == nil && len(part.Plugin) == n+1 {
			out = &source{name: s.name, data: s.data[:end]}
		}
	}
	return out
}

// readAtMost reads r to its end, which has to come within limit bytes.
func readAtMost(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("more than %d bytes", limit)
	}
	return data, err
}
