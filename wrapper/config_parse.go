package wrapper

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// maxConfigSize bounds what a configuration file may hold. Nobody writes so
// much by hand; somebody may name the wrong file.
const maxConfigSize = 4 << 20

// LoadConfig reads a configuration file. The error names the file, the line
// and the key, and is an [*Error].
func LoadConfig(name string) (*Config, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fileError(name, err)
	}
	defer f.Close()
	data, err := readAtMost(f, maxConfigSize)
	if err != nil {
		return nil, fileError(name, err)
	}
	return ParseConfig(name, data)
}

// fileError describes why a configuration file cannot be read.
func fileError(name string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &Error{What: "cannot read the configuration " + name, Hint: "-c names it", Err: err}
}

// ParseConfig reads a configuration from data; name stands for it in messages.
// A file with an [action] or [hermetic] section is laid over
// [HermeticDefaults], another over [Defaults]. The error is an [*Error].
func ParseConfig(name string, data []byte) (*Config, error) {
	src := &source{name: name, data: string(data)}
	var doc map[string]any
	if _, err := toml.Decode(src.data, &doc); err != nil {
		return nil, src.syntaxError(err)
	}
	c := Defaults()
	if doc["action"] != nil || doc["hermetic"] != nil {
		c = HermeticDefaults()
	}
	c.file = src
	// In sorted order, so that of several mistakes the same one is named.
	for _, section := range slices.Sorted(maps.Keys(doc)) {
		if err := c.readSection(src, section, doc[section]); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// readSection reads one top-level table.
func (c *Config) readSection(src *source, section string, v any) error {
	if section == "plugin" {
		return c.readPlugins(src, v)
	}
	if !slices.Contains(sections, section) {
		return unknownSection(src, section)
	}
	table, ok := v.(map[string]any)
	if !ok {
		return &Error{What: src.at(section), Why: "want a table, found " + typeName(v), Hint: "write [" + section + "]"}
	}
	for _, name := range slices.Sorted(maps.Keys(table)) {
		k := keyIndex[section+"."+name]
		if k == nil {
			return unknownKey(src.at(section, name), section, name)
		}
		if !k.set(c, table[name]) {
			return src.valueError(k, table[name])
		}
		c.origin[k.String()] = ""
	}
	return nil
}

// unknownSection is the error for a top-level name that nobody knows, which
// may be a key that lacks its section.
func unknownSection(src *source, section string) error {
	e := &Error{What: src.at(section), Why: "unknown section"}
	if near := nearest(section, append(slices.Clone(sections), "plugin")); near != "" {
		e.Hint = fmt.Sprintf("did you mean %q?", near)
	} else if near := nearestKey("", section); near != "" {
		e.Hint = fmt.Sprintf("did you mean %q?", near)
	} else {
		e.Hint = "the sections are " + strings.Join(sections, ", ") + " and plugin"
	}
	return e
}

// unknownKey is the error for a name that its section does not have.
func unknownKey(at, section, name string) error {
	e := &Error{What: at, Why: "unknown key"}
	if near := nearestKey(section, name); near != "" {
		e.Hint = fmt.Sprintf("did you mean %q?", near)
	} else {
		var names []string
		for _, k := range keys {
			if k.section == section {
				names = append(names, k.name)
			}
		}
		e.Hint = "the keys of [" + section + "] are " + strings.Join(names, ", ")
	}
	return e
}

// valueError is the error for a value that k does not take. In a table it
// names the element that is wrong.
func (src *source) valueError(k *key, v any) error {
	path := []string{k.section, k.name}
	if t, ok := v.(map[string]any); ok && k.elem != nil {
		for _, name := range slices.Sorted(maps.Keys(t)) {
			if !k.elem(Defaults(), name)(t[name]) {
				path, v = append(path, name), t[name]
				break
			}
		}
	}
	return &Error{What: src.at(path...), Why: "want " + k.want + ", found " + found(v)}
}

// found describes a value in a message: what it is if it is short, and its
// type.
func found(v any) string {
	switch v.(type) {
	case string, int64, float64, bool:
		if s := literal(v); len(s) <= 60 {
			return typeName(v) + " " + s
		}
	case []any:
		if s := literal(v); len(s) <= 60 {
			return s
		}
	}
	return typeName(v)
}

// typeName is TOML's name for the type of a decoded value, with its article.
func typeName(v any) string {
	switch v.(type) {
	case string:
		return "the string"
	case int64:
		return "the integer"
	case float64:
		return "the float"
	case bool:
		return "the boolean"
	case []any:
		return "an array"
	case []map[string]any:
		return "an array of tables"
	case map[string]any:
		return "a table"
	}
	return "a date or time"
}
