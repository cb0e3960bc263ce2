package wrapper

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies/store"
	"github.com/feign-build/feign/wrapper/wire"
)

// How an invocation comes to a daemon:
//
//  1. Lock the state (flock(2)).
//  2. Who has the lock starts the daemon, which inherits it, and goes on when it listens.
//  3. Connect, and send Reserve.
//  4. Refused, or hung up before the answer: that daemon is no more. Start over.
//  5. Reserved: the daemon stays until the connection ends. Attach comes next.
//
// Only one at a time is between 1 and the end of the connecting (store.Gate). So who finds the state locked and nobody listening
// knows that the one who has the lock is about to leave it, and waits for the lock; who connects to a daemon that leaves
// waits in Reserve for its end. Nobody asks twice for what has not changed.

// reserve connects to the daemon of the plan's state, which is started if there is none, and reserves it. pid is the daemon's.
func (r *run) reserve() (conn *wire.Conn, pid int, err error) {
	for died := 0; ; {
		step("start over")
		conn, channel, err := r.connect()
		if errors.Is(err, errDied) && died < 3 {
			died++ // it was killed; one that fails by itself says why
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		step("connected")
		pid, err = reserveOn(conn, r.plan.State.scope())
		if channel != nil {
			channel.Close() // by which a daemon that was started stays until somebody has reserved it
		}
		if err == nil {
			return conn, pid, nil
		}
		conn.Close()
		if !errors.Is(err, io.EOF) {
			return nil, 0, r.daemonError(err)
		}
	}
}

// reserveOn sends Reserve. The error is io.EOF if the daemon hangs up.
func reserveOn(conn *wire.Conn, scope string) (pid int, err error) {
	pid, uid, err := conn.Peer()
	if err != nil {
		return 0, err
	}
	if uid != uint32(unix.Geteuid()) {
		return 0, &Error{Why: fmt.Sprintf("its daemon belongs to user %d", uid), Hint: "name a state of your own"}
	}
	m := &wire.Reserve{Scope: scope}
	if m.PIDNamespace, m.UserNamespace, err = namespaces(); err != nil {
		return 0, err
	}
	answer, err := ask(conn, m)
	if err != nil {
		return 0, err
	}
	reserved, ok := answer.(*wire.Reserved)
	if !ok {
		return 0, fmt.Errorf("its daemon gives an answer that makes no sense: %T", answer)
	}
	if pid == 0 {
		return 0, &Error{Why: "its daemon is in another pid namespace (container, sandbox), and cannot trace this process",
			Hint: "feign state stop it there, or name another state"}
	}
	if pid == os.Getpid() { // a socketpair tells who made it
		pid = int(reserved.PID)
	}
	return pid, nil
}

// ask sends a message and returns the answer, and a Refused as an error.
func ask(conn *wire.Conn, m wire.Message, files ...int) (wire.Message, error) {
	if err := conn.Send(m, files...); err != nil && !errors.Is(err, unix.EPIPE) && !errors.Is(err, unix.ECONNRESET) {
		return nil, err
	}
	return hear(conn)
}

// hear waits for a message, and returns a Refused as an error.
func hear(conn *wire.Conn) (wire.Message, error) {
	answer, got, err := conn.Receive()
	wire.CloseFiles(got)
	if refused, ok := answer.(*wire.Refused); ok {
		return nil, &Error{What: refused.What, Why: refused.Why, Hint: refused.Hint, Status: int(refused.Status)}
	}
	return answer, err
}

// namespaces returns the inode numbers of this process's pid and user namespaces.
func namespaces() (pid, user uint64, err error) {
	var st unix.Stat_t
	if err = unix.Stat("/proc/self/ns/pid", &st); err != nil {
		return 0, 0, &Error{What: "cannot read /proc/self/ns", Hint: "feign needs /proc to be mounted", Err: err}
	}
	pid = st.Ino
	if err := unix.Stat("/proc/self/ns/user", &st); err != nil {
		return pid, 0, nil // a kernel without user namespaces
	}
	return pid, st.Ino, nil
}

// daemonError is an error about the daemon of the plan's state.
func (r *run) daemonError(err error) error {
	what := "state " + r.plan.State.Path
	if r.plan.State.Path == "" {
		what = "--detach"
	}
	var (
		own     *Error
		version *wire.VersionError
	)
	switch {
	case errors.As(err, &own):
		if own.What == "" {
			own.What = what
		}
		return own
	case errors.As(err, &version):
		return &Error{What: what, Why: "its daemon is another version of feign: " + version.Error(), Hint: "feign state stop ends it", Err: err}
	}
	return &Error{What: what, Why: "its daemon cannot be spoken to: " + err.Error(), Err: err}
}

// errDied: a daemon that was started is gone before it could be connected to.
var errDied = errors.New("it ended before it could be connected to")

// connect returns a connection to the state's daemon, and the channel to it, if it was started.
func (r *run) connect() (conn, channel *wire.Conn, err error) {
	dir := r.plan.State.Path
	gate, err := store.Gate(dir)
	if err != nil {
		return nil, nil, stateError(err)
	}
	defer gate.Close()
	step("gate")
	lock, err := store.TryAcquire(dir, "starting its daemon")
	if errors.Is(err, store.ErrLocked) {
		step("locked")
		conn, err := wire.Dial(dir)
		if err == nil {
			return conn, nil, nil
		}
		if !wire.Absent(err) {
			return nil, nil, r.daemonError(err)
		}
		if lock, err = store.AwaitAcquire(dir, "starting its daemon"); err != nil {
			return nil, nil, stateError(err)
		}
	} else if err != nil {
		return nil, nil, stateError(err)
	}
	// The daemon has the lock too from its start on, and alone when it listens.
	defer lock.File().Close()
	if left := lock.Left(); left != "" {
		r.options.log(Message{Level: LevelWarning, What: "state " + dir, Why: left + " ended without giving it back",
			Hint: "what it had saved is kept, all but the last 50 ms"})
	}
	step("acquired")
	if channel, err = r.startDaemon(lock.File()); err != nil {
		lock.Release()
		return nil, nil, err
	}
	ready, err := hear(channel)
	switch {
	case errors.Is(err, io.EOF):
		err = errDied
	case err == nil && ready.Type() != wire.TypeReady:
		err = fmt.Errorf("it says %T", ready)
	}
	if err == nil {
		step("ready")
		if conn, err = wire.Dial(dir); wire.Absent(err) {
			err = errDied
		}
	}
	if err != nil {
		channel.Close()
		return nil, nil, r.daemonError(err)
	}
	return conn, channel, nil
}

// The descriptors that a daemon is started with.
const (
	channelFD = 3 + iota // to who has started it
	lockFD               // the state's lock, if there is a state
)

// startDaemon starts a daemon, with a lock to inherit or nil, and returns the channel to it.
func (r *run) startDaemon(lock *os.File) (*wire.Conn, error) {
	if len(r.options.Daemon) == 0 {
		return nil, &Error{What: "cannot start a daemon", Why: "nobody said how"}
	}
	own, its, err := wire.Pair()
	if err != nil {
		return nil, &Error{What: "cannot start a daemon", Err: err}
	}
	defer its.Close()
	s := r.plan.State
	argv := append(append([]string{}, r.options.Daemon...), daemonArgs(s, r.options.Foreground, false)...)
	attr := &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, 1, 2, uintptr(its.FD())}}
	if lock != nil {
		attr.Files = append(attr.Files, lock.Fd())
	}
	if err := spawn(argv, attr, !r.options.Foreground); err != nil {
		own.Close()
		return nil, &Error{What: "cannot start a daemon", Err: err}
	}
	return own, nil
}

// spawn starts argv and waits for its end, which comes at once: it has started the daemon by then, which is nobody's child.
func spawn(argv []string, attr *syscall.ProcAttr, detached bool) error {
	if detached {
		null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		defer null.Close()
		attr.Files[0], attr.Files[1], attr.Files[2] = null.Fd(), null.Fd(), null.Fd()
		attr.Dir, attr.Sys = "/", &syscall.SysProcAttr{Setsid: true}
	}
	pid, err := syscall.ForkExec("/proc/self/exe", argv, attr)
	if err != nil {
		return err
	}
	var status unix.WaitStatus
	for {
		if _, err = unix.Wait4(pid, &status, 0, nil); err != unix.EINTR {
			break
		}
	}
	if err == nil && status != 0 {
		err = fmt.Errorf("it ended with status %#x", int(status))
	}
	return err
}

// scope stands for the lists of a state's plan.
func (s *StatePlan) scope() string {
	sum := sha256.Sum256([]byte(strings.Join(realPaths(s.Include), "\x00") + "\x00\x00" + strings.Join(realPaths(s.Ignore), "\x00")))
	return string(sum[:])
}
