// Package inputs is the policy of declared inputs and outputs: what else an action names is allowed, reported or denied.
//
// # In a nutshell
//
//	[[plugin]]
//	name = "inputs"
//	[plugin.config]
//	inputs     = ["/usr", "/etc", "src"]
//	outputs    = ["out", "/tmp"]
//	undeclared = "report"    # or "deny": ENOENT, or "allow"
//
// A declared directory stands for all below it. Devices that every program may use are declared always, as is /proc.
//
// # Locks
//
// No locks.
package inputs

import (
	"context"
	"fmt"
	"strings"

	"github.com/feign-build/feign/plugins"
)

// Policy implements plugins.Policy and plugins.Finisher.
type Policy struct {
	declared []string
	quiet    bool // nothing is told at the end: the host keeps the accesses
}

type config struct {
	Inputs     []string `json:"inputs"`
	Outputs    []string `json:"outputs"`
	Undeclared string   `json:"undeclared"`
	Quiet      bool     `json:"quiet"`
}

// always are the paths that are inputs of every program.
var always = []string{
	"/dev/fd", "/dev/full", "/dev/null", "/dev/ptmx", "/dev/pts", "/dev/random", "/dev/stderr", "/dev/stdin", "/dev/stdout",
	"/dev/tty", "/dev/urandom", "/dev/zero", "/proc",
}

// Describe implements plugins.Policy.
func (*Policy) Describe(context.Context) (plugins.Info, error) {
	return plugins.Info{
		Name: "inputs", Version: "1", Summary: "declared inputs and outputs: others are reported or denied",
		Kinds: []plugins.Kind{plugins.KindPath},
	}, nil
}

// Compile implements plugins.Policy.
func (p *Policy) Compile(_ context.Context, b plugins.Build) (*plugins.Ruleset, error) {
	c := config{Undeclared: "report"}
	if err := b.DecodeConfig(&c); err != nil {
		return nil, err
	}
	other := plugins.PathRule{Prefix: "/"}
	switch c.Undeclared {
	case "allow":
		return &plugins.Ruleset{}, nil
	case "report":
		other.Verdict = plugins.Report
	case "deny":
		other.Verdict, other.Errno = plugins.Deny, "ENOENT"
	default:
		return nil, fmt.Errorf("config.undeclared: %q is none of allow, report, deny", c.Undeclared)
	}
	r := &plugins.Ruleset{Paths: []plugins.PathRule{other}}
	p.declared, p.quiet = nil, c.Quiet
	seen := map[string]bool{"/": true}
	for _, list := range [][]string{always, c.Inputs, c.Outputs} {
		for _, name := range list {
			if name == "" {
				return nil, fmt.Errorf("config: a declared path is empty")
			}
			path := b.Path(name)
			if path == "/" {
				return nil, fmt.Errorf("config: / is declared, and so is everything below it (undeclared = \"allow\" says the same)")
			}
			if !seen[path] {
				seen[path] = true
				p.declared = append(p.declared, path)
				r.Paths = append(r.Paths, plugins.PathRule{Prefix: path, Verdict: plugins.Allow})
			}
		}
	}
	return r, nil
}

// Finish implements plugins.Finisher: a line for each path that was not declared, in the order of the paths.
func (p *Policy) Finish(_ context.Context, s plugins.Summary) ([]plugins.Diagnostic, error) {
	if p.quiet {
		return nil, nil
	}
	var out []plugins.Diagnostic
	for _, a := range s.Accesses {
		if p.leadsToDeclared(a.Path) {
			continue // who goes to a declared path goes through it
		}
		done := ""
		if a.Verdict == plugins.Deny {
			done = ", denied"
		}
		out = append(out, plugins.Diagnostic{
			Severity: plugins.Warning, What: "undeclared " + a.Path, Why: fmt.Sprintf("first by %s, %s%s", a.Program, a.Syscall, done),
		})
	}
	return out, nil
}

// leadsToDeclared reports whether a path is a directory above a declared one.
func (p *Policy) leadsToDeclared(path string) bool {
	for _, d := range p.declared {
		if path == "/" || strings.HasPrefix(d, path+"/") {
			return true
		}
	}
	return false
}
