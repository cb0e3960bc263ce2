package wrapper

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/wrapper/wire"
)

// Detach is Run with a daemon as the tracer: the one of the plan's state, or one for this action alone if the plan names no
// state. The command takes the place of this process, as by execve(2): it stays the child of whoever is the parent, has its
// pid, and what it leaves running is nobody's to wait for. So Detach returns only if that fails.
//
// Where something is to be done after the command (a manifest, an archive, statistics, plugins that are told how it went), the
// command is a child instead, and Detach does all that Run does.
//
// What is claimed is committed to the state before the parent can see the end of the command.
func Detach(ctx context.Context, p *Plan, o RunOptions) (status int, err error) {
	r := &run{plan: p, options: o, index: lies.New(lies.Options{})}
	if p.Manifest.Path != "" || p.Archive.Path != "" || o.Stats || len(p.Plugins) > 0 {
		return r.detachStaying(ctx)
	}
	return 0, r.detach(ctx)
}

// detach becomes the command.
func (r *run) detach(ctx context.Context) error {
	p := r.plan
	if err := checkDir(p.Dir); err != nil {
		return err
	}
	path, err := findCommand(p)
	if err != nil {
		return err
	}
	if err := checkRlimits(p.Rlimits); err != nil {
		return err
	}
	conn, err := r.attach(ctx, func(daemon int) (*wire.Attach, error) {
		// Only the thread that executes the command is attached to. Nothing after this may leave it.
		runtime.LockOSThread()
		// A kernel without Yama does not know the option, and does not ask for it.
		if err := unix.Prctl(unix.PR_SET_PTRACER, uintptr(daemon), 0, 0, 0); err != nil && err != unix.EINVAL {
			return nil, &Error{What: "cannot allow the daemon to trace", Err: err}
		}
		return &wire.Attach{PID: uint64(os.Getpid()), TID: uint64(unix.Gettid())}, nil
	})
	if err != nil {
		return err
	}
	step("attached")
	if err := r.become(path); err != nil {
		conn.Close()
		return err
	}
	panic("unreachable: the command runs")
}

// attach makes everything that the action needs known to a daemon, which attaches to the thread that begin tells of. begin is
// given the daemon's pid.
func (r *run) attach(ctx context.Context, begin func(daemon int) (*wire.Attach, error)) (*wire.Conn, error) {
	order, err := r.order()
	if err != nil {
		return nil, err
	}
	if err := r.importLies(ctx); err != nil {
		return nil, err
	}
	for lie := range r.index.All() {
		order.Lies = append(order.Lies, lie)
	}
	r.ordered = order
	file, err := sendable(order)
	if err != nil {
		return nil, &Error{What: "cannot tell the daemon of the action", Err: err}
	}
	defer file.Close()
	for {
		conn, daemon, err := r.daemon()
		if err != nil {
			return nil, err
		}
		m, err := begin(daemon)
		if err != nil {
			conn.Close()
			return nil, err
		}
		step("attach")
		_, err = ask(conn, m, int(file.Fd()), 2)
		if err == nil {
			return conn, nil
		}
		conn.Close()
		if !errors.Is(err, io.EOF) {
			return nil, r.daemonError(err)
		}
		// The daemon was killed, or told to end. It had not attached to this process, which would be dead as well.
		if m.Given || r.plan.State.Path == "" {
			return nil, r.daemonError(errors.New("it hung up"))
		}
	}
}

// daemon returns a connection to a daemon that is reserved: the state's, or a new one.
func (r *run) daemon() (conn *wire.Conn, pid int, err error) {
	if r.plan.State.Path != "" {
		return r.reserve()
	}
	if conn, err = r.startDaemon(nil); err != nil {
		return nil, 0, err
	}
	if pid, err = reserveOn(conn, r.plan.State.scope()); err != nil {
		conn.Close()
		if errors.Is(err, io.EOF) {
			err = errors.New("it hung up")
		}
		return nil, 0, r.daemonError(err)
	}
	return conn, pid, nil
}

// become executes the command in the place of this process. It returns only an error.
func (r *run) become(path string) error {
	p := r.plan
	stdin, err := openStdin(p.Stdin)
	if err != nil {
		return err
	}
	if stdin != 0 {
		if err := unix.Dup3(int(stdin), 0, 0); err != nil {
			return &Error{What: "cannot use " + os.DevNull, Err: err}
		}
	}
	if p.CloseFDs {
		if err := closeOnExec(); err != nil {
			return &Error{What: "hermetic.close_fds", Hint: "set it to false", Err: err}
		}
	}
	if _, err := prepareThread(p, r.options.log); err != nil {
		return err
	}
	if err := unix.Chdir(p.Dir); err != nil {
		return &Error{What: "cannot start in " + p.Dir, Hint: "see action.cwd", Err: err}
	}
	step("exec")
	err = syscall.Exec(path, p.Argv, p.Env)
	if errors.Is(err, unix.ENOEXEC) && isText(inDir(p.Dir, path)) {
		err = syscall.Exec("/bin/sh", append([]string{"/bin/sh", path}, p.Argv[1:]...), p.Env)
	}
	return execError(p, path, err)
}
