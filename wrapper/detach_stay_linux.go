package wrapper

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest"
	"github.com/feign-build/feign/wrapper/wire"
)

// detachStaying runs the command as a child that the daemon traces, waits for the end of the action, and does what is to be done
// after it.
func (r *run) detachStaying(ctx context.Context) (status int, err error) {
	type result struct {
		status int
		err    error
	}
	done := make(chan result, 1)
	go func() {
		// Never unlocked: the command is killed if the thread ends that has started it.
		runtime.LockOSThread()
		status, err := r.stay(ctx)
		done <- result{status, err}
	}()
	got := <-done
	return got.status, got.err
}

func (r *run) stay(ctx context.Context) (int, error) {
	ctx, r.signals = catchSignals(ctx)
	defer r.signals.release()
	if err := r.openPolicies(ctx); err != nil {
		return 0, asInterrupted(ctx, err)
	}
	defer func() { r.policies.close() }()
	r.signals.hold()
	conn, err := r.attach(ctx, func(daemon int) (*wire.Attach, error) {
		kernel, err := r.newKernel(r.ordered)
		if err != nil {
			return nil, err
		}
		r.kernel = kernel // for what it knows of the plan; the one that the action sees is the daemon's
		p, err := r.launched()
		if err != nil {
			return nil, err
		}
		pid, err := ptlib.New(ptlib.Options{Start: r.start()}).HandOver(daemon, func() (int, error) { return launch(p, r.options.log) })
		if err != nil {
			return nil, traceError(err)
		}
		r.command = pid
		return &wire.Attach{PID: uint64(pid), TID: uint64(pid), Given: true, Stay: true}, nil
	})
	if err != nil {
		if r.command != 0 {
			reap(r.command)
		}
		r.signals.keep()
		return 0, asInterrupted(ctx, err)
	}
	defer conn.Close()
	r.signals.relayLinger(func(sig unix.Signal) { _ = conn.Send(&wire.Signal{Number: uint64(sig)}) })
	r.signals.started(r.command)
	stop := context.AfterFunc(ctx, func() { _ = conn.Send(&wire.Signal{Number: uint64(unix.SIGKILL)}) })
	defer stop()

	ended := make(chan unix.WaitStatus, 1)
	go func() { ended <- r.awaitCommand() }()
	m, files, err := r.awaitEnd(conn)
	defer wire.CloseFiles(files)
	r.signals.keep()
	if err != nil {
		reap(r.command)
		<-ended
		if ctx.Err() != nil {
			return 0, asInterrupted(ctx, &Error{What: "the action was ended", Err: context.Cause(ctx)})
		}
		if errors.Is(err, io.EOF) {
			err = &Error{Why: "its daemon has died, and the action with it", Hint: "run it again: what was saved is kept"}
		}
		return 0, r.daemonError(err)
	}
	end, ok := m.(*wire.Ended)
	if !ok {
		reap(r.command)
		return 0, r.daemonError(errors.New("its answer makes no sense"))
	}
	return r.conclude(ctx, conn, end, files, <-ended)
}

// awaitCommand waits for the end of the command, and for its stops, which this process is to share.
func (r *run) awaitCommand() unix.WaitStatus {
	for {
		var ws unix.WaitStatus
		_, err := unix.Wait4(r.command, &ws, unix.WUNTRACED|unix.WCONTINUED, nil)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return ws
		case ws.Stopped():
			r.signals.stopped(r.command, ws.StopSignal())
		case ws.Continued():
			r.signals.continued(r.command)
		default:
			r.signals.gone(r.command)
			return ws
		}
	}
}

// conclude does what is to be done after the action.
func (r *run) conclude(ctx context.Context, conn *wire.Conn, end *wire.Ended, files []*os.File, ws unix.WaitStatus) (int, error) {
	// The daemon gives modes on the disk back when it is told that nobody looks at the tree any more.
	defer func() {
		conn.Done()
		for {
			_, files, err := conn.Receive()
			if err != nil {
				return
			}
			wire.CloseFiles(files)
		}
	}()
	if r.options.Stats {
		s := end.Stats
		r.options.log(statsMessage(ptlib.Stats{Stops: s[0], Calls: s[1], Requests: s[2], Transfers: s[3], Injected: s[4], Threads: s[5]}, int(end.Lies), r.policies))
	}
	status := ws.ExitStatus()
	if ws.Signaled() {
		status = 128 + int(ws.Signal())
	}
	var failure error
	switch {
	case ctx.Err() != nil:
		return 0, asInterrupted(ctx, &Error{What: "the action was ended", Err: context.Cause(ctx)})
	case end.Killed:
		return 0, &Error{What: end.Failure}
	case end.Failure != "":
		failure = &Error{What: end.Failure}
	}
	if err := r.takeOutcome(files); err != nil {
		return 0, r.daemonError(err)
	}
	if err := r.policies.finish(ctx, status, r.options); err != nil {
		return 0, asInterrupted(ctx, err)
	}
	return status, errors.Join(failure, asInterrupted(ctx, r.writeOutputs(ctx, status)))
}

// An outcome is what a daemon tells of an action that has ended.
type outcome struct {
	Lies     []lies.Lie      // what is claimed
	Accesses []guest.Access  // what the policy wanted to be told
	Left     []guest.MemFile // the policy's files in memory
}

// takeOutcome makes the index of what the daemon has sent, and passes on what the policy wants to be told.
func (r *run) takeOutcome(files []*os.File) error {
	if len(files) != 1 {
		return errors.New("it does not tell what is claimed")
	}
	var o outcome
	if err := receiveInto(&o, files[0]); err != nil {
		return err
	}
	r.index = lies.New(lies.Options{})
	for _, lie := range o.Lies {
		r.index.Set(lie)
	}
	if r.policies != nil {
		r.policies.leave(o.Left)
	}
	for _, access := range o.Accesses {
		if p := r.ordered.Policy; p != nil && p.Report != nil {
			p.Report(access)
		}
	}
	return nil
}
