package wrapper

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/wrapper/wire"
)

// serve talks to one invocation until its action has ended. only says that there will be no other, and that it is reserved for.
func (d *daemon) serve(conn *wire.Conn, only bool) {
	defer conn.Close()
	if only {
		defer d.release()
	}
	// What is not read before the end of a connection takes the answer with it.
	m, files, err := conn.Receive()
	wire.CloseFiles(files)
	step("received")
	if err := checkPeer(conn); err != nil {
		_ = conn.Send(refusalOf(err))
		return
	}
	var version *wire.VersionError
	switch m := m.(type) {
	case *wire.Reserve:
		if err = checkNamespaces(m); err == nil {
			err = d.reserved(conn, m.Scope)
		}
	case *wire.Stop:
		if conn.Send(&wire.Stopping{}) == nil {
			d.stop()
			_, _, _ = conn.Receive()
		}
	case nil:
		if errors.As(err, &version) {
			// A daemon that nobody needs makes way for one of the other's version.
			err = d.makeWay(&Error{What: "state " + d.dir, Why: "its daemon is another version of feign: " + err.Error(),
				Hint: "wait for the end of its actions; feign state stop ends them"})
		}
	default:
		err = fmt.Errorf("%T is no beginning", m)
	}
	if err != nil {
		_ = conn.Send(refusalOf(err))
	}
}

// checkPeer refuses other users.
func checkPeer(conn *wire.Conn) error {
	_, uid, err := conn.Peer()
	if err == nil && uid != uint32(unix.Geteuid()) {
		err = &Error{What: "the daemon", Why: fmt.Sprintf("belongs to user %d, and this is user %d", unix.Geteuid(), uid), Hint: "name a state of your own"}
	}
	return err
}

// checkNamespaces refuses invocations that this process cannot trace, or not rightly.
func checkNamespaces(m *wire.Reserve) error {
	pid, user, err := namespaces()
	if err != nil {
		return err
	}
	which := "pid"
	switch {
	case pid != m.PIDNamespace:
	case user != m.UserNamespace:
		which = "user"
	default:
		return nil
	}
	return &Error{Why: fmt.Sprintf("its daemon (process %d there) is in another %s namespace (container, sandbox), and cannot trace this process",
		os.Getpid(), which), Hint: "feign state stop it there, or name another state"}
}

// makeWay waits until nobody has reserved the daemon, and then has it leave: whoever the error is about is hung up on by its
// end, and starts over. It returns the error if it is waiting for somebody in vain.
func (d *daemon) makeWay(err error) error {
	timer := time.AfterFunc(stopPatience, d.changed.Broadcast)
	defer timer.Stop()
	end := time.Now().Add(stopPatience)
	d.mu.Lock()
	for d.refs > 0 && time.Now().Before(end) {
		d.changed.Wait()
	}
	if d.refs > 0 {
		d.mu.Unlock()
		return err
	}
	d.leaveIfEmpty()
	d.mu.Unlock()
	d.outlive()
	return nil
}

// outlive waits for the end of the daemon, which hangs up. To hang up before would have the other side ask again and again
// while we leave.
func (d *daemon) outlive() { select {} }

// reserved answers Reserve, and goes on.
func (d *daemon) reserved(conn *wire.Conn, scope string) error {
	if scope != d.scope {
		return d.makeWay(d.scopeError())
	}
	d.mu.Lock()
	if d.leaving || d.stopped {
		d.mu.Unlock()
		d.outlive()
	}
	d.refs++
	d.waiting[conn] = true
	d.mu.Unlock()
	defer d.release()
	served := func() {
		d.mu.Lock()
		delete(d.waiting, conn)
		d.mu.Unlock()
	}
	defer served()
	step("reserved")
	if conn.Send(&wire.Reserved{PID: uint64(os.Getpid())}) != nil {
		return nil
	}
	m, files, err := conn.Receive()
	defer wire.CloseFiles(files)
	if err != nil {
		return nil // it has thought better of it
	}
	step("attach")
	attach, ok := m.(*wire.Attach)
	if !ok || len(files) != 2 {
		return fmt.Errorf("%T with %d descriptors does not come after Reserve", m, len(files))
	}
	a, err := d.newAction(conn, attach, files[0], files[1])
	if err != nil {
		return err
	}
	served()
	return a.run()
}
