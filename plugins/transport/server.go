package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/feign-build/feign/plugins"
	"github.com/feign-build/feign/plugins/internal/wire"
	pb "github.com/feign-build/feign/plugins/policyv1"
)

var empty = &emptypb.Empty{}

// ErrByHand says that a plugin was not started by a host.
var ErrByHand = errors.New("this is a plugin: feign starts it")

// Serve serves a policy to the host that started this process, until it is told to end. getenv is os.Getenv, stdout what the host reads.
func Serve(p plugins.Policy, getenv func(string) string, stdout io.Writer) error {
	if getenv(CookieKey) != CookieValue {
		return ErrByHand
	}
	cert, err := NewCertificate()
	if err != nil {
		return err
	}
	config, err := cert.server(getenv("PLUGIN_CLIENT_CERT"))
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(getenv("PLUGIN_UNIX_SOCKET_DIR"), "plugin")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	listener, err := net.Listen("unix", dir+"/s")
	if err != nil {
		return err
	}
	s := &server{policy: p, done: make(chan struct{})}
	h := &http.Server{Handler: s, ErrorLog: log.New(io.Discard, "", 0), Protocols: new(http.Protocols), ReadHeaderTimeout: CallLimit}
	h.Protocols.SetHTTP2(true)
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(tls.NewListener(listener, config)) }()
	if _, err := fmt.Fprintf(stdout, "%d|%d|unix|%s|grpc|%s\n", coreVersion, Version, listener.Addr(), cert.line()); err != nil {
		return err
	}
	select {
	case err = <-ended:
		return err
	case <-s.done:
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return h.Shutdown(ctx)
}

// CallLimit is how long a host may take to ask.
const CallLimit = time.Minute

// server answers calls of gRPC.
type server struct {
	policy plugins.Policy
	done   chan struct{} // closed by the call that ends the plugin
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/grpc")
	w.Header().Set("Trailer", "Grpc-Status, Grpc-Message")
	request, err := readFrame(r.Body)
	var reply []byte
	if err == nil {
		reply, err = s.answer(r.Context(), r.URL.Path, request)
	}
	if err == nil {
		err = writeFrame(w, reply)
	}
	code, text := 0, ""
	var status *StatusError
	switch {
	case errors.As(err, &status):
		code, text = status.Code, status.Message
	case err != nil:
		code, text = unknown, strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	w.Header().Set("Grpc-Status", strconv.Itoa(code))
	w.Header().Set("Grpc-Message", url.PathEscape(text))
}

// answer does one call.
func (s *server) answer(ctx context.Context, path string, request []byte) ([]byte, error) {
	switch path {
	case CallDescribe:
		info, err := s.policy.Describe(ctx)
		if err != nil {
			return nil, err
		}
		return proto.Marshal(wire.EncodeDescription(wire.Describe(s.policy, info)))
	case CallCompile:
		return call(request, &pb.CompileRequest{}, func(m *pb.CompileRequest) (*pb.CompileReply, error) {
			r, err := s.policy.Compile(ctx, wire.DecodeBuild(m))
			if err != nil {
				return nil, err
			}
			if r == nil {
				return nil, errors.New("no ruleset")
			}
			return &pb.CompileReply{Ruleset: wire.EncodeRuleset(r)}, nil
		})
	case CallResolve:
		if resolver, ok := s.policy.(plugins.Resolver); ok {
			return call(request, &pb.ResolveRequest{}, func(m *pb.ResolveRequest) (*pb.ResolveReply, error) {
				list, err := resolver.Resolve(ctx, m.GetPaths())
				return wire.EncodeVerdicts(list), err
			})
		}
	case CallFinish:
		if finisher, ok := s.policy.(plugins.Finisher); ok {
			return call(request, &pb.FinishRequest{}, func(m *pb.FinishRequest) (*pb.FinishReply, error) {
				list, err := finisher.Finish(ctx, wire.DecodeSummary(m))
				return wire.EncodeDiagnostics(list), err
			})
		}
	case callHealth:
		return protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 1), nil // SERVING
	case callShutdown:
		select {
		case <-s.done:
		default:
			close(s.done)
		}
		return nil, nil
	}
	return nil, &StatusError{Unimplemented, "unknown call " + path}
}

func call[A, B proto.Message](request []byte, a A, f func(A) (B, error)) ([]byte, error) {
	if err := proto.Unmarshal(request, a); err != nil {
		return nil, err
	}
	b, err := f(a)
	if err != nil {
		return nil, err
	}
	return proto.Marshal(b)
}
