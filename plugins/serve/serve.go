// Package serve makes a program of a policy: a plugin that feign can start. It is hashicorp/go-plugin's server with feign's
// messages; a plugin in another language does what that library's documentation tells of it.
//
// # In a nutshell
//
//	func main() { serve.Main(myPolicy{}) }
//
// # Locks
//
// No locks. The methods of a policy may be called from several goroutines, but feign makes one call at a time.
package serve

import (
	"context"
	"errors"
	"io"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/feign-build/feign/plugins"
	"github.com/feign-build/feign/plugins/internal/wire"
	"github.com/feign-build/feign/plugins/policyv1"
	"github.com/feign-build/feign/plugins/policyv1/policygrpc"
	"github.com/feign-build/feign/plugins/transport"
)

// Main serves p to the feign that started this process, and returns when feign is done with it. Started by anybody else it
// says what it is and exits with status 1.
func Main(p plugins.Policy) {
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: Handshake(),
		VersionedPlugins: map[int]plugin.PluginSet{
			transport.Version: {"policy": &grpcPlugin{policy: p}},
		},
		GRPCServer: func(o []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(o, grpc.MaxRecvMsgSize(transport.MaxMessage), grpc.MaxSendMsgSize(transport.MaxMessage))...)
		},
		Logger: hclog.New(&hclog.LoggerOptions{Output: io.Discard, Level: hclog.Off}), // standard error is the policy's own
	})
}

// Handshake is how go-plugin's two sides know each other.
func Handshake() plugin.HandshakeConfig {
	return plugin.HandshakeConfig{
		ProtocolVersion: transport.Version, MagicCookieKey: transport.CookieKey, MagicCookieValue: transport.CookieValue,
	}
}

// grpcPlugin is a policy as go-plugin wants one.
type grpcPlugin struct {
	plugin.NetRPCUnsupportedPlugin
	policy plugins.Policy
}

// GRPCServer implements plugin.GRPCPlugin.
func (g *grpcPlugin) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	policygrpc.RegisterPolicyServer(s, &server{policy: g.policy})
	return nil
}

// GRPCClient implements plugin.GRPCPlugin. The host does not use go-plugin; see package transport.
func (g *grpcPlugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return policygrpc.NewPolicyClient(c), nil
}

// server answers gRPC's calls by a policy.
type server struct {
	policygrpc.UnimplementedPolicyServer
	policy plugins.Policy
}

// Describe implements policygrpc.PolicyServer.
func (s *server) Describe(ctx context.Context, _ *policyv1.DescribeRequest) (*policyv1.DescribeReply, error) {
	info, err := s.policy.Describe(ctx)
	if err != nil {
		return nil, err
	}
	return wire.EncodeDescription(wire.Describe(s.policy, info)), nil
}

// Compile implements policygrpc.PolicyServer.
func (s *server) Compile(ctx context.Context, m *policyv1.CompileRequest) (*policyv1.CompileReply, error) {
	r, err := s.policy.Compile(ctx, wire.DecodeBuild(m))
	switch {
	case err != nil:
		return nil, err
	case r == nil:
		return nil, errors.New("no ruleset")
	}
	return &policyv1.CompileReply{Ruleset: wire.EncodeRuleset(r)}, nil
}

// Resolve implements policygrpc.PolicyServer.
func (s *server) Resolve(ctx context.Context, m *policyv1.ResolveRequest) (*policyv1.ResolveReply, error) {
	r, ok := s.policy.(plugins.Resolver)
	if !ok {
		return nil, status.Error(codes.Unimplemented, "no dynamic rules")
	}
	list, err := r.Resolve(ctx, m.GetPaths())
	if err != nil {
		return nil, err
	}
	return wire.EncodeVerdicts(list), nil
}

// Finish implements policygrpc.PolicyServer.
func (s *server) Finish(ctx context.Context, m *policyv1.FinishRequest) (*policyv1.FinishReply, error) {
	f, ok := s.policy.(plugins.Finisher)
	if !ok {
		return nil, status.Error(codes.Unimplemented, "nothing to finish")
	}
	list, err := f.Finish(ctx, wire.DecodeSummary(m))
	if err != nil {
		return nil, err
	}
	return wire.EncodeDiagnostics(list), nil
}
