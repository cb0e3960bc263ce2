package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/feign-build/feign/plugins"
	"github.com/feign-build/feign/plugins/transport"
)

// Plugins for scripts: programs of this binary, as all that scripts run.
func init() {
	programs["stamper"] = func() { servePolicy(scriptPolicy{}) }
	programs["clasher"] = func() { servePolicy(scriptPolicy{}) }
	programs["later"] = func() { servePolicy(laterPolicy{}) }
	programs["networked"] = func() { servePolicy(networkedPolicy{}) }
	programs["crasher"] = func() { fmt.Fprintln(os.Stderr, "no luck today"); os.Exit(3) }
}

func servePolicy(p plugins.Policy) {
	if err := transport.Serve(p, os.Getenv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// scriptPolicy makes rules of its configuration.
type scriptPolicy struct{}

func (scriptPolicy) Describe(context.Context) (plugins.Info, error) {
	return plugins.Info{
		Name: "script", Version: "1",
		Kinds: []plugins.Kind{plugins.KindEnv, plugins.KindIdentity, plugins.KindErrno, plugins.KindUname, plugins.KindNetwork, plugins.KindPath,
			plugins.KindOwner, plugins.KindFile},
	}, nil
}

func (scriptPolicy) Compile(_ context.Context, b plugins.Build) (*plugins.Ruleset, error) {
	var c struct {
		Stamp string  `json:"stamp"`
		UID   *uint32 `json:"uid"`
		Errno string  `json:"errno"`
		Node  string  `json:"node"`
		Deny  string  `json:"deny"`
		Owner string  `json:"owner"`
		File  string  `json:"file"`
	}
	if err := b.DecodeConfig(&c); err != nil {
		return nil, err
	}
	r := &plugins.Ruleset{Identity: plugins.Identity{UID: c.UID}, Uname: plugins.Uname{Nodename: c.Node}}
	if c.Stamp != "" {
		r.Env = []plugins.Env{{Name: "STAMP", Value: c.Stamp}}
	}
	if c.Errno != "" {
		r.Errnos = []plugins.Errno{{Syscall: "sethostname", Errno: c.Errno}}
	}
	if c.Deny != "" {
		r.Paths = []plugins.PathRule{{Prefix: b.Path(c.Deny), Verdict: plugins.Deny, Errno: "EIO"}}
	}
	if c.Owner != "" {
		r.Owners = []plugins.Owner{{Prefix: b.Path(c.Owner), UID: 33, GID: 34}}
	}
	if c.File != "" {
		r.Files = []plugins.File{{Path: b.Path(c.File), Data: []byte("in memory\n"), Mode: 0o640, UID: 5, GID: 6}}
	}
	return r, nil
}

// laterPolicy ends while the action runs: when that has made a file. Until then another file has the plugin's process id.
type laterPolicy struct{ scriptPolicy }

func (p laterPolicy) Compile(ctx context.Context, b plugins.Build) (*plugins.Ruleset, error) {
	if err := os.WriteFile(b.Path("later.pid"), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return nil, err
	}
	go func() {
		for {
			if _, err := os.Stat(b.Path("began")); err == nil {
				os.Exit(6)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	return p.scriptPolicy.Compile(ctx, b)
}

// networkedPolicy tells what sockets it can make.
type networkedPolicy struct{ scriptPolicy }

func (networkedPolicy) Compile(context.Context, plugins.Build) (*plugins.Ruleset, error) {
	_, internet := net.Dial("udp", "127.0.0.1:9")
	_, tcp := net.Listen("tcp6", "[::1]:0")
	return &plugins.Ruleset{Env: []plugins.Env{{Name: "INTERNET", Value: fmt.Sprint(internet)}, {Name: "TCP6", Value: fmt.Sprint(tcp)}}}, nil
}

func (scriptPolicy) Finish(_ context.Context, s plugins.Summary) ([]plugins.Diagnostic, error) {
	list := []plugins.Diagnostic{{Severity: plugins.Note, What: fmt.Sprintf("ended with %d", s.Status)}}
	if s.Status == 9 {
		list = append(list, plugins.Diagnostic{Severity: plugins.Error, What: "nine is not allowed", Hint: "end otherwise"})
	}
	return list, nil
}
