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
// those of the configuration, the values are written as TOML. A plan that was
// not made by [Config.Plan] has no lines.
func (p *Plan) Explain(w io.Writer) error {
	var lines []planLine
	if p.lines != nil {
		lines = p.lines()
	}
	width := 0
	for _, l := range lines {
		// Long values would push every reason out of sight.
		if n := len(l.key) + len(" = ") + len(l.value); n <= 60 {
			width = max(width, n)
		}
	}
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%-*s  # %s\n", width, l.key+" = "+l.value, l.why)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// explain makes the lines of a plan, in the order of the table of keys. A
// value that the plan resolved is shown resolved.
func (c *Config) explain(p *Plan, argvWhy reason, env environment, epoch resolvedEpoch) []planLine {
	resolved := map[string]any{
		"action.cwd":      p.Dir,
		"state.path":      p.State.Path,
		"state.include":   words(p.State.Include),
		"state.ignore":    words(p.State.Ignore),
		"manifest.path":   p.Manifest.Path,
		"manifest.root":   p.Manifest.Root,
		"manifest.import": p.Manifest.Import,
		"archive.path":    p.Archive.Path,
		"archive.format":  p.Archive.Format,
		"archive.epoch":   p.Archive.Epoch.toml(),
		"hermetic.refuse": words(p.Refuse),
	}
	var lines []planLine
	add := func(key string, value any, why reason) {
		lines = append(lines, planLine{key, literal(value), why.String()})
	}
	for _, k := range keys {
		name := k.String()
		switch name {
		case "action.command":
			add(name, words(p.Argv), argvWhy)
		case "action.env":
			for _, v := range slices.Sorted(maps.Keys(env)) {
				add(name+"."+bareKey(v), env[v].value, env[v].why)
			}
		case "hermetic.epoch":
			add(name, epoch.value.toml(), epoch.why)
		default:
			v, ok := resolved[name]
			if !ok {
				v = k.get(c)
			}
			add(name, v, c.why(name))
		}
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

// A reason is who decided about something: a text, or the place where a key
// was set, which is looked up only when somebody wants to read it.
type reason struct {
	text string
	cfg  *Config
	name string // the key
	elem string // one element of a table, or ""
}

// because is a reason that is known.
func because(text string) reason { return reason{text: text} }

// why says who set a key: an option, a line of the file, or a default.
func (c *Config) why(name string) reason { return reason{cfg: c, name: name} }

// whyElement says who set one element of a table.
func (c *Config) whyElement(name, elem string) reason {
	return reason{cfg: c, name: name, elem: elem}
}

func (r reason) String() string {
	if r.cfg == nil {
		return r.text
	}
	if r.elem != "" {
		if by, ok := r.cfg.origin[r.name+"."+r.elem]; ok {
			return by
		}
	}
	by, ok := r.cfg.origin[r.name]
	switch {
	case !ok:
		return r.cfg.whichDefault(r.name)
	case by != "":
		return by
	}
	path := strings.Split(r.name, ".")
	if r.elem != "" {
		path = append(path, r.elem)
	}
	src := r.cfg.file
	if line := lineOf(src.data, path); line > 0 {
		return fmt.Sprintf("%s:%d", src.name, line)
	}
	return src.name
}

// whichDefault names the default that a key has.
func (c *Config) whichDefault(name string) string {
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
