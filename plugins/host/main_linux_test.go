package host

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/feign-build/feign/internal/unroot"
	"github.com/feign-build/feign/plugins"
	"github.com/feign-build/feign/plugins/serve"
	"github.com/feign-build/feign/plugins/transport"
)

// The plugins of these tests are this binary under other names: a plugin gets neither arguments nor an environment.
var programs = map[string]func(){
	"good":     func() { serve.Main(&testPolicy{}) },
	"lean":     func() { exitOn(transport.Serve(&testPolicy{}, os.Getenv, os.Stdout)) },
	"dies":     func() { fmt.Fprintln(os.Stderr, "no luck today"); os.Exit(3) },
	"signaled": func() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL); select {} },
	"garbage":  func() { fmt.Println("hello, world"); time.Sleep(time.Hour) },
	"endless": func() {
		b := strings.Repeat("x", 4096)
		for {
			fmt.Print(b)
		}
	},
	"mute":    func() { time.Sleep(time.Hour) },
	"closes":  func() { os.Stdout.Close(); time.Sleep(time.Hour) },
	"version": func() { fmt.Println("1|7|unix|/tmp/s|grpc|"); time.Sleep(time.Hour) },
	"core":    func() { fmt.Println("9|1|unix|/tmp/s|grpc|"); time.Sleep(time.Hour) },
	"tcp":     func() { fmt.Println("1|1|tcp|127.0.0.1:1|grpc|"); time.Sleep(time.Hour) },
	"netrpc":  func() { fmt.Println("1|1|unix|/tmp/s|netrpc"); time.Sleep(time.Hour) },
	"nobody":  func() { fmt.Println("1|1|unix|/tmp/nobody-listens|grpc|" + "AAAA"); time.Sleep(time.Hour) },
	"silent":  silentSocket,
	"crash":   func() { serve.Main(&testPolicy{compile: func() { os.Exit(5) }}) },
	"once":    func() { serve.Main(&testPolicy{compile: crashOnce}) },
	"hang":    func() { serve.Main(&testPolicy{compile: func() { time.Sleep(time.Hour) }}) },
	"relative": func() {
		serve.Main(&testPolicy{rules: plugins.Ruleset{Paths: []plugins.PathRule{{Prefix: "x", Verdict: plugins.Deny}}}})
	},
	"kinds":   func() { serve.Main(&testPolicy{rules: plugins.Ruleset{Network: "deny"}}) },
	"refuses": func() { serve.Main(&testPolicy{err: errors.New("config.users:\nnot a list")}) },
	"huge": func() {
		big := plugins.Env{Name: "A", Value: strings.Repeat("x", transport.MaxMessage)}
		exitOn(transport.Serve(&testPolicy{rules: plugins.Ruleset{Env: []plugins.Env{big}}}, os.Getenv, os.Stdout))
	},
	"resolve-hang":  func() { serve.Main(&testPolicy{resolve: func() { time.Sleep(time.Hour) }}) },
	"resolve-crash": func() { serve.Main(&testPolicy{resolve: func() { os.Exit(6) }}) },
	"resolve-once":  func() { serve.Main(&testPolicy{resolve: crashOnce}) },
	"resolve-few":   func() { serve.Main(&testPolicy{few: true}) },
	"finish-crash":  func() { serve.Main(&testPolicy{finish: func() { os.Exit(7) }}) },
	"finish-hang":   func() { serve.Main(&testPolicy{finish: func() { time.Sleep(time.Hour) }}) },
	"looks":         func() { serve.Main(&testPolicy{rules: surroundings()}) },
	"orphan":        orphan,
}

func TestMain(m *testing.M) {
	if run := programs[filepath.Base(os.Args[0])]; run != nil {
		run()
		os.Exit(0)
	}
	unroot.Main(m)
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// crashOnce ends the process that calls it first; the plugin's name is the only thing that the next one knows.
func crashOnce() {
	f, err := os.OpenFile(os.Args[0]+".once", os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		f.Close()
		os.Exit(9)
	}
}

// silentSocket listens, and never says a word of TLS.
func silentSocket() {
	l, err := net.Listen("unix", os.Getenv("PLUGIN_UNIX_SOCKET_DIR")+"/s")
	exitOn(err)
	cert, err := transport.NewCertificate()
	exitOn(err)
	block := strings.Split(cert.PEM(), "-----")[2]
	fmt.Printf("1|1|unix|%s|grpc|%s\n", l.Addr(), strings.ReplaceAll(block, "\n", ""))
	for {
		if _, err := l.Accept(); err != nil {
			return
		}
	}
}

// orphan leaves a child that holds its pipes.
func orphan() {
	if _, err := syscall.ForkExec("/bin/sleep", []string{"sleep", "3600"}, &syscall.ProcAttr{Files: []uintptr{0, 1, 2}}); err != nil {
		exitOn(err)
	}
	serve.Main(&testPolicy{})
}

// surroundings tells in rules what a plugin has about it.
func surroundings() plugins.Ruleset {
	r := plugins.Ruleset{}
	for _, kv := range os.Environ() {
		name, value, _ := strings.Cut(kv, "=")
		r.Env = append(r.Env, plugins.Env{Name: "E_" + name, Value: value})
	}
	stdin, err := io.ReadAll(os.Stdin)
	wd, _ := os.Getwd()
	fds, _ := os.ReadDir("/proc/self/fd")
	_, network := net.Dial("udp", "127.0.0.1:9")
	exe, _ := os.Readlink("/proc/self/exe")
	for name, value := range map[string]any{
		"stdin": fmt.Sprint(len(stdin), err), "wd": wd, "fds": len(fds), "network": network, "exe": exe,
		"leader": syscall.Getpgrp() == os.Getpid(), "write": os.WriteFile("/proc/self/exe", nil, 0o700),
	} {
		r.Env = append(r.Env, plugins.Env{Name: name, Value: fmt.Sprint(value)})
	}
	return r
}

// testPolicy does what it is told at each call.
type testPolicy struct {
	rules                    plugins.Ruleset
	compile, resolve, finish func()
	err                      error
	few                      bool
}

func (p *testPolicy) Describe(context.Context) (plugins.Info, error) {
	return plugins.Info{Name: "test", Version: "1", Kinds: []plugins.Kind{plugins.KindEnv, plugins.KindDynamic, plugins.KindPath}}, nil
}

func (p *testPolicy) Compile(_ context.Context, b plugins.Build) (*plugins.Ruleset, error) {
	if p.compile != nil {
		p.compile()
	}
	r := p.rules
	r.Env = append(r.Env, plugins.Env{Name: "CONFIG", Value: string(b.Config)})
	r.Dynamic = append(r.Dynamic, plugins.Dynamic{Prefix: "/dyn", Default: plugins.Hide})
	return &r, p.err
}

func (p *testPolicy) Resolve(_ context.Context, paths []string) ([]plugins.Verdict, error) {
	if p.resolve != nil {
		p.resolve()
	}
	if p.few {
		return nil, nil
	}
	out := make([]plugins.Verdict, len(paths))
	for i, path := range paths {
		out[i] = plugins.Allow
		if strings.HasSuffix(path, ".secret") {
			out[i] = plugins.Deny
		}
	}
	return out, nil
}

func (p *testPolicy) Finish(_ context.Context, s plugins.Summary) ([]plugins.Diagnostic, error) {
	if p.finish != nil {
		p.finish()
	}
	return []plugins.Diagnostic{{Severity: plugins.Note, What: fmt.Sprintf("status %d, %d accesses", s.Status, len(s.Accesses))}}, nil
}

// program returns the spec of a plugin of programs.
func program(t *testing.T, name string) Spec {
	t.Helper()
	if programs[name] == nil {
		t.Fatalf("no program %s", name)
	}
	path := filepath.Join(t.TempDir(), name)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(exe, path); err != nil {
		t.Fatal(err)
	}
	return Spec{Name: name, Path: path, SHA256: hashOf(t, path)}
}

func hashOf(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}
