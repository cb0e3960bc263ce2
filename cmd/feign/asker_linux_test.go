package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/feign-build/feign/plugins"
)

func init() {
	programs["asker"] = func() { servePolicy(&askerPolicy{}) }
}

// askerPolicy wants to be asked about paths while the action runs: about those below "prefix", which are hidden where nobody answers.
type askerPolicy struct{ does string }

func (*askerPolicy) Describe(context.Context) (plugins.Info, error) {
	return plugins.Info{Name: "asker", Version: "1", Kinds: []plugins.Kind{plugins.KindDynamic}}, nil
}

func (p *askerPolicy) Compile(_ context.Context, b plugins.Build) (*plugins.Ruleset, error) {
	c := struct {
		Prefix string `json:"prefix"`
		Does   string `json:"does"` // when it is asked: "" answers
	}{Prefix: "/"}
	if err := b.DecodeConfig(&c); err != nil {
		return nil, err
	}
	p.does = c.Does
	return &plugins.Ruleset{Dynamic: []plugins.Dynamic{{Prefix: b.Path(c.Prefix), Default: plugins.Hide}}}, nil
}

// Resolve decides by the end of the name.
func (p *askerPolicy) Resolve(ctx context.Context, paths []string) ([]plugins.Verdict, error) {
	switch p.does {
	case "crash":
		fmt.Fprintln(os.Stderr, "no luck today")
		os.Exit(6)
	case "hang":
		<-ctx.Done()
	}
	verdicts := make([]plugins.Verdict, len(paths))
	for i, path := range paths {
		verdicts[i] = plugins.Allow
		switch {
		case strings.HasSuffix(path, ".hidden"):
			verdicts[i] = plugins.Hide
		case strings.HasSuffix(path, ".denied"):
			verdicts[i] = plugins.Deny
		}
	}
	return verdicts, nil
}

func (p *askerPolicy) Finish(_ context.Context, s plugins.Summary) ([]plugins.Diagnostic, error) {
	return []plugins.Diagnostic{{Severity: plugins.Note, What: fmt.Sprintf("%d denied", len(s.Accesses))}}, nil
}
