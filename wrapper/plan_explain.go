package wrapper

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// The two kinds of default that --explain names: one that only a hermetic run
// has, and one that every run has.
const (
	hermeticDefault = "hermetic default"
	plainDefault    = "default"
)

// A planLine is one line of --explain.
type planLine struct{ key, value, why string }

// Explain writes the plan, one "key = value  # why" line each. The keys are
// those of the configuration, the values are written as TOML.
func (p *Plan) Explain(w io.Writer) error {
	width := 0
	for _, l := range p.lines {
		// Long values would push every reason out of sight.
		if n := len(l.key) + len(" = ") + len(l.value); n <= 60 {
			width = max(width, n)
		}
	}
	var b strings.Builder
	for _, l := range p.lines {
		fmt.Fprintf(&b, "%-*s  # %s\n", width, l.key+" = "+l.value, l.why)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// explain makes the lines of a plan, in the order of the table of keys. A
// value that the plan resolved is shown resolved.
func (c *Config) explain(p *Plan, argvWhy string, env environment, epoch resolvedEpoch) []planLine {
	resolved := map[string]any{
		"action.command":  words(p.Argv),
		"action.cwd":      p.Dir,
		"manifest.path":   p.Manifest.Path,
		"manifest.root":   p.Manifest.Root,
		"manifest.import": p.Manifest.Import,
		"archive.path":    p.Archive.Path,
		"archive.format":  p.Archive.Format,
		"archive.epoch":   p.Archive.Epoch.toml(),
		"hermetic.epoch":  epoch.value.toml(),
		"hermetic.refuse": words(p.Refuse),
	}
	var lines []planLine
	for _, k := range keys {
		name := k.String()
		switch name {
		case "action.command":
			lines = append(lines, planLine{name, literal(resolved[name]), argvWhy})
			continue
		case "action.env":
			for _, v := range slices.Sorted(maps.Keys(env)) {
				lines = append(lines, planLine{name + "." + bareKey(v), literal(env[v].value), env[v].why})
			}
			continue
		case "hermetic.epoch":
			lines = append(lines, planLine{name, literal(resolved[name]), epoch.why})
			continue
		}
		v, ok := resolved[name]
		if !ok {
			v = k.get(c)
		}
		lines = append(lines, planLine{name, literal(v), c.why(name)})
	}
	return lines
}

// words turns a list of strings into what literal takes.
func words(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// why says who set a key: an option, a line of the file, or a default. elem is
// for one element of a table.
func (c *Config) why(name string, elem ...string) string {
	for _, n := range []string{strings.Join(append([]string{name}, elem...), "."), name} {
		if by, ok := c.origin[n]; ok && by != "" {
			return by
		} else if ok {
			path := append(strings.Split(name, "."), elem...)
			if line := lineOf(c.file.data, path); line > 0 {
				return fmt.Sprintf("%s:%d", c.file.name, line)
			}
			return c.file.name
		}
	}
	k := keyIndex[name]
	if c.hermetic && literal(k.get(HermeticDefaults())) != literal(k.get(Defaults())) {
		return hermeticDefault
	}
	return plainDefault
}

// at names a key in a message: with its line if it comes from the file, after
// the option if it comes from one.
func (c *Config) at(name string) string {
	by, ok := c.origin[name]
	switch {
	case !ok:
		return name
	case by != "":
		return by + " " + name
	}
	return c.file.at(strings.Split(name, ".")...)
}
