package wrapper

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/store"
	"github.com/feign-build/feign/plugins"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest"
	"github.com/feign-build/feign/wrapper/wire"
)

// An action is one that a daemon traces, by a tracer on a thread of its own. The guest kernel is the Handler, and what is
// the daemon's business is added here.
type action struct {
	*guest.Kernel
	daemon *daemon
	conn   *wire.Conn
	attach *wire.Attach
	order  *order
	tracer *ptlib.Tracer
	thread int           // the tracer's
	begun  bool          // the command runs
	failed error         // why it did not come about, or could not be saved
	killed bool          // the daemon has ended it
	hungUp chan struct{} // closed when an invocation that stays has hung up

	saving   atomic.Bool          // what is claimed is being saved, and if that fails save tells
	unsaved  bool                 // it could not be saved, and that was told
	accesses []guest.Access       // for the policy
	resolved chan []guest.Verdict // answers to Resolve

	mu     sync.Mutex
	stderr *os.File // where messages go; nil when nobody reads them any more
}

// newAction makes an action of what an invocation says.
func (d *daemon) newAction(conn *wire.Conn, attach *wire.Attach, text, stderr *os.File) (*action, error) {
	a := &action{daemon: d, conn: conn, attach: attach, order: &order{}, stderr: stderr, hungUp: make(chan struct{}), resolved: make(chan []guest.Verdict, 1)}
	if err := receiveInto(a.order, text); err != nil {
		return nil, fmt.Errorf("what it says of the action cannot be read: %w", err)
	}
	peer, _, err := conn.Peer()
	if err != nil {
		return nil, err
	}
	if err := checkThread(peer, int(attach.PID), int(attach.TID), d.dir == ""); err != nil {
		return nil, err
	}
	config, err := a.order.config()
	if err != nil {
		return nil, err
	}
	config.Lies, config.Shared = d.index, &d.shared
	config.Leave = d.store != nil
	config.Tell = func(line string) { a.say(Message{Level: LevelWarning, What: line}) }
	if d.store != nil {
		config.Event = func(e guest.Event) {
			d.store.Log(store.Event{PID: e.PID, Program: e.Program, Syscall: e.Syscall, Path: e.Path, Claim: e.Claim, Result: e.Result})
		}
	}
	if a.order.Verbose {
		config.Told = func(line string) { a.say(Message{Level: LevelLie, What: line}) }
	}
	if config.Policy != nil {
		config.Policy.Report = func(access guest.Access) { a.accesses = append(a.accesses, access) }
		if attach.Stay { // else there is nobody to ask, and guest.New says so
			config.Policy.Resolve = a.resolve
		}
	}
	if a.Kernel, err = guest.New(config); err != nil {
		return nil, &Error{What: "cannot set up the tracer", Err: err}
	}
	filter, err := a.Kernel.Filter()
	if err != nil {
		return nil, &Error{What: "cannot make the seccomp filter", Err: err}
	}
	a.tracer = ptlib.New(ptlib.Options{Filter: filter, Handler: a, Leaving: a.leaving, Ending: a.ending, Shortcut: a.Kernel.Shortcut()})
	return a, nil
}

// checkThread sees that a thread is one of the invocation's own or of a child of it. Without a state the invocation is who has
// started this process, and there is nobody else.
func checkThread(peer, pid, tid int, only bool) error {
	if err := unix.Tgkill(pid, tid, 0); err != nil { // not by /proc, which may be that of another pid namespace
		return fmt.Errorf("there is no thread %d of process %d", tid, pid)
	}
	if only || pid == peer || parentOf(pid) == peer {
		return nil
	}
	return fmt.Errorf("process %d is not of process %d", pid, peer)
}

// parentOf returns the parent of a process, 0 if it is gone.
func parentOf(pid int) int {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	var state string
	var parent int
	// The name, in parentheses, may hold anything.
	if _, err := fmt.Sscan(string(text[max(0, slices.Index(text, ')')+1):]), &state, &parent); err != nil {
		return 0
	}
	return parent
}

// run traces the action to its end. The error is for the invocation, which has not been attached to then.
func (a *action) run() error {
	d := a.daemon
	defer a.Kernel.Close()
	d.mu.Lock()
	d.actions[a] = true
	stopped := d.stopped
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		delete(d.actions, a)
		d.mu.Unlock()
	}()
	if stopped {
		return nil
	}
	for _, lie := range a.order.Lies {
		d.index.Set(lie)
	}
	if err := a.Kernel.ClaimOwners(); err != nil {
		return &Error{What: "cannot give files the owners that a plugin wants", Err: err}
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	attached := func() error {
		a.thread = unix.Gettid()
		step("attached")
		if err := a.conn.Send(&wire.Attached{}); err != nil {
			return err
		}
		if a.attach.Stay {
			go a.listen(cancel)
		}
		return nil
	}
	var err error
	if a.attach.Given {
		_, err = a.tracer.TakeOver(ctx, int(a.attach.PID), attached)
	} else {
		_, err = a.tracer.Adopt(ctx, int(a.attach.PID), int(a.attach.TID), attached)
	}
	if err != nil && a.thread == 0 {
		return attachError(err)
	}
	if err != nil && !errors.Is(err, ptlib.ErrNoProgram) && !errors.Is(err, context.Canceled) {
		a.killed = true
		a.fail(traceError(err))
	}
	if a.Err() != nil {
		a.killed = true
		a.fail(&Error{What: "the action was ended", Err: a.Err()})
	}
	if a.attach.Stay {
		a.finish()
	}
	a.Restore()
	return nil
}

// attachError says why a process could not be attached to.
func attachError(err error) error {
	return &Error{
		Why:  "its daemon cannot trace this process: " + err.Error(),
		Hint: "the kernel allows it where kernel.yama.ptrace_scope is at most 1, no sandbox forbids it, and both run as the same user and group",
		Err:  err,
	}
}

// fail tells why the daemon has ended the action, or what it could not do.
func (a *action) fail(err error) {
	if a.failed == nil {
		a.failed = err
	}
	if !a.attach.Stay { // else the invocation says it
		var own *Error
		if errors.As(err, &own) {
			a.say(own.Message())
		}
	}
}

// say writes a message to the invocation's standard error.
func (a *action) say(m Message) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.stderr != nil {
		_, _ = a.stderr.WriteString(m.Line(a.order.JSON))
	}
}

// Exec implements ptlib.Handler.
func (a *action) Exec(t, former *ptlib.Thread) {
	if !a.begun {
		a.begun, a.thread = true, unix.Gettid()
		if !a.attach.Given {
			if err := setRlimits(t.Tgid, a.order.Rlimits); err != nil {
				a.fail(err)
				a.tracer.Kill()
			}
		}
	}
	a.Kernel.Exec(t, former)
}

// Exit implements ptlib.Handler. It ends what outlives the command, where that is asked for.
func (a *action) Exit(t *ptlib.Thread, status unix.WaitStatus) {
	a.Kernel.Exit(t, status)
	if t.Tid == int(a.attach.PID) && a.order.Linger == LingerKill {
		a.tracer.Kill()
	}
}

// leaving is the moment when the command is about to end with a status: what it has claimed is saved while it can still be kept from
// ending well. If it cannot be saved, success is none.
func (a *action) leaving(status uint8) uint8 {
	a.Settle()
	if !a.save() && status == 0 && !a.attach.Stay { // an invocation that stays has a status of its own to say so
		return StatusOwn
	}
	return status
}

// save commits what is claimed, and tells, once, if it cannot be.
func (a *action) save() bool {
	s := a.daemon.store
	if s == nil {
		return true
	}
	step("commit")
	a.saving.Store(true)
	err := s.Flush(context.Background())
	a.saving.Store(false)
	step("committed")
	if err != nil && !a.unsaved {
		e := stateError(err)
		e.Hint = "what could not be saved is lost if the daemon ends before it can be"
		a.fail(e)
	}
	a.unsaved = err != nil
	return err == nil
}

// ending is the moment when the command has ended and its parent does not know it yet: what it has claimed is saved, if a signal
// has ended it, and modes on the disk are given back, unless other processes of the action may still need them.
func (a *action) ending(last bool) {
	a.Settle()
	if last && !a.attach.Stay {
		a.Restore()
	}
	a.save()
	if a.begun && !a.attach.Stay {
		// Whoever reads what the command says waits for the last one that could say something.
		a.mu.Lock()
		a.stderr.Close()
		a.stderr = nil
		a.mu.Unlock()
	}
}

// listen hears what an invocation that stays has to say, until it hangs up.
func (a *action) listen(cancel func()) {
	for {
		m, files, err := a.conn.Receive()
		if err != nil {
			close(a.hungUp)
			cancel()
			return
		}
		switch m := m.(type) {
		case *wire.Resolved:
			a.heardVerdicts(files)
		case *wire.Signal:
			switch {
			case m.Number == uint64(unix.SIGKILL): // it is meant for those too that are yet to be born
				a.tracer.Kill()
			case m.Number > 0 && m.Number <= 64:
				a.tracer.Signal(unix.Signal(m.Number))
			}
		}
		wire.CloseFiles(files)
	}
}

// finish tells an invocation that stays that the action has ended, and what is claimed, and waits until it hangs up.
func (a *action) finish() {
	all := outcome{Lies: make([]lies.Lie, 0, a.daemon.index.Len()), Accesses: a.accesses}
	for lie := range a.daemon.index.All() {
		all.Lies = append(all.Lies, lie)
	}
	var err error
	if all.Left, err = a.Left(plugins.MaxFileSize); err != nil {
		a.fail(leftError(err))
	}
	var fds []int
	if file, err := sendable(all); err == nil {
		defer file.Close()
		fds = []int{int(file.Fd())}
	} else {
		a.fail(&Error{What: "cannot tell what is claimed", Err: err})
	}
	s := a.tracer.Stats()
	ended := &wire.Ended{Stats: [6]uint64{s.Stops, s.Calls, s.Requests, s.Transfers, s.Injected, s.Threads}, Lies: uint64(len(all.Lies)), Killed: a.killed}
	if a.failed != nil {
		ended.Failure = cut(a.failed.Error(), 4<<10)
	}
	if a.conn.Send(ended, fds...) == nil {
		<-a.hungUp
	}
}
