package wrapper

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// The functions below make the kinds of the table of keys. Each takes the way
// to the field, and what a value has to fulfil.

func text(field func(*Config) *string, c check) kind {
	return kind{
		want: c.want,
		set: func(cfg *Config, v any) bool {
			s, ok := v.(string)
			*field(cfg) = s
			return ok && c.ok(s)
		},
		get: func(cfg *Config) any { return *field(cfg) },
	}
}

func enum[T ~string](field func(*Config) *T, values ...T) kind {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = string(v)
	}
	return kind{
		want: quoteWords(words),
		set: func(cfg *Config, v any) bool {
			s, ok := v.(string)
			*field(cfg) = T(s)
			return ok && slices.Contains(words, s)
		},
		get: func(cfg *Config) any { return string(*field(cfg)) },
	}
}

func boolean(field func(*Config) *bool) kind {
	return kind{
		want: "true or false",
		set: func(cfg *Config, v any) bool {
			b, ok := v.(bool)
			*field(cfg) = b
			return ok
		},
		get: func(cfg *Config) any { return *field(cfg) },
	}
}

func integer(field func(*Config) *int, low, high int64) kind {
	return kind{
		want: fmt.Sprintf("a whole number, %d to %d", low, high),
		set: func(cfg *Config, v any) bool {
			n, ok := v.(int64)
			*field(cfg) = int(n)
			return ok && n >= low && n <= high
		},
		get: func(cfg *Config) any { return int64(*field(cfg)) },
	}
}

// maxID is the highest user or group id: (uid_t)-1 means "unchanged" to chown
// and setresuid, so the kernel has it as INVALID_UID (include/linux/uidgid.h).
const maxID = math.MaxUint32 - 1

func id(field func(*Config) *uint32) kind {
	return kind{
		want: fmt.Sprintf("an id, 0 to %d", uint32(maxID)),
		set: func(cfg *Config, v any) bool {
			n, ok := v.(int64)
			*field(cfg) = uint32(n)
			return ok && n >= 0 && n <= maxID
		},
		get: func(cfg *Config) any { return int64(*field(cfg)) },
	}
}

// maxGroups is NGROUPS_MAX (include/uapi/linux/limits.h).
const maxGroups = 65536

func ids(field func(*Config) *[]uint32) kind {
	return kind{
		want: fmt.Sprintf("an array of ids, each 0 to %d", uint32(maxID)),
		set: func(cfg *Config, v any) bool {
			a, ok := v.([]any)
			if !ok || len(a) > maxGroups {
				return false
			}
			out := make([]uint32, len(a))
			for i, e := range a {
				n, ok := e.(int64)
				if !ok || n < 0 || n > maxID {
					return false
				}
				out[i] = uint32(n)
			}
			*field(cfg) = out
			return true
		},
		get: func(cfg *Config) any {
			out := []any{}
			for _, n := range *field(cfg) {
				out = append(out, int64(n))
			}
			return out
		},
	}
}

func list(field func(*Config) *[]string, c check) kind {
	return kind{
		want: "an array, each element " + c.want,
		set: func(cfg *Config, v any) bool {
			a, ok := v.([]any)
			if !ok {
				return false
			}
			out := make([]string, len(a))
			for i, e := range a {
				s, ok := e.(string)
				if !ok || !c.ok(s) {
					return false
				}
				out[i] = s
			}
			*field(cfg) = out
			return true
		},
		get: func(cfg *Config) any {
			out := []any{}
			for _, s := range *field(cfg) {
				out = append(out, s)
			}
			return out
		},
	}
}

// special is a value that a type of its own reads and shows.
func special[T interface{ toml() any }, P interface {
	*T
	fromTOML(any) bool
}](field func(*Config) *T, want string) kind {
	return kind{
		want: want,
		set:  func(cfg *Config, v any) bool { return P(field(cfg)).fromTOML(v) },
		get:  func(cfg *Config) any { return (*field(cfg)).toml() },
	}
}

// stringTable is a table of environment variables.
func stringTable(field func(*Config) *map[string]string) kind {
	elem := func(cfg *Config, name string) setter {
		return func(v any) bool {
			s, ok := v.(string)
			if !ok || !notNUL.ok(s) || name == "" || strings.ContainsAny(name, "=\x00") {
				return false
			}
			put(field(cfg), name, s)
			return true
		}
	}
	return kind{
		want: "a table of strings",
		set: func(cfg *Config, v any) bool {
			*field(cfg) = nil
			return setAll(cfg, v, elem)
		},
		get:  func(cfg *Config) any { return tomlTable(*field(cfg), func(s string) any { return s }) },
		elem: elem,
	}
}

// limitTable is a table of resource limits.
func limitTable(field func(*Config) *map[string]Limit) kind {
	elem := func(cfg *Config, name string) setter {
		return func(v any) bool {
			var l Limit
			if !slices.Contains(RlimitNames, name) || !l.fromTOML(v) {
				return false
			}
			put(field(cfg), name, l)
			return true
		}
	}
	return kind{
		want: `a table of whole numbers or "unlimited", by the names ` + strings.Join(RlimitNames, ", "),
		set:  func(cfg *Config, v any) bool { return setAll(cfg, v, elem) },
		get:  func(cfg *Config) any { return tomlTable(*field(cfg), Limit.toml) },
		elem: elem,
	}
}

// setAll sets each element of the table v.
func setAll(cfg *Config, v any, elem func(*Config, string) setter) bool {
	t, ok := v.(map[string]any)
	if !ok {
		return false
	}
	for name, v := range t {
		if !elem(cfg, name)(v) {
			return false
		}
	}
	return true
}

// put sets (*m)[name] in a copy, because configurations share their defaults'
// maps.
func put[V any](m *map[string]V, name string, v V) {
	c := maps.Clone(*m)
	if c == nil {
		c = make(map[string]V)
	}
	c[name] = v
	*m = c
}

func tomlTable[V any](m map[string]V, show func(V) any) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = show(v)
	}
	return out
}
