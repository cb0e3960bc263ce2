package inputs

import (
	"os"
	"testing"

	"github.com/feign-build/feign/plugins"
	"github.com/feign-build/feign/plugins/plugintest"
)

func TestMain(m *testing.M) {
	plugintest.Serve(&Policy{})
	os.Exit(m.Run())
}

// rules are those of the paths that are always declared, with others.
func rules(other ...string) []string {
	for _, path := range always {
		other = append(other, "path "+path+" allow")
	}
	return other
}

// card-7
func TestPolicy(t *testing.T) {
	access := func(path string, v plugins.Verdict) plugins.Access {
		return plugins.Access{Path: path, PID: 9, Program: "cc1", Syscall: "openat", Verdict: v}
	}
	plugintest.Run(t, &Policy{}, []plugintest.Case{
		{Name: "reported", Config: `{"inputs": ["/usr", "src"], "outputs": ["out", "/usr"]}`,
			Want:    rules("path / report", "path /usr allow", "path /build/src allow", "path /build/out allow"),
			Summary: &plugins.Summary{Accesses: []plugins.Access{access("/", plugins.Report), access("/build", plugins.Report), access("/etc/x", plugins.Report)}},
			Says:    []string{"warning: undeclared /etc/x: first by cc1, openat"}},
		{Name: "denied", Config: `{"undeclared": "deny"}`, Want: rules("path / deny ENOENT"),
			Summary: &plugins.Summary{Accesses: []plugins.Access{access("/etc/x", plugins.Deny)}},
			Says:    []string{"warning: undeclared /etc/x: first by cc1, openat, denied"}},
		{Name: "allowed", Config: `{"undeclared": "allow"}`, Summary: &plugins.Summary{}},
		{Name: "no such verdict", Config: `{"undeclared": "wish"}`, Error: `config.undeclared: "wish" is none of allow, report, deny`},
		{Name: "everything", Config: `{"inputs": ["/"]}`, Error: "config: / is declared"},
		{Name: "nothing", Config: `{"inputs": [""]}`, Error: "config: a declared path is empty"},
	})
}
