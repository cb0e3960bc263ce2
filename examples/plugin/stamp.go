// Command stamp is a policy plugin for feign, as somebody outside of feign would write one. It gives a build a variable and
// a file that say for whom it is made, and keeps what is private out of its sight:
//
//	[[plugin]]
//	name = "stamp"
//	path = "stamp"
//	sha256 = "..."
//	[plugin.config]
//	customer = "acme"
//	private  = "/srv/customers"   # a directory for each customer; the others are not there
package main

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/feign-build/feign/plugins"
	"github.com/feign-build/feign/plugins/serve"
)

func main() { serve.Main(&stamp{}) }

// stamp implements plugins.Policy, plugins.Resolver and plugins.Finisher.
type stamp struct{ config }

type config struct {
	Customer string `json:"customer"`
	Private  string `json:"private"`
}

// Describe implements plugins.Policy.
func (*stamp) Describe(context.Context) (plugins.Info, error) {
	return plugins.Info{
		Name: "stamp", Version: "1.0", Summary: "says for whom a build is made",
		Kinds: []plugins.Kind{plugins.KindEnv, plugins.KindFile, plugins.KindDynamic},
	}, nil
}

// Compile implements plugins.Policy.
func (s *stamp) Compile(_ context.Context, b plugins.Build) (*plugins.Ruleset, error) {
	s.config = config{}
	if err := b.DecodeConfig(&s.config); err != nil {
		return nil, err
	}
	if s.Customer == "" || strings.ContainsAny(s.Customer, "/\n") {
		return nil, errors.New("config.customer: want a name")
	}
	r := &plugins.Ruleset{
		Env:   []plugins.Env{{Name: "CUSTOMER", Value: s.Customer}},
		Files: []plugins.File{{Path: "/etc/customer", Data: []byte(s.Customer + "\n"), Mode: 0o444}},
	}
	if s.Private = b.Path(s.Private); s.Private != "" {
		r.Dynamic = []plugins.Dynamic{{Prefix: s.Private, Default: plugins.Hide}}
	}
	return r, nil
}

// Resolve implements plugins.Resolver. Rules could say the same if the customers were known before: this is to show questions.
func (s *stamp) Resolve(_ context.Context, paths []string) ([]plugins.Verdict, error) {
	own := path.Join(s.Private, s.Customer)
	out := make([]plugins.Verdict, len(paths))
	for i, p := range paths {
		out[i] = plugins.Hide
		if p == s.Private || p == own || strings.HasPrefix(p, own+"/") {
			out[i] = plugins.Allow
		}
	}
	return out, nil
}

// Finish implements plugins.Finisher.
func (s *stamp) Finish(_ context.Context, sum plugins.Summary) ([]plugins.Diagnostic, error) {
	return []plugins.Diagnostic{{Severity: plugins.Note, What: fmt.Sprintf("built for %s, status %d", s.Customer, sum.Status)}}, nil
}
