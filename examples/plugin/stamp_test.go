package main

import (
	"os"
	"testing"

	"github.com/feign-build/feign/plugins"
	"github.com/feign-build/feign/plugins/plugintest"
)

func TestMain(m *testing.M) {
	plugintest.Serve(&stamp{})
	os.Exit(m.Run())
}

func TestStamp(t *testing.T) {
	const file = "file /etc/customer 0444 0:0 5 sha256:fb5aaab08a41b991fc6d330824bbebc97d2a137d82546a1e85d74df9a26baabd"
	plugintest.Run(t, &stamp{}, []plugintest.Case{
		{Name: "stamps", Config: `{"customer": "acme"}`, Want: []string{`env CUSTOMER = "acme"`, file},
			Summary: &plugins.Summary{Status: 3}, Says: []string{"info: built for acme, status 3"}},
		{Name: "hides", Config: `{"customer": "acme", "private": "customers"}`,
			Want: []string{`env CUSTOMER = "acme"`, file, "dynamic /build/customers hide"},
			Resolve: map[string]plugins.Verdict{
				"/build/customers": plugins.Allow, "/build/customers/acme/key": plugins.Allow, "/build/customers/acme2": plugins.Hide,
				"/elsewhere": plugins.Allow,
			}},
		{Name: "wants a customer", Error: "config.customer: want a name"},
		{Name: "knows its keys", Config: `{"customer": "acme", "colour": "red"}`, Error: `unknown key "colour"`},
	})
}
