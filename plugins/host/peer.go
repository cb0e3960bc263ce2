package host

import (
	"context"
	"fmt"

	"github.com/feign-build/feign/plugins"
	"github.com/feign-build/feign/plugins/internal/wire"
	pb "github.com/feign-build/feign/plugins/policyv1"
	"github.com/feign-build/feign/plugins/transport"
)

// A peer is a plugin that can be called, in this process or in its own.
type peer interface {
	describe(ctx context.Context) (wire.Description, error)
	compile(ctx context.Context, b plugins.Build) (*plugins.Ruleset, error)
	resolve(ctx context.Context, paths []string) ([]plugins.Verdict, error)
	finish(ctx context.Context, s plugins.Summary) ([]plugins.Diagnostic, error)
	// ended says how the plugin's process ended, if it did.
	ended() (string, bool)
	close()
}

// start makes the peer of a plugin.
func (h *Host) start(ctx context.Context, m *member) (peer, error) {
	if m.Policy != nil {
		return &local{m.Policy}, nil
	}
	p, err := h.launch(ctx, m.Spec)
	if err != nil {
		return nil, err
	}
	return p, nil
}

// local is a policy of this process. It is held to the same rules.
type local struct{ policy plugins.Policy }

func (l *local) describe(ctx context.Context) (wire.Description, error) {
	info, err := l.policy.Describe(ctx)
	if err != nil {
		return wire.Description{}, err
	}
	d := wire.Describe(l.policy, info)
	return d, wire.CheckDescription(d)
}

func (l *local) compile(ctx context.Context, b plugins.Build) (*plugins.Ruleset, error) {
	r, err := l.policy.Compile(ctx, b)
	if err != nil {
		return nil, &transport.StatusError{Message: oneLine(err)}
	}
	if r == nil {
		return nil, fmt.Errorf("no ruleset")
	}
	return r, r.Validate()
}

func (l *local) resolve(ctx context.Context, paths []string) ([]plugins.Verdict, error) {
	list, err := l.policy.(plugins.Resolver).Resolve(ctx, paths)
	if err != nil {
		return nil, &transport.StatusError{Message: oneLine(err)}
	}
	return list, wire.CheckVerdicts(list, len(paths))
}

func (l *local) finish(ctx context.Context, s plugins.Summary) ([]plugins.Diagnostic, error) {
	list, err := l.policy.(plugins.Finisher).Finish(ctx, s)
	if err != nil {
		return nil, &transport.StatusError{Message: oneLine(err)}
	}
	return list, wire.CheckDiagnostics(list)
}

func (l *local) ended() (string, bool) { return "", false }
func (l *local) close()                {}

// remote is a policy of another process.
type remote struct {
	client  *transport.Client
	process *process
}

func (r *remote) describe(ctx context.Context) (wire.Description, error) {
	var reply pb.DescribeReply
	if err := r.client.Call(ctx, transport.CallDescribe, &pb.DescribeRequest{}, &reply); err != nil {
		return wire.Description{}, err
	}
	return wire.DecodeDescription(&reply)
}

func (r *remote) compile(ctx context.Context, b plugins.Build) (*plugins.Ruleset, error) {
	var reply pb.CompileReply
	if err := r.client.Call(ctx, transport.CallCompile, wire.EncodeBuild(b), &reply); err != nil {
		return nil, err
	}
	return wire.DecodeRuleset(reply.GetRuleset())
}

func (r *remote) resolve(ctx context.Context, paths []string) ([]plugins.Verdict, error) {
	var reply pb.ResolveReply
	if err := r.client.Call(ctx, transport.CallResolve, &pb.ResolveRequest{Paths: paths}, &reply); err != nil {
		return nil, err
	}
	return wire.DecodeVerdicts(&reply, len(paths))
}

func (r *remote) finish(ctx context.Context, s plugins.Summary) ([]plugins.Diagnostic, error) {
	var reply pb.FinishReply
	if err := r.client.Call(ctx, transport.CallFinish, wire.EncodeSummary(s), &reply); err != nil {
		return nil, err
	}
	return wire.DecodeDiagnostics(&reply)
}

func (r *remote) ended() (string, bool) { return r.process.ended(exitGrace) }

// close asks the process to end, and ends it.
func (r *remote) close() {
	ctx, cancel := context.WithTimeout(context.Background(), endGrace)
	defer cancel()
	if r.client.Shutdown(ctx) == nil {
		r.process.ended(endGrace)
	}
	r.client.Close()
	r.process.kill()
}
