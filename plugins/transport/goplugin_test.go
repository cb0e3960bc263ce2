package transport_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/feign-build/feign/plugins"
	"github.com/feign-build/feign/plugins/policyv1"
	"github.com/feign-build/feign/plugins/policyv1/policygrpc"
	"github.com/feign-build/feign/plugins/serve"
	"github.com/feign-build/feign/plugins/transport"
)

// policy is served by this binary when go-plugin's client starts it.
type policy struct{}

func (policy) Describe(context.Context) (plugins.Info, error) {
	return plugins.Info{Name: "p", Version: "3", Kinds: []plugins.Kind{plugins.KindEnv}}, nil
}

func (policy) Compile(_ context.Context, b plugins.Build) (*plugins.Ruleset, error) {
	if b.Dir == "" {
		return nil, errors.New("no directory: 100% \u00e9")
	}
	return &plugins.Ruleset{Env: []plugins.Env{{Name: "BIG", Value: strings.Repeat(b.Dir, 20000)}}}, nil
}

func TestMain(m *testing.M) {
	if os.Getenv(transport.CookieKey) != "" {
		if err := transport.Serve(policy{}, os.Getenv, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// policyPlugin is what go-plugin's client is told of it.
type policyPlugin struct {
	plugin.NetRPCUnsupportedPlugin
}

func (policyPlugin) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { return nil }
func (policyPlugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return policygrpc.NewPolicyClient(c), nil
}

// card-2: go-plugin's own client starts a plugin that this package serves, calls it, and ends it.
func TestServedToGoPlugin(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  serve.Handshake(),
		Plugins:          plugin.PluginSet{"policy": policyPlugin{}},
		Cmd:              exec.Command(exe),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		StartTimeout:     20 * time.Second,
		Logger:           hclog.New(&hclog.LoggerOptions{Output: io.Discard}),
	})
	defer c.Kill()
	rpc, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	if err := rpc.Ping(); err != nil {
		t.Errorf("ping: %v", err)
	}
	raw, err := rpc.Dispense("policy")
	if err != nil {
		t.Fatal(err)
	}
	p := raw.(policygrpc.PolicyClient)
	ctx := context.Background()
	d, err := p.Describe(ctx, &policyv1.DescribeRequest{})
	if err != nil || d.GetName() != "p" || d.GetVersion() != "3" || d.GetResolves() {
		t.Errorf("%v, %v", d, err)
	}
	r, err := p.Compile(ctx, &policyv1.CompileRequest{Dir: "/abc"})
	if err != nil || len(r.GetRuleset().GetEnv()) != 1 || len(r.GetRuleset().GetEnv()[0].GetValue()) != 80000 {
		t.Errorf("%v, %v", r, err)
	}
	_, err = p.Compile(ctx, &policyv1.CompileRequest{})
	if s := status.Convert(err); s.Code() != codes.Unknown || s.Message() != "no directory: 100% \u00e9" {
		t.Errorf("%v", err)
	}
	for _, call := range []func() error{
		func() error { _, err := p.Resolve(ctx, &policyv1.ResolveRequest{}); return err },
		func() error { _, err := p.Finish(ctx, &policyv1.FinishRequest{}); return err },
	} {
		if err := call(); status.Code(err) != codes.Unimplemented {
			t.Errorf("a call that the policy does not have: %v", err)
		}
	}
	c.Kill()
	if !c.Exited() {
		t.Error("it does not end")
	}
}

func TestByHand(t *testing.T) {
	if err := transport.Serve(policy{}, func(string) string { return "" }, io.Discard); !errors.Is(err, transport.ErrByHand) {
		t.Error(err)
	}
}

func TestHandshake(t *testing.T) {
	h, err := transport.ParseHandshake("1|1|unix|/tmp/s|grpc|AAAA|true\n")
	if err != nil || h != (transport.Handshake{Version: 1, Socket: "/tmp/s", Cert: "AAAA"}) {
		t.Errorf("%+v, %v", h, err)
	}
	for line, want := range map[string]string{
		"":                            `its first line is ""`,
		"a|b|c|d":                     "not go-plugin's",
		"1|2|unix|/s|grpc|x":          "version 2 of the messages",
		"2|1|unix|/s|grpc|x":          "version 2 of the protocol",
		"1|1|tcp|1.2.3.4:5|grpc|x":    "not on a unix socket",
		"1|1|unix|s|grpc|x":           "no absolute path",
		"1|1|unix|/s|netrpc|x":        "net/rpc",
		"1|1|unix|/s|grpc":            "no TLS",
		strings.Repeat("long ", 1000): "long long",
	} {
		_, err := transport.ParseHandshake(line)
		if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 200 {
			t.Errorf("%q: %v", line, err)
		}
	}
}

// Whatever a plugin says first: no panic, one short line, and a socket that can be connected to.
func FuzzHandshake(f *testing.F) {
	f.Add("1|1|unix|/tmp/s|grpc|AAAA|true\n")
	f.Add("1|7|tcp||")
	f.Fuzz(func(t *testing.T, line string) {
		h, err := transport.ParseHandshake(line)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q", err)
			}
			return
		}
		if h.Socket[0] != '/' || strings.ContainsRune(h.Socket, 0) || h.Version != transport.Version {
			t.Errorf("%+v", h)
		}
		own, err := transport.NewCertificate()
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if c, err := transport.Dial(ctx, h, own); err == nil {
			c.Close()
			t.Error("connected to nobody")
		}
	})
}
