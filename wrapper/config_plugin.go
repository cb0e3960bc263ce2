package wrapper

import (
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// builtinPlugins are the policies that ship inside feign.
var builtinPlugins = []string{"chroot", "passwd", "inputs"}

// builtinPrefix before a name says that the plugin is to be one of them; without it a program may have their names.
const builtinPrefix = "builtin:"

// readPlugins reads the [[plugin]] tables in shape; what a config means is
// known to the plugin.
func (c *Config) readPlugins(src *source, v any) error {
	tables, ok := tablesOf(v)
	if !ok {
		return &Error{What: src.at("plugin"), Why: "want an array of tables, found " + typeName(v), Hint: "write [[plugin]]"}
	}
	c.Plugins = nil
	for i, t := range tables {
		p, err := readPlugin(t)
		if err != nil {
			path := []string{"plugin"}
			if err.key != "" {
				path = append(path, err.key)
			}
			at := src
			if i < len(tables)-1 {
				at = src.pluginSource(i)
			}
			return &Error{What: at.at(path...), Why: err.why, Hint: err.hint}
		}
		c.Plugins = append(c.Plugins, p)
	}
	c.origin["plugin"] = ""
	return nil
}

// tablesOf returns an array of tables, which the decoder has in two shapes:
// [[plugin]], and plugin = [{...}].
func tablesOf(v any) ([]map[string]any, bool) {
	if tables, ok := v.([]map[string]any); ok {
		return tables, true
	}
	list, ok := v.([]any)
	tables := make([]map[string]any, len(list))
	for i, e := range list {
		t, isTable := e.(map[string]any)
		tables[i], ok = t, ok && isTable
	}
	return tables, ok
}

// A pluginError is what is wrong with one [[plugin]] table.
type pluginError struct{ key, why, hint string }

func readPlugin(t map[string]any) (Plugin, *pluginError) {
	var p Plugin
	for _, name := range slices.Sorted(maps.Keys(t)) {
		v, ok := t[name], false
		want := "a string that is not empty"
		switch name {
		case "name":
			p.Name, ok = v.(string)
			ok = ok && notEmpty.ok(p.Name)
			p.Name, p.builtin = strings.CutPrefix(p.Name, builtinPrefix)
		case "path":
			p.Path, ok = v.(string)
			ok = ok && notEmpty.ok(p.Path)
		case "sha256":
			want = "64 hexadecimal digits"
			p.SHA256, ok = v.(string)
			p.SHA256 = strings.ToLower(p.SHA256)
			digest, err := hex.DecodeString(p.SHA256)
			ok = ok && err == nil && len(digest) == 32
		case "config":
			want = "a table"
			p.Config, ok = v.(map[string]any)
		default:
			hint := "the keys of [[plugin]] are " + strings.Join(pluginKeys, ", ")
			if near := nearest(name, pluginKeys); near != "" {
				hint = fmt.Sprintf("did you mean %q?", "plugin."+near)
			}
			return p, &pluginError{name, "unknown key", hint}
		}
		if !ok {
			return p, &pluginError{name, "want " + want + ", found " + found(v), ""}
		}
	}
	return p, p.check()
}

// check says whether the parts of a plugin fit together.
func (p *Plugin) check() *pluginError {
	builtin := slices.Contains(builtinPlugins, p.Name)
	switch {
	case p.builtin && p.Path != "":
		return &pluginError{"path", "a program for a plugin that is built in", "leave out path, or " + builtinPrefix}
	case p.Name == "":
		return &pluginError{"", "a plugin without a name", "add name = \"...\""}
	case p.Path == "" && p.SHA256 != "":
		return &pluginError{"sha256", "a digest without a path", "add path = \"...\""}
	case p.Path == "" && !builtin:
		hint := "the built-in ones are " + strings.Join(builtinPlugins, ", ") + "; others need path and sha256"
		if near := nearest(p.Name, builtinPlugins); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		return &pluginError{"name", fmt.Sprintf("no plugin %q is built in", p.Name), hint}
	case p.Path != "" && p.SHA256 == "":
		return &pluginError{"path", "a program without its digest", "add sha256 = \"...\", as sha256sum prints it"}
	}
	return nil
}
