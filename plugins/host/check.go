package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/feign-build/feign/plugins"
	pb "github.com/feign-build/feign/plugins/policyv1"
	"github.com/feign-build/feign/plugins/transport"
)

// A Result is what one check of a plugin came to.
type Result struct {
	Name string
	Err  error // nil: it holds
}

// Check tries whether the program of s keeps to what is asked of a plugin, each time with fresh processes. b.Config is not used:
// s.Config has to be one that the plugin accepts.
func Check(ctx context.Context, s Spec, b plugins.Build, o Options) []Result {
	c := checker{spec: s, build: b, options: o}
	var out []Result
	for _, check := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"it starts, and says who it is", c.describes},
		{"its rules are valid, and of the kinds that it announced", c.compiles},
		{"the same question has the same answer, in a process of its own", c.repeats},
		{"the place of the build makes no difference but in paths", c.moves},
		{"a key that it does not know is an error", c.refusesKey},
		{"a configuration of another shape is an error, and not its end", c.survivesShape},
		{"it answers questions about paths, in their order", c.resolves},
		{"it hears how the action ended", c.finishes},
		{"a call that it does not know is answered so", c.unknownCall},
		{"it ends when it is told to, with all that it started", c.ends},
	} {
		out = append(out, Result{check.name, check.do(ctx)})
	}
	return out
}

// A checker tries one plugin.
type checker struct {
	spec    Spec
	build   plugins.Build
	options Options
}

// with compiles with a configuration in a fresh process, and has f look at the host.
func (c *checker) with(ctx context.Context, config json.RawMessage, dir string, f func(*Host, *plugins.Merged) error) error {
	h := New(c.options)
	defer h.Close()
	s, b := c.spec, c.build
	s.Config = config
	if dir != "" {
		b.Dir = dir
	}
	m, err := h.Compile(ctx, []Spec{s}, b)
	if err != nil {
		return err
	}
	return f(h, m)
}

func (c *checker) describes(ctx context.Context) error {
	return c.with(ctx, c.spec.Config, "", func(h *Host, _ *plugins.Merged) error {
		m := h.plugins[0]
		again, err := m.peer.describe(ctx)
		if err != nil {
			return err
		}
		if again.Name != m.info.Name || again.Version != m.info.Version || !slices.Equal(again.Kinds, m.info.Kinds) {
			return errors.New("asked again it describes itself otherwise")
		}
		return nil
	})
}

func (c *checker) compiles(ctx context.Context) error {
	return c.with(ctx, c.spec.Config, "", func(*Host, *plugins.Merged) error { return nil })
}

// canonical returns the plugin's rules for a build in dir.
func (c *checker) canonical(ctx context.Context, dir string) (text string, err error) {
	err = c.with(ctx, c.spec.Config, dir, func(_ *Host, m *plugins.Merged) error {
		text = m.Canonical()
		return nil
	})
	return text, err
}

func (c *checker) repeats(ctx context.Context) error {
	first, err := c.canonical(ctx, "")
	if err != nil {
		return err
	}
	time.Sleep(1100 * time.Millisecond) // so that a time of the day in seconds shows
	second, err := c.canonical(ctx, "")
	if err == nil && first != second {
		err = fmt.Errorf("the rules differ: %s", firstDifference(first, second))
	}
	return err
}

func (c *checker) moves(ctx context.Context) error {
	err := c.with(ctx, c.spec.Config, "/nonexistent/feign-check", func(*Host, *plugins.Merged) error { return nil })
	var own *Error
	if errors.As(err, &own) && own.died {
		return err
	}
	return nil // it may say that files are missing there
}

func (c *checker) refusesKey(ctx context.Context) error {
	config := map[string]json.RawMessage{}
	if len(c.spec.Config) > 0 {
		if err := json.Unmarshal(c.spec.Config, &config); err != nil {
			return err
		}
	}
	config["no-such-key-of-any-plugin"] = json.RawMessage("1")
	b, err := json.Marshal(config)
	if err != nil {
		return err
	}
	return c.refuses(ctx, b)
}

func (c *checker) survivesShape(ctx context.Context) error {
	for _, config := range []string{`[]`, `"text"`, `{`} {
		if err := c.refuses(ctx, json.RawMessage(config)); err != nil {
			return fmt.Errorf("%s: %w", config, err)
		}
	}
	return nil
}

// refuses wants an answer that is an error, from a process that goes on.
func (c *checker) refuses(ctx context.Context, config json.RawMessage) error {
	err := c.with(ctx, config, "", func(*Host, *plugins.Merged) error { return nil })
	var own *Error
	switch {
	case err == nil:
		return errors.New("it was accepted")
	case errors.As(err, &own) && own.policy:
		return nil
	}
	return err
}

func (c *checker) resolves(ctx context.Context) error {
	return c.with(ctx, c.spec.Config, "", func(h *Host, _ *plugins.Merged) error {
		if len(h.dynamic) == 0 {
			return nil
		}
		prefix := h.dynamic[0].Prefix
		var paths []string
		for i := range 1000 {
			paths = append(paths, fmt.Sprintf("%s/f%d", prefix, i))
		}
		all, err := h.Resolve(ctx, paths)
		if err != nil {
			return err
		}
		for _, i := range []int{0, 500, 999} {
			one, err := h.Resolve(ctx, paths[i:i+1])
			if err != nil {
				return err
			}
			if one[0] != all[i] {
				return fmt.Errorf("%s: %v alone, %v among others", paths[i], one[0], all[i])
			}
		}
		return nil
	})
}

func (c *checker) finishes(ctx context.Context) error {
	for _, s := range []plugins.Summary{
		{},
		{Status: 1, Accesses: []plugins.Access{{Path: "/x", PID: 1, Program: "p", Syscall: "openat", Verdict: plugins.Report}}, Accounts: "/nonexistent"},
		{Files: []plugins.File{{Path: "/etc/passwd", Data: []byte("nothing\n"), Mode: 0o644}}},
	} {
		err := c.with(ctx, c.spec.Config, "", func(h *Host, _ *plugins.Merged) error {
			_, err := h.Finish(ctx, s)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) unknownCall(ctx context.Context) error {
	return c.with(ctx, c.spec.Config, "", func(h *Host, _ *plugins.Merged) error {
		r, ok := h.plugins[0].peer.(*remote)
		if !ok {
			return nil
		}
		err := r.client.Call(ctx, "/feign.policy.v1.Policy/NoSuchCall", &pb.DescribeRequest{}, &pb.DescribeReply{})
		var status *transport.StatusError
		if !errors.As(err, &status) || status.Code != transport.Unimplemented {
			return fmt.Errorf("want the status %d of gRPC (unimplemented), got %v", transport.Unimplemented, err)
		}
		return nil
	})
}

func (c *checker) ends(ctx context.Context) error {
	return c.with(ctx, c.spec.Config, "", func(h *Host, _ *plugins.Merged) error {
		r, ok := h.plugins[0].peer.(*remote)
		if !ok {
			return nil
		}
		ctx, cancel := context.WithTimeout(ctx, endGrace)
		defer cancel()
		_ = r.client.Shutdown(ctx) // the connection may end before the answer
		if _, ended := r.process.ended(2 * endGrace); !ended {
			return fmt.Errorf("it still runs %v after it was told to end", 2*endGrace)
		}
		return nil
	})
}

// firstDifference returns the first line that two texts do not share.
func firstDifference(a, b string) string {
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] != b[i] {
			return fmt.Sprintf("%q, then %q", lineAt(a, i), lineAt(b, i))
		}
	}
	return "one has more"
}

func lineAt(s string, i int) string {
	start, end := i, i
	for start > 0 && s[start-1] != '\n' {
		start--
	}
	for end < len(s) && s[end] != '\n' {
		end++
	}
	return s[start:end]
}
