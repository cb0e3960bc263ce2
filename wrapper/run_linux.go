package wrapper

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/store"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest"
)

// Run runs the action, writes the manifest and the archive that the plan asks for, and returns the action's exit status:
// the command's own, or 128 and the number of the signal that ended it. The error is about feign's own work, an [*Error]
// whose Status says what a command should end with if the action's status is 0.
//
// A manifest is written whatever the command's status is: what it did is known. An archive is written only after success.
// When ctx is done or an error comes up, all processes of the action are killed and neither is written. Modes on the disk
// that were widened for the action's sake are the files' own again when Run returns.
//
// While Run runs, the signals SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGCONT and SIGTSTP that this process gets
// are the action's, and SIGPIPE does nothing. Before and after the action the first four end Run with 128 and their number.
// Where a shell does job control on this process, it stops when the command stops, by the same signal.
func Run(ctx context.Context, p *Plan, o RunOptions) (status int, err error) {
	ctx, signals := catchSignals(ctx)
	defer signals.release()
	r := &run{plan: p, options: o, signals: signals}
	if err := r.openState(ctx); err != nil {
		return 0, asInterrupted(ctx, err)
	}
	defer func() {
		switch e := r.closeState(); {
		case e == nil:
		case err == nil:
			err = e
		default:
			r.options.log(e.(*Error).Message())
		}
	}()
	if err := r.openPolicies(ctx); err != nil {
		return 0, asInterrupted(ctx, err)
	}
	defer func() { r.policies.close() }()
	if err := r.prepare(); err != nil {
		return 0, err
	}
	defer r.kernel.Close()
	defer r.kernel.Restore()
	if err := r.importLies(ctx); err != nil {
		return 0, asInterrupted(ctx, err)
	}
	if err := r.kernel.ClaimOwners(); err != nil {
		return 0, asInterrupted(ctx, &Error{What: "cannot give files the owners that a plugin wants", Err: err})
	}
	status, err = r.trace(ctx)
	if err == nil {
		err = r.leaveFiles()
	}
	if err == nil {
		err = r.policies.finish(ctx, status, r.options)
	}
	if o.Stats {
		r.logStats()
	}
	if err != nil {
		return 0, asInterrupted(ctx, err)
	}
	return status, asInterrupted(ctx, r.writeOutputs(ctx, status))
}

// run is one run of an action.
type run struct {
	plan     *Plan
	options  RunOptions
	signals  *signals
	index    *lies.Index
	state    *store.Store // nil without one
	kernel   *guest.Kernel
	tracer   *ptlib.Tracer
	imported *imported // nil without --import
	policies *policies // nil without plugins
	command  int       // pid of the command, 0 before its start
	entry    *entry    // nil, unless the command enters its root directory by itself
	ordered  *order    // what a daemon was told
}

// prepare makes the parts that a run consists of.
func (r *run) prepare() error {
	order, err := r.order()
	if err != nil {
		return err
	}
	if r.kernel, err = r.newKernel(order); err != nil {
		return err
	}
	filter, err := r.kernel.Filter()
	if err != nil {
		return &Error{What: "cannot make the seccomp filter", Err: err}
	}
	r.tracer = ptlib.New(ptlib.Options{Filter: filter, Handler: r, Shortcut: r.kernel.Shortcut(), Start: r.start()})
	return nil
}

// newKernel makes the kernel that the action of the order sees.
func (r *run) newKernel(o *order) (*guest.Kernel, error) {
	c, err := o.config()
	if err != nil {
		return nil, err
	}
	c.Lies = r.index
	c.Tell = func(line string) { r.options.log(Message{Level: LevelWarning, What: line}) }
	if r.state != nil {
		c.Event = r.event
	}
	if r.options.Verbose {
		c.Told = func(line string) { r.options.log(Message{Level: LevelLie, What: line}) }
	}
	k, err := guest.New(c)
	if err != nil {
		return nil, &Error{What: "cannot set up the tracer", Err: err}
	}
	return k, nil
}

// trace runs the command to the end of its last descendant.
func (r *run) trace(ctx context.Context) (status int, err error) {
	p, err := r.launched()
	if err != nil {
		return 0, err
	}
	r.signals.hold()
	ws, err := r.tracer.Run(ctx, func() (int, error) {
		pid, err := launch(p, r.options.log)
		r.command = pid
		return pid, err
	})
	r.signals.keep()
	switch {
	case ctx.Err() != nil:
		return 0, &Error{What: "the action was ended", Err: context.Cause(ctx)}
	case err != nil:
		return 0, traceError(err)
	case r.kernel.Err() != nil:
		return 0, &Error{What: "the action was ended", Err: r.kernel.Err()}
	case ws.Signaled():
		return 128 + int(ws.Signal()), nil
	}
	return ws.ExitStatus(), nil
}

// traceError says what to do about a tracer that did not come about.
func traceError(err error) error {
	var own *Error
	var start *ptlib.StartError
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &start):
		return execRefused(start.Path, start.Err)
	case errors.Is(err, ptlib.ErrNoTrace):
		return noTrace(err)
	case errors.Is(err, ptlib.ErrNoSeccomp):
		return &Error{What: "cannot trace the action", Err: err,
			Hint: "the kernel needs CONFIG_SECCOMP_FILTER, and no sandbox that forbids it"}
	}
	return &Error{What: "tracing failed", Err: err}
}

// noTrace says what may stand in the way of ptrace(2).
func noTrace(err error) *Error {
	return &Error{
		What: "cannot trace the action",
		Err:  err,
		Hint: "feign needs ptrace: kernel.yama.ptrace_scope at most 1, no sandbox that forbids it, and not to run inside strace, gdb or feign",
	}
}

func (r *run) logStats() { r.options.log(statsMessage(r.tracer.Stats(), r.index.Len(), r.policies)) }

func statsMessage(s ptlib.Stats, lies int, policies *policies) Message {
	return Message{Level: LevelInfo, What: "stats", Why: strings.Join([]string{
		fmt.Sprintf("%d threads", s.Threads), fmt.Sprintf("%d stops", s.Stops), fmt.Sprintf("%d calls", s.Calls),
		fmt.Sprintf("%d ptrace requests", s.Requests), fmt.Sprintf("%d memory transfers", s.Transfers),
		fmt.Sprintf("%d injected calls", s.Injected), fmt.Sprintf("%d lies", lies),
	}, ", ") + policies.stats()}
}

// A run is the tracer's Handler: calls are the guest kernel's business, processes as such are the run's.

// Syscall implements ptlib.Handler.
func (r *run) Syscall(c *ptlib.Call) { r.kernel.Syscall(c) }

// Refused implements ptlib.Handler.
func (r *run) Refused(t *ptlib.Thread, abi ptlib.ABI, nr int) { r.kernel.Refused(t, abi, nr) }

// Fork implements ptlib.Handler.
func (r *run) Fork(parent, child *ptlib.Thread, flags ptlib.CloneFlags) {
	r.kernel.Fork(parent, child, flags)
	if child.Tid == child.Tgid {
		r.signals.born(child.Tgid, parent.Tgid, flags.Has(unix.CLONE_VFORK))
	}
}

// Exec implements ptlib.Handler.
func (r *run) Exec(t, former *ptlib.Thread) {
	r.kernel.Exec(t, former)
	r.signals.released(t.Tgid)
	if t.Tid == r.command {
		r.signals.started(r.command)
	}
}

// Stopped implements ptlib.StopHandler.
func (r *run) Stopped(t *ptlib.Thread, sig unix.Signal) { r.signals.stopped(t.Tgid, sig) }

// Continued implements ptlib.StopHandler.
func (r *run) Continued(t *ptlib.Thread) { r.signals.continued(t.Tgid) }

// Exit implements ptlib.Handler. It ends what outlives the command, where that is asked for.
func (r *run) Exit(t *ptlib.Thread, status unix.WaitStatus) {
	r.kernel.Exit(t, status)
	if t.Tid == t.Tgid {
		r.signals.gone(t.Tgid)
	}
	if t.Tid == r.command && r.plan.Linger == LingerKill {
		r.tracer.Kill()
	}
}
