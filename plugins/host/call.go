package host

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/feign-build/feign/plugins/transport"
)

// An Error is what a plugin did wrong.
type Error struct {
	Plugin string
	Why    string
	Hint   string
	died   bool // its process ended
	policy bool // it is the policy's own answer
}

func (e *Error) Error() string {
	s := fmt.Sprintf("plugin %q: %s", e.Plugin, e.Why)
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// safely does what may be done twice; when the plugin's process ends meanwhile, it is started again, once in a build.
func (h *Host) safely(ctx context.Context, m *member, what string, f func() error) error {
	for {
		err := f()
		if err == nil {
			return nil
		}
		if m.peer != nil {
			m.peer.close()
			m.peer = nil
		}
		var e *Error
		if !errors.As(err, &e) {
			e = &Error{Plugin: m.Name, Why: what + ": " + oneLine(err)}
		}
		if !e.died || m.restarted || ctx.Err() != nil {
			if e.died && m.restarted {
				e.Why += "; it was started twice"
			}
			return e
		}
		m.restarted = true
	}
}

// limited makes one call within a time limit and says in one line what went wrong with it.
func (h *Host) limited(ctx context.Context, m *member, call string, limit time.Duration, count *int64, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if m.Policy == nil {
		*count++
	}
	err := f(ctx)
	if err == nil {
		return nil
	}
	var own *Error
	var status *transport.StatusError
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &Error{Plugin: m.Name, Why: fmt.Sprintf("no answer to %s within %v", call, limit)}
	case ctx.Err() != nil:
		return &Error{Plugin: m.Name, Why: call + " was interrupted"}
	}
	if errors.As(err, &status) {
		return &Error{Plugin: m.Name, Why: call + ": " + oneLine(status), policy: true}
	}
	if ended, ok := m.peer.ended(); ok {
		return &Error{Plugin: m.Name, Why: ended + " during " + call, died: true}
	}
	return &Error{Plugin: m.Name, Why: fmt.Sprintf("the answer to %s is of no use: %s", call, oneLine(err))}
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
