package main

import (
	"context"
	"slices"

	"github.com/feign-build/feign/plugins"
)

func init() {
	programs["asker"] = func() { servePolicy(askerPolicy{}) }
}

// askerPolicy wants to be asked about every path while the action runs.
type askerPolicy struct{}

func (askerPolicy) Describe(context.Context) (plugins.Info, error) {
	return plugins.Info{Name: "asker", Version: "1", Kinds: []plugins.Kind{plugins.KindDynamic}}, nil
}

func (askerPolicy) Compile(context.Context, plugins.Build) (*plugins.Ruleset, error) {
	return &plugins.Ruleset{Dynamic: []plugins.Dynamic{{Prefix: "/", Default: plugins.Allow}}}, nil
}

func (askerPolicy) Resolve(_ context.Context, paths []string) ([]plugins.Verdict, error) {
	return slices.Repeat([]plugins.Verdict{plugins.Allow}, len(paths)), nil
}
