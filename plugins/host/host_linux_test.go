package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/feign-build/feign/plugins"
)

// patient are limits that a loaded machine keeps. A test waits for one of them where it says so.
var patient = Options{Start: time.Minute, Call: time.Minute, Resolve: time.Minute}

func newHost(t *testing.T) *Host { return hostOf(t, patient) }

func hostOf(t *testing.T, o Options) *Host {
	h := New(o)
	t.Cleanup(h.Close)
	return h
}

func compile(t *testing.T, h *Host, specs ...Spec) (*plugins.Merged, error) {
	t.Helper()
	return h.Compile(context.Background(), specs, plugins.Build{Dir: "/b", Argv: []string{"true"}})
}

// card-2: a plugin over go-plugin, and the same without go-plugin's code, answer alike.
func TestPlugins(t *testing.T) {
	for _, name := range []string{"good", "lean", "orphan"} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t)
			s := program(t, name)
			s.Config = json.RawMessage(`{"k":1}`)
			m, err := compile(t, h, s)
			if err != nil {
				t.Fatal(err)
			}
			if want := "feign ruleset 1\ndynamic /dyn hide\nenv CONFIG = \"{\\\"k\\\":1}\"\n"; m.Canonical() != want {
				t.Errorf("%s", m.Canonical())
			}
			got, err := h.Resolve(context.Background(), []string{"/dyn/a", "/other", "/dyn/b.secret", "/dynamo"})
			if want := "[allow allow deny allow]"; fmt.Sprint(got) != want || err != nil {
				t.Errorf("%v, %v; want %s", got, err, want)
			}
			d, err := h.Finish(context.Background(), plugins.Summary{Status: 4, Accesses: make([]plugins.Access, 2)})
			if err != nil || len(d) != 1 || d[0].What != "status 4, 2 accesses" {
				t.Errorf("%v, %v", d, err)
			}
			if c := h.Calls(); c != (Calls{2, 1, 1}) {
				t.Errorf("calls %+v", c)
			}
			p := h.plugins[0].peer.(*remote).process
			h.Close()
			if left := alive(p.pid); len(left) > 0 {
				t.Errorf("left of the plugin: %q", left)
			}
		})
	}
}

// alive returns the processes of a group that have not ended. Some may still be waited for, by whoever inherited them.
func alive(group int) (left []string) {
	for end := time.Now().Add(patient.Start); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		left = nil
		stats, _ := filepath.Glob("/proc/[0-9]*/stat")
		for _, path := range stats {
			text, err := os.ReadFile(path)
			if err != nil {
				continue
			}
			// After the name, which is in parentheses: state, parent, group.
			_, rest, _ := strings.Cut(string(text), ") ")
			if f := strings.Fields(rest); len(f) > 2 && f[0] != "Z" && f[0] != "X" && f[2] == fmt.Sprint(group) {
				left = append(left, string(text))
			}
		}
		if len(left) == 0 {
			break
		}
	}
	return left
}

// What a plugin does wrong: one line that says which plugin and what, within the time limits, and no process left.
func TestMisbehaviour(t *testing.T) {
	for name, want := range map[string]string{
		"dies":     `it ended with status 3, its last words "no luck today", at its start; it was started twice`,
		"signaled": "it was ended by signal 9 (SIGKILL) at its start; it was started twice",
		"garbage":  `its first line is "hello, world", not go-plugin's (docs/PLUGINS.md tells how a plugin starts)`,
		"endless":  "its first line has no end",
		"mute":     "not ready within 1s of its start",
		"closes":   "it closed its standard output without a word",
		"version":  "it speaks version 7 of the messages, this feign speaks 1 (docs/",
		"core":     "it speaks version 9 of the protocol of go-plugin, this feign speaks 1 (docs/",
		"tcp":      `it listens on "tcp", not on a unix socket (docs/`,
		"netrpc":   "it speaks net/rpc or no TLS, not gRPC with AutoMTLS (docs/",
		"nobody":   "cannot connect to it: its certificate is none",
		"silent":   "not ready within 1s of its start",
		"crash":    "it ended with status 5 during Compile; it was started twice",
		"hang":     "no answer to Compile within 3s",
		"relative": `the answer to Compile is of no use: path "x": not an absolute, clean path`,
		"kinds":    "it returns a rule of kind network, which it did not announce (a plugin's Describe lists the kinds of its rules)",
		"refuses":  "Compile: config.users:; not a list",
		"huge":     "the answer to Compile is of no use: a message of ",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limits := patient
			switch name {
			case "mute", "silent":
				limits.Start = time.Second
			case "hang": // Describe has to be answered before
				limits.Call = 3 * time.Second
			}
			h := hostOf(t, limits)
			start := time.Now()
			_, err := compile(t, h, program(t, name))
			h.Close()
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%v", err)
			}
			if got := fmt.Sprintf("plugin %q: ", name); !strings.HasPrefix(err.Error(), got+want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("\n got %s\nwant %s", err, got+want)
			}
			if took := time.Since(start); took > patient.Start {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// ps-3: a crash in a call that changes nothing is got over.
func TestRestart(t *testing.T) {
	h := newHost(t)
	if _, err := compile(t, h, program(t, "once")); err != nil {
		t.Fatal(err)
	}
	h = newHost(t)
	if _, err := compile(t, h, program(t, "resolve-once")); err != nil {
		t.Fatal(err)
	}
	got, err := h.Resolve(context.Background(), []string{"/dyn/x.secret"})
	if err != nil || got[0] != plugins.Deny {
		t.Errorf("%v, %v", got, err)
	}
}

// A plugin that fails while the action runs: the default holds, it is told once, and the plugin is not asked again.
func TestResolveFails(t *testing.T) {
	for name, want := range map[string]string{
		"resolve-hang":  "no answer to Resolve within 1s",
		"resolve-crash": "it ended with status 6 during Resolve; it was started twice",
		"resolve-few":   "the answer to Resolve is of no use: 0 verdicts for 1 paths",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limits := patient
			if name == "resolve-hang" {
				limits.Resolve = time.Second
			}
			h := hostOf(t, limits)
			if _, err := compile(t, h, program(t, name)); err != nil {
				t.Fatal(err)
			}
			got, err := h.Resolve(context.Background(), []string{"/dyn/x"})
			if err == nil || !strings.Contains(err.Error(), want) || got[0] != plugins.Hide {
				t.Errorf("%v, %v; want %s", got, err, want)
			}
			before := h.Calls()
			got, err = h.Resolve(context.Background(), []string{"/dyn/y"})
			if err != nil || got[0] != plugins.Hide || h.Calls() != before {
				t.Errorf("asked again: %v, %v, %+v", got, err, h.Calls())
			}
		})
	}
}

func TestFinishFails(t *testing.T) {
	for name, want := range map[string]string{
		"finish-crash": "it ended with status 7 during Finish",
		"finish-hang":  "no answer to Finish within 3s",
	} {
		limits := patient
		if name == "finish-hang" { // Describe and Compile have to be answered before
			limits.Call = 3 * time.Second
		}
		h := hostOf(t, limits)
		if _, err := compile(t, h, program(t, name)); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Finish(context.Background(), plugins.Summary{}); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// A plugin has nothing of feign's: neither environment, descriptors, directory nor standard input; and it is what was hashed.
func TestSurroundings(t *testing.T) {
	t.Setenv("SECRET", "1")
	t.Setenv("PLUGIN_SECRET", "1")
	h := newHost(t)
	m, err := compile(t, h, program(t, "looks"))
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for _, e := range m.Env {
		env[e.Name] = e.Value
	}
	for name := range env {
		known := strings.HasPrefix(name, "E_PLUGIN_") && name != "E_PLUGIN_SECRET" || name == "E_FEIGN_PLUGIN"
		if strings.HasPrefix(name, "E_") && !known {
			t.Errorf("it has the variable %s", name)
		}
	}
	if !strings.HasPrefix(env["exe"], "/memfd:feign-plugin") {
		t.Errorf("it executes %s", env["exe"])
	}
	if env["stdin"] != "0 <nil>" || env["wd"] != "/" || env["leader"] != "true" {
		t.Errorf("stdin %s, directory %s, group leader %s", env["stdin"], env["wd"], env["leader"])
	}
	if !strings.Contains(env["write"], "text file busy") && !strings.Contains(env["write"], "permission denied") && !strings.Contains(env["write"], "not permitted") {
		t.Errorf("it can write to itself: %s", env["write"])
	}
	dir := env["E_PLUGIN_UNIX_SOCKET_DIR"]
	if _, err := os.Lstat(dir); dir == "" || !os.IsNotExist(err) {
		t.Errorf("the directory of its socket, %q, is left: %v", dir, err)
	}
}

// What was hashed is what is executed, whatever happens to the path; another digest is refused.
func TestDigest(t *testing.T) {
	s := program(t, "good")
	good := s.SHA256
	s.SHA256 = strings.Repeat("0", 64)
	_, err := compile(t, newHost(t), s)
	if err == nil || !strings.Contains(err.Error(), "the sha256 of "+s.Path+" is "+good+", not "+s.SHA256) {
		t.Error(err)
	}
	s.Path = filepath.Join(t.TempDir(), "missing")
	if _, err := compile(t, newHost(t), s); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Error(err)
	}
	s.Path = t.TempDir()
	if _, err := compile(t, newHost(t), s); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Error(err)
	}
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("no program\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := compile(t, newHost(t), Spec{Name: "text", Path: text, SHA256: hashOf(t, text)}); err == nil || !strings.Contains(err.Error(), "exec format error") {
		t.Error(err)
	}
}

// A long TMPDIR does not reach the socket's path, of which there are 108 bytes.
func TestSocketDir(t *testing.T) {
	long := filepath.Join(t.TempDir(), strings.Repeat("d", 95))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", long)
	if _, err := compile(t, newHost(t), program(t, "good")); err != nil {
		t.Error(err)
	}
	h := New(Options{Avoid: []string{"/tmp", "/var", "/dev", os.Getenv("XDG_RUNTIME_DIR")}})
	if dir, err := h.socketDir(); err == nil {
		os.RemoveAll(dir)
		t.Errorf("the socket is in the action's tree: %s", dir)
	}
}

// A script is a plugin too: its interpreter reads it from the sealed copy.
func TestScript(t *testing.T) {
	path := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho \"from $0\" >&2\nexit 4\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := compile(t, newHost(t), Spec{Name: "script", Path: path, SHA256: hashOf(t, path)})
	if err == nil || !strings.Contains(err.Error(), `status 4, its last words "from /proc/self/fd/3"`) {
		t.Error(err)
	}
}

// A policy in this process is held to the same rules as a plugin.
func TestLocal(t *testing.T) {
	for want, p := range map[string]plugins.Policy{
		`the policy calls itself "test"`:         &testPolicy{},
		"path \"x\": not an absolute, clean":     named{&testPolicy{rules: plugins.Ruleset{Paths: []plugins.PathRule{{Prefix: "x", Verdict: plugins.Deny}}}}},
		"kind network, which it did not announc": named{&testPolicy{rules: plugins.Ruleset{Network: "deny"}}},
		"Compile: no; luck":                      named{&testPolicy{err: errors.New("no\nluck")}},
	} {
		h := newHost(t)
		_, err := compile(t, h, Spec{Name: "p", Policy: p})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
		if h.Calls() != (Calls{}) {
			t.Errorf("calls %+v of a policy that is built in", h.Calls())
		}
	}
}

// named is a policy called p.
type named struct{ *testPolicy }

func (n named) Describe(ctx context.Context) (plugins.Info, error) {
	i, err := n.testPolicy.Describe(ctx)
	i.Name = "p"
	return i, err
}

// Two plugins that set one field.
func TestConflict(t *testing.T) {
	_, err := compile(t, newHost(t), program(t, "good"), program(t, "lean"))
	var conflict *plugins.ConflictError
	if !errors.As(err, &conflict) || err.Error() != `plugins "good" and "lean" both set dynamic /dyn` {
		t.Error(err)
	}
}
