package wrapper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/feign-build/feign/plugins"
	"github.com/feign-build/feign/plugins/chroot"
	"github.com/feign-build/feign/plugins/host"
	"github.com/feign-build/feign/plugins/inputs"
	"github.com/feign-build/feign/plugins/passwd"
)

// BuiltinPolicies are the policies that ship inside feign.
func BuiltinPolicies() map[string]plugins.Policy {
	return map[string]plugins.Policy{"chroot": chroot.Policy{}, "inputs": &inputs.Policy{}, "passwd": &passwd.Policy{}}
}

// PluginPlan is a [Plugin] with an absolute path and its config as JSON.
type PluginPlan struct {
	Name   string
	Path   string // "" for one that is built in
	SHA256 string
	Config json.RawMessage
}

// pluginPlans resolves the plugins of the configuration. Inputs that [hermetic] declares are a plugin too.
func (c *Config) pluginPlans(caller Caller) ([]PluginPlan, error) {
	var out []PluginPlan
	for _, p := range c.Plugins {
		config, err := jsonOf(p.Config)
		if err != nil {
			return nil, &Error{What: c.at("plugin"), Why: fmt.Sprintf("the config of %q: %v", p.Name, err)}
		}
		out = append(out, PluginPlan{Name: p.Name, Path: caller.path(p.Path), SHA256: p.SHA256, Config: config})
	}
	table := map[string]any{"inputs": c.Hermetic.Inputs, "undeclared": string(c.Hermetic.Undeclared)}
	declares := func(p Plugin) bool { return p.Name == "inputs" && p.Path == "" }
	audited := c.Hermetic.Audit != "" && c.Hermetic.Undeclared == UndeclaredAllow && !slices.ContainsFunc(c.Plugins, declares)
	if audited {
		table["undeclared"], table["quiet"] = string(UndeclaredReport), true
	}
	if audited || c.Hermetic.Undeclared != UndeclaredAllow {
		config, err := jsonOf(table)
		if err != nil {
			return nil, &Error{What: c.at("hermetic.inputs"), Err: err}
		}
		out = append(out, PluginPlan{Name: "inputs", Config: config})
	}
	seen := map[string]bool{}
	for _, p := range out {
		if seen[p.Name] {
			return nil, &Error{What: c.at("plugin"), Why: fmt.Sprintf("two plugins are called %q", p.Name),
				Hint: "hermetic.undeclared is one called inputs"}
		}
		seen[p.Name] = true
	}
	return out, nil
}

// jsonOf writes a table of TOML as JSON. Times become strings.
func jsonOf(table map[string]any) (json.RawMessage, error) {
	if table == nil {
		table = map[string]any{}
	}
	b, err := json.Marshal(table)
	var unsupported *json.UnsupportedValueError
	if errors.As(err, &unsupported) {
		return nil, fmt.Errorf("the number %s cannot be handed on", unsupported.Str)
	}
	return b, err
}

// policies are the plugins of a run.
type policies struct {
	host     *host.Host
	merged   *plugins.Merged
	accesses []plugins.Access
	audit    string         // file for accesses; "" for none
	accounts string         // where the action's account files are; "" for nowhere, or in memory
	left     []plugins.File // those in memory, as the action left them
}

// compilePolicies asks the plugins of a plan what they want. The result is nil where there are none. An error is an [*Error].
func compilePolicies(ctx context.Context, p *Plan, o RunOptions) (*policies, error) {
	if len(p.Plugins) == 0 {
		return nil, nil
	}
	options := host.Options{Avoid: []string{p.Manifest.Root}, Confine: confinePlugin}
	if o.Verbose {
		options.Stderr = func(plugin, line string) { o.log(Message{Level: LevelInfo, What: "plugin " + plugin, Why: line}) }
	}
	builtin := BuiltinPolicies()
	var specs []host.Spec
	for _, plugin := range p.Plugins {
		s := host.Spec{Name: plugin.Name, Path: plugin.Path, SHA256: plugin.SHA256, Config: plugin.Config}
		if s.Path == "" {
			s.Policy = builtin[s.Name]
		}
		specs = append(specs, s)
	}
	ps := &policies{host: host.New(options), audit: p.Audit}
	merged, err := ps.host.Compile(ctx, specs, plugins.Build{Dir: p.base, Argv: p.Argv, Env: p.Env})
	if err != nil {
		ps.close()
		return nil, policyError(err)
	}
	ps.merged = merged
	return ps, nil
}

// policyError is an error of the plugins' packages as one of this one.
func policyError(err error) *Error {
	var own *host.Error
	var conflict *plugins.ConflictError
	switch {
	case errors.As(err, &own):
		return &Error{What: fmt.Sprintf("plugin %q", own.Plugin), Why: own.Why, Hint: own.Hint, Err: err}
	case errors.As(err, &conflict):
		return &Error{What: fmt.Sprintf("plugins %q and %q", conflict.First, conflict.Second), Why: "both set " + conflict.Field,
			Hint: "configure one of them not to", Err: err}
	}
	return &Error{What: "plugins", Err: err}
}

// apply returns the plan as the policies want it. What the configuration itself sets is stronger.
func (ps *policies) apply(p *Plan) *Plan {
	out := *p
	env := map[string]string{}
	for _, kv := range p.Env {
		name, value, _ := strings.Cut(kv, "=")
		env[name] = value
	}
	for _, e := range ps.merged.Env {
		switch {
		case p.isSet("action.env." + e.Name):
		case e.Unset:
			delete(env, e.Name)
		default:
			env[e.Name] = e.Value
		}
	}
	out.Env = nil
	for _, name := range slices.Sorted(maps.Keys(env)) {
		out.Env = append(out.Env, name+"="+env[name])
	}
	id := ps.merged.Identity
	if id.UID != nil && !p.isSet("identity.uid") {
		out.Identity.UID = *id.UID
	}
	if id.GID != nil && !p.isSet("identity.gid") {
		out.Identity.GID = *id.GID
	}
	if len(id.Groups) > 0 && !p.isSet("identity.groups") {
		out.Identity.Groups = id.Groups
	}
	if n := ps.merged.Uname.Nodename; n != "" && !p.isSet("hermetic.hostname") {
		out.Hostname = n
	}
	if n := ps.merged.Network; n != "" && !p.isSet("hermetic.network") {
		out.Network = Network(n)
	}
	if ps.merged.Root != nil && ps.merged.Root.Path != "/" && !p.isSet("action.cwd") {
		out.Dir = "/"
	}
	return &out
}

// isSet reports whether the configuration itself sets a key.
func (p *Plan) isSet(key string) bool { return p.explicit != nil && p.explicit(key) }

// close ends the plugins. It may be called for nil.
func (ps *policies) close() {
	if ps == nil {
		return
	}
	ps.host.Close()
}

// digest is what stands in the header of the manifest.
func (ps *policies) digest() string { return ps.merged.Digest() }

// finish tells the plugins how it went, and passes on what they say. A diagnostic that is an error is returned.
func (ps *policies) finish(ctx context.Context, status int, o RunOptions) error {
	if ps == nil {
		return nil
	}
	slices.SortFunc(ps.accesses, func(a, b plugins.Access) int { return strings.Compare(a.Path, b.Path) })
	if ps.audit != "" {
		if err := writeAudit(ps.audit, ps.accesses); err != nil {
			return err
		}
	}
	said, err := ps.host.Finish(ctx, ps.summary(status))
	var failed error
	for _, d := range said {
		m := Message{Level: Level(d.Severity), What: fmt.Sprintf("plugin %q: %s", d.Plugin, d.What), Why: d.Why, Hint: d.Hint}
		if d.Severity == plugins.Error && failed == nil {
			failed = &Error{What: m.What, Why: m.Why, Hint: m.Hint}
			continue
		}
		o.log(m)
	}
	if err != nil {
		return policyError(err)
	}
	return failed
}

// summary is what plugins are told of the action's end.
func (ps *policies) summary(status int) plugins.Summary {
	return plugins.Summary{Status: status, Accesses: ps.accesses, Accounts: ps.accounts, Files: ps.left}
}

// stats are the plugins' part of --stats, "" without plugins.
func (ps *policies) stats() string {
	if ps == nil {
		return ""
	}
	c := ps.host.Calls()
	return fmt.Sprintf(", %d plugin calls (%d while the action ran)", c.Before+c.During+c.After, c.During)
}

// ExplainPolicies writes what the plugins of a plan want, one "rule  # whose; what it costs" line each, and the digest that the
// manifest's header will have. It starts the plugins. Without plugins it writes nothing.
func (p *Plan) ExplainPolicies(ctx context.Context, w io.Writer, o RunOptions) error {
	ps, err := compilePolicies(ctx, p, o)
	if err != nil || ps == nil {
		return err
	}
	defer ps.close()
	var b strings.Builder
	width := 0
	for _, r := range ps.merged.Owned {
		if len(r.Text) <= 60 {
			width = max(width, len(r.Text))
		}
	}
	for _, r := range ps.merged.Owned {
		note := r.Kind.Cost()
		if key, ok := configKey(r.Rule); ok && p.isSet(key) {
			note = "without effect: the configuration sets " + key
		}
		fmt.Fprintf(&b, "%-*s  # %s; %s\n", width, r.Text, r.Plugin, note)
	}
	method, err := ps.rootMethod()
	if err != nil {
		return err
	}
	if method != "" {
		fmt.Fprintln(&b, method)
	}
	fmt.Fprintf(&b, "policy = %q\n", ps.digest())
	_, err = io.WriteString(w, b.String())
	return err
}

// configKey is the key of the configuration that is stronger than a rule.
func configKey(r plugins.Rule) (string, bool) {
	switch r.Kind {
	case plugins.KindEnv:
		return "action." + r.Field, true
	case plugins.KindIdentity:
		return r.Field, true
	case plugins.KindUname:
		return "hermetic.hostname", true
	case plugins.KindNetwork:
		return "hermetic.network", true
	}
	return "", false
}
