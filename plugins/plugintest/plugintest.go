// Package plugintest tests a policy by cases, each in the test's process and as a plugin of its own process.
//
// # In a nutshell
//
//	func TestMain(m *testing.M) {
//		plugintest.Serve(myPolicy{}) // when the test's program was started as a plugin
//		os.Exit(m.Run())
//	}
//
//	func TestPolicy(t *testing.T) {
//		plugintest.Run(t, myPolicy{}, []plugintest.Case{
//			{Name: "sets a variable", Config: `{"stamp": "1"}`, Want: []string{`env STAMP = "1"`}},
//			{Name: "wants a word", Config: `{"stamp": 1}`, Error: "config.stamp: want string"},
//		})
//	}
//
// # Locks
//
// No locks.
package plugintest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/feign-build/feign/plugins"
	"github.com/feign-build/feign/plugins/host"
	"github.com/feign-build/feign/plugins/serve"
	"github.com/feign-build/feign/plugins/transport"
)

// A Case is one build that a policy is asked about.
type Case struct {
	Name   string
	Dir    string   // of the build; "" is /build
	Argv   []string // the command; nil is true
	Env    []string
	Config string   // the table [plugin.config] as JSON; "" is an empty one
	Want   []string // the rules as text (plugins.Rule), in any order
	Error  string   // what the error contains; "" wants none

	Resolve map[string]plugins.Verdict // paths, and what the policy says to them
	Summary *plugins.Summary           // what Finish is told; nil: nothing
	Says    []string                   // what Finish answers: "severity: what: why", without what is empty
}

// The names that the test's program is started by: one for each server.
const (
	byGoPlugin = "plugin-by-go-plugin"
	byFeign    = "plugin-by-feign"
)

// Serve serves p and exits, if this process is a plugin that Run has started. Otherwise it does nothing. It is for the beginning of
// TestMain.
func Serve(p plugins.Policy) {
	switch filepath.Base(os.Args[0]) {
	case byGoPlugin:
		serve.Main(p)
	case byFeign:
		if err := transport.Serve(p, os.Getenv, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	default:
		return
	}
	os.Exit(0)
}

// Run tests the cases in this process, and twice as a plugin: with go-plugin's server, and with feign's own. The latter need Serve in
// TestMain.
func Run(t *testing.T, p plugins.Policy, cases []Case) {
	t.Helper()
	info, err := p.Describe(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	ways := []struct {
		name string
		spec func(t *testing.T) host.Spec
	}{
		{"built in", func(*testing.T) host.Spec { return host.Spec{Name: info.Name, Policy: p} }},
		{byGoPlugin, func(t *testing.T) host.Spec { return program(t, info.Name, byGoPlugin) }},
		{byFeign, func(t *testing.T) host.Spec { return program(t, info.Name, byFeign) }},
	}
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			for _, c := range cases {
				t.Run(c.Name, func(t *testing.T) { c.run(t, way.spec(t)) })
			}
		})
	}
}

func (c *Case) run(t *testing.T, s host.Spec) {
	ctx := context.Background()
	h := host.New(host.Options{})
	defer h.Close()
	s.Config = json.RawMessage(c.Config)
	b := plugins.Build{Dir: c.Dir, Argv: c.Argv, Env: c.Env}
	if b.Dir == "" {
		b.Dir = "/build"
	}
	if b.Argv == nil {
		b.Argv = []string{"true"}
	}
	m, err := h.Compile(ctx, []host.Spec{s}, b)
	if c.Error != "" || err != nil {
		if err == nil || c.Error == "" || !strings.Contains(err.Error(), c.Error) {
			t.Errorf("error %v, want %q", err, c.Error)
		}
		return
	}
	var got []string
	for _, r := range m.Owned {
		got = append(got, r.Text)
	}
	want := slices.Sorted(slices.Values(c.Want))
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("rules\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
	paths := slices.Sorted(maps.Keys(c.Resolve))
	verdicts, err := h.Resolve(ctx, paths)
	if err != nil {
		t.Error(err)
	}
	for i, p := range paths {
		if verdicts[i] != c.Resolve[p] {
			t.Errorf("%s: %v, want %v", p, verdicts[i], c.Resolve[p])
		}
	}
	if c.Summary != nil {
		c.finish(t, h)
	}
}

func (c *Case) finish(t *testing.T, h *host.Host) {
	said, err := h.Finish(context.Background(), *c.Summary)
	if err != nil {
		t.Error(err)
	}
	var got []string
	for _, d := range said {
		line := string(d.Severity) + ": " + d.What
		if d.Why != "" {
			line += ": " + d.Why
		}
		got = append(got, line)
	}
	if !slices.Equal(got, c.Says) {
		t.Errorf("it says\n got %q\nwant %q", got, c.Says)
	}
}

// program is this test's program under the name of a server.
func program(t *testing.T, name, server string) host.Spec {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), server)
	if err := os.Symlink(exe, path); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, f); err != nil {
		t.Fatal(err)
	}
	return host.Spec{Name: name, Path: path, SHA256: hex.EncodeToString(hash.Sum(nil))}
}
