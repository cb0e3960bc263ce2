package wrapper

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// Set applies one --set: "section.key=value". The value is read as TOML; what
// is not TOML, or not of the key's type, is taken as a bare string, so that
// quotes are needed only where a string looks like something else. A third
// part names one element of a table: "action.env.LANG=C". The key "plugin"
// takes an array of tables. After an error c is as it was; the error is an
// [*Error].
func (c *Config) Set(expr string) error {
	return c.set(expr, "--set")
}

// SetFlag sets key, as --set spells it, to a string or, for keys of that type,
// a whole number or a list; flag is the option that asked for it, for messages
// and --explain.
func (c *Config) SetFlag(flag, key string, value any) error {
	switch v := value.(type) {
	case int:
		value = int64(v)
	case []string:
		list := make([]any, len(v))
		for i, s := range v {
			list[i] = s
		}
		value = list
	}
	return c.setValue(flag, flag, key, value)
}

func (c *Config) set(expr, flag string) error {
	name, raw, ok := strings.Cut(expr, "=")
	name = strings.TrimSpace(name)
	if !ok {
		return &Error{What: flag + " " + expr, Why: "no value", Hint: "write " + flag + " section.key=value"}
	}
	what := flag + " " + name
	v, isTOML := tomlValue(raw)
	if !isTOML {
		return c.setValue(what, flag, name, raw)
	}
	err := c.setValue(what, flag, name, v)
	if _, isString := v.(string); err != nil && !isString && c.setValue(what, flag, name, raw) == nil {
		return nil
	}
	return err
}

// tomlValue reads s as one TOML value.
func tomlValue(s string) (any, bool) {
	var doc map[string]any
	if _, err := toml.Decode("v = "+s, &doc); err != nil || len(doc) != 1 {
		return nil, false
	}
	v, ok := doc["v"]
	return v, ok
}

// setValue sets one key; what names the place in messages, origin in --explain.
func (c *Config) setValue(what, origin, name string, v any) error {
	next := *c
	next.origin = maps.Clone(c.origin)
	if err := next.assign(what, name, v); err != nil {
		return err
	}
	next.origin[name] = origin
	*c = next
	return nil
}

func (c *Config) assign(what, name string, v any) error {
	if name == "plugin" {
		return c.readPlugins(&source{name: what}, v)
	}
	if k := keyIndex[name]; k != nil {
		if !k.set(c, v) {
			return &Error{What: what, Why: "want " + k.want + ", found " + found(v)}
		}
		return nil
	}
	section, key, _ := strings.Cut(name, ".")
	if key, elem, ok := strings.Cut(key, "."); ok {
		if k := keyIndex[section+"."+key]; k != nil && k.elem != nil {
			if !k.elem(c, elem)(v) {
				return &Error{What: what, Why: "want " + k.want + ", found " + found(v)}
			}
			return nil
		}
	}
	if !slices.Contains(sections, section) {
		e := &Error{What: what, Why: "unknown section", Hint: "the sections are " + strings.Join(sections, ", ")}
		if near := nearest(section, sections); near != "" {
			e.Hint = fmt.Sprintf("did you mean %q?", near+"."+key)
		}
		return e
	}
	return unknownKey(what, section, key)
}
