package wrapper

import (
	"errors"
	"os"
	"slices"

	"github.com/feign-build/feign/wrapper/guest"
	"github.com/feign-build/feign/wrapper/wire"
)

// Paths under dynamic rules are for plugins to decide, and these belong to the invocation, which stays for their sake: it has started
// them, keeps their time limits and defaults, says what goes wrong, and takes them with it when it ends. So a daemon asks the invocation,
// over the connection that they have. The process whose path it is waits in its stop, as it would for a tracer that asks by itself;
// other actions of the daemon have tracers of their own.

// resolve asks the invocation about paths. It is called on the tracer's thread.
func (a *action) resolve(paths []string) []guest.Verdict {
	file, err := sendable(paths)
	if err == nil {
		defer file.Close()
		if err = a.conn.Send(&wire.Resolve{}, int(file.Fd())); err == nil {
			select {
			case verdicts := <-a.resolved:
				if len(verdicts) == len(paths) {
					return verdicts
				}
			case <-a.hungUp: // the action is about to be killed
			}
		}
	}
	return slices.Repeat([]guest.Verdict{guest.Deny}, len(paths))
}

// heardVerdicts takes the invocation's answer.
func (a *action) heardVerdicts(files []*os.File) {
	var verdicts []guest.Verdict
	if len(files) == 1 {
		_ = receiveInto(&verdicts, files[0]) // what is no answer has the wrong length
	}
	select {
	case a.resolved <- verdicts:
	default: // nobody has asked
	}
}

// awaitEnd answers what the daemon asks of the plugins, until it says something else.
func (r *run) awaitEnd(conn *wire.Conn) (wire.Message, []*os.File, error) {
	for {
		m, files, err := conn.Receive()
		if err != nil || m.Type() != wire.TypeResolve {
			return m, files, err
		}
		err = r.answer(conn, files)
		wire.CloseFiles(files)
		if err != nil {
			return nil, nil, err
		}
	}
}

// answer has the plugins decide about the paths of one question.
func (r *run) answer(conn *wire.Conn, files []*os.File) error {
	policy := r.ordered.Policy
	if len(files) != 1 || policy == nil || policy.Resolve == nil {
		return errors.New("its question makes no sense")
	}
	var paths []string
	if err := receiveInto(&paths, files[0]); err != nil {
		return err
	}
	file, err := sendable(policy.Resolve(paths))
	if err != nil {
		return err
	}
	defer file.Close()
	return conn.Send(&wire.Resolved{}, int(file.Fd()))
}
