package plugins_test

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/feign-build/feign/plugins"
	"github.com/feign-build/feign/plugins/host"
)

// stamp is a policy that sets a variable.
type stamp struct{}

func (stamp) Describe(context.Context) (plugins.Info, error) {
	return plugins.Info{Name: "stamp", Version: "1", Kinds: []plugins.Kind{plugins.KindEnv}}, nil
}

func (stamp) Compile(_ context.Context, b plugins.Build) (*plugins.Ruleset, error) {
	var c struct {
		Customer string `json:"customer"`
	}
	if err := b.DecodeConfig(&c); err != nil {
		return nil, err
	}
	return &plugins.Ruleset{Env: []plugins.Env{{Name: "CUSTOMER", Value: c.Customer}}}, nil
}

// A policy is asked once, and answers with rules.
func Example() {
	h := host.New(host.Options{})
	defer h.Close()
	m, err := h.Compile(context.Background(), []host.Spec{
		{Name: "stamp", Policy: stamp{}, Config: json.RawMessage(`{"customer": "acme"}`)},
	}, plugins.Build{Dir: "/build", Argv: []string{"make"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(m.Canonical())
	// Output:
	// feign ruleset 1
	// env CUSTOMER = "acme"
}
