package host

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/feign-build/feign/plugins"
	"github.com/feign-build/feign/plugins/internal/wire"
)

// A Spec names a plugin and what it is to do.
type Spec struct {
	Name   string
	Policy plugins.Policy  // of a plugin that is built in; nil for a program
	Path   string          // absolute; of a program
	SHA256 string          // of that program, 64 lower-case hexadecimal digits
	Config json.RawMessage // a JSON object; nil is an empty one
}

// Options say how plugins are run. The zero Options are good ones, but for the network.
type Options struct {
	// Confine is called on the thread that starts a plugin, which does nothing else: what it does to the thread the plugin
	// inherits. It is to deny the network.
	Confine func() error
	// Avoid are directories that sockets are not put into, such as the action's tree.
	Avoid []string
	// Stderr gets the lines that plugins write to standard error, from several goroutines. nil drops them.
	Stderr func(plugin, line string)
	// Start, Call and Resolve are time limits; 0 is plugins.StartTimeout and so on.
	Start, Call, Resolve time.Duration
}

// Host runs the plugins of one build.
type Host struct {
	options Options
	plugins []*member
	merged  *plugins.Merged
	dynamic []dynamic
	build   plugins.Build
	count   Calls
}

// Calls counts the calls to plugins that are processes, by when they were made.
type Calls struct{ Before, During, After int64 }

// A member is a plugin of the build.
type member struct {
	Spec
	peer      peer
	info      wire.Description
	digest    string // of its ruleset
	restarted bool
	broken    error // why it is not asked any more
}

// A dynamic prefix is a question of one plugin.
type dynamic struct {
	plugins.Dynamic
	owner *member
}

// New makes a Host without plugins.
func New(o Options) *Host {
	for _, d := range []struct {
		value *time.Duration
		std   time.Duration
	}{{&o.Start, plugins.StartTimeout}, {&o.Call, plugins.CallTimeout}, {&o.Resolve, plugins.ResolveTimeout}} {
		if *d.value == 0 {
			*d.value = d.std
		}
	}
	return &Host{options: o}
}

// Compile starts the plugins, one after the other, and returns what they want together. An error is an [*Error] or a
// [*plugins.ConflictError]; the plugins are then to be closed.
func (h *Host) Compile(ctx context.Context, specs []Spec, b plugins.Build) (*plugins.Merged, error) {
	h.build = b
	var sets []plugins.Compiled
	for _, s := range specs {
		m := &member{Spec: s}
		h.plugins = append(h.plugins, m)
		r, err := h.compile(ctx, m)
		if err != nil {
			return nil, err
		}
		for _, d := range r.Dynamic {
			h.dynamic = append(h.dynamic, dynamic{d, m})
		}
		sets = append(sets, plugins.Compiled{Plugin: s.Name, Rules: r})
	}
	merged, err := plugins.Merge(b.Dir, sets)
	h.merged = merged
	return merged, err
}

// compile asks one plugin who it is and what it wants.
func (h *Host) compile(ctx context.Context, m *member) (r *plugins.Ruleset, err error) {
	err = h.safely(ctx, m, "Compile", func() error {
		r, err = h.introduce(ctx, m)
		return err
	})
	if err != nil {
		return nil, err
	}
	m.digest = digestOf(m.Name, r)
	return r, nil
}

func digestOf(name string, r *plugins.Ruleset) string {
	merged, err := plugins.Merge("", []plugins.Compiled{{Plugin: name, Rules: r}})
	if err != nil {
		return "" // a valid ruleset is not in conflict with itself
	}
	return merged.Digest()
}

// introduce starts a plugin if it is not running, and makes the first two calls.
func (h *Host) introduce(ctx context.Context, m *member) (*plugins.Ruleset, error) {
	if m.peer == nil {
		p, err := h.start(ctx, m)
		if err != nil {
			return nil, err
		}
		m.peer = p
	}
	err := h.limited(ctx, m, "Describe", h.options.Call, &h.count.Before, func(ctx context.Context) (err error) {
		m.info, err = m.peer.describe(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	if m.info.Name != m.Name && m.Policy != nil {
		return nil, &Error{Plugin: m.Name, Why: fmt.Sprintf("the policy calls itself %q", m.info.Name)}
	}
	b := h.build
	if b.Config = m.Config; len(b.Config) == 0 {
		b.Config = json.RawMessage("{}")
	}
	var r *plugins.Ruleset
	err = h.limited(ctx, m, "Compile", h.options.Call, &h.count.Before, func(ctx context.Context) (err error) {
		r, err = m.peer.compile(ctx, b)
		return err
	})
	if err != nil {
		return nil, err
	}
	return r, announced(m, r)
}

// announced holds a plugin to what it said of itself.
func announced(m *member, r *plugins.Ruleset) error {
	for _, rule := range r.Rules("") {
		known := false
		for _, k := range m.info.Kinds {
			known = known || k == rule.Kind
		}
		if !known {
			return &Error{Plugin: m.Name, Why: fmt.Sprintf("it returns a rule of kind %s, which it did not announce", rule.Kind),
				Hint: "a plugin's Describe lists the kinds of its rules"}
		}
	}
	if len(r.Dynamic) > 0 && !m.info.Resolves {
		return &Error{Plugin: m.Name, Why: "it has dynamic rules, and does not resolve"}
	}
	return nil
}

// Resolve returns the verdicts of paths, in their order. It does not fail: where the plugin does not answer in time, what its
// rule has as default holds, and the error says so, once for each plugin.
func (h *Host) Resolve(ctx context.Context, paths []string) ([]plugins.Verdict, error) {
	out := make([]plugins.Verdict, len(paths))
	asked := map[*member][]int{}
	for i, p := range paths {
		d := h.dynamicFor(p)
		if d == nil {
			out[i] = plugins.Allow
			continue
		}
		out[i] = d.Default
		if d.owner.broken == nil {
			asked[d.owner] = append(asked[d.owner], i)
		}
	}
	var failed error
	for _, m := range h.plugins { // in the order of the configuration
		indexes := asked[m]
		if len(indexes) == 0 {
			continue
		}
		list := make([]string, len(indexes))
		for n, i := range indexes {
			list[n] = paths[i]
		}
		verdicts, err := h.resolve(ctx, m, list)
		if err != nil {
			m.broken = err
			failed = err
			continue
		}
		for n, i := range indexes {
			out[i] = verdicts[n]
		}
	}
	return out, failed
}

// resolve asks one plugin. One that was started again has to want the same as before.
func (h *Host) resolve(ctx context.Context, m *member, paths []string) (list []plugins.Verdict, err error) {
	err = h.safely(ctx, m, "Resolve", func() error {
		if m.peer == nil {
			r, err := h.introduce(ctx, m)
			if err != nil {
				return err
			}
			if digestOf(m.Name, r) != m.digest {
				return &Error{Plugin: m.Name, Why: "started again it wants other rules than before"}
			}
		}
		return h.limited(ctx, m, "Resolve", h.options.Resolve, &h.count.During, func(ctx context.Context) (err error) {
			list, err = m.peer.resolve(ctx, paths)
			return err
		})
	})
	return list, err
}

// dynamicFor finds the dynamic rule of a path: the one with the longest prefix.
func (h *Host) dynamicFor(path string) *dynamic {
	var best *dynamic
	for i := range h.dynamic {
		d := &h.dynamic[i]
		if below(d.Prefix, path) && (best == nil || len(d.Prefix) > len(best.Prefix)) {
			best = d
		}
	}
	return best
}

func below(dir, path string) bool {
	return dir == "/" || path == dir || strings.HasPrefix(path, dir+"/")
}

// A Diagnosis is what a plugin had to say at the end.
type Diagnosis struct {
	Plugin string
	plugins.Diagnostic
}

// Finish tells the plugins that want to know how it went, and returns what they say. An error does not keep the others from
// being told; the first one is returned.
func (h *Host) Finish(ctx context.Context, s plugins.Summary) (out []Diagnosis, first error) {
	for _, m := range h.plugins {
		if !m.info.Finishes || m.peer == nil {
			continue
		}
		err := h.limited(ctx, m, "Finish", h.options.Call, &h.count.After, func(ctx context.Context) error {
			list, err := m.peer.finish(ctx, s)
			for _, d := range list {
				out = append(out, Diagnosis{m.Name, d})
			}
			return err
		})
		if err != nil && first == nil {
			first = err
		}
	}
	return out, first
}

// Calls returns how many calls plugin processes got.
func (h *Host) Calls() Calls { return h.count }

// Descriptions returns what the plugins say of themselves, in the order of the configuration.
func (h *Host) Descriptions() []plugins.Info {
	var list []plugins.Info
	for _, m := range h.plugins {
		list = append(list, m.info.Info)
	}
	return list
}

// Close ends the plugins.
func (h *Host) Close() {
	for _, m := range h.plugins {
		if m.peer != nil {
			m.peer.close()
			m.peer = nil
		}
	}
}
