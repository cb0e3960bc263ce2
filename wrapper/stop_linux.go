package wrapper

import (
	"errors"
	"io"

	"github.com/feign-build/feign/lies/store"
	"github.com/feign-build/feign/wrapper/wire"
)

// StopDaemon ends the daemon of the state in the directory dir, with the actions that it traces: their processes get SIGTERM, and
// those that are left after two seconds are killed. What they have claimed is saved. It returns when the daemon has given the
// state back; stopped is false if there was none.
func StopDaemon(dir string) (stopped bool, err error) {
	if _, err := store.Holder(dir); err != nil {
		return false, stateError(err)
	}
	defer func() {
		// A daemon that leaves has the state a little longer than its socket.
		if lock, e := store.AcquireExisting(dir, "feign state stop"); err == nil && e == nil {
			err = lock.Release()
		}
	}()
	conn, err := wire.Dial(dir)
	if wire.Absent(err) {
		return false, nil
	}
	r := &run{plan: &Plan{State: StatePlan{Path: dir}}}
	if err != nil {
		return false, r.daemonError(err)
	}
	defer conn.Close()
	switch m, err := ask(conn, &wire.Stop{}); {
	case errors.Is(err, io.EOF): // it was leaving anyway
	case err != nil:
		return false, r.daemonError(err)
	case m.Type() != wire.TypeStopping:
		return false, r.daemonError(errors.New("its answer makes no sense"))
	default:
		_, _ = hear(conn) // it hangs up with its end
	}
	return true, nil
}
