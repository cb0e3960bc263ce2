package ptlib

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// ErrNoProgram: a process that was adopted has ended without executing a program.
var ErrNoProgram = errors.New("the process ended before it executed a program")

// seizeOptions are those of a process that is not yet at its program: of what it does until then only the end is of interest,
// and threads that it makes are its own business.
const seizeOptions = unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_EXITKILL

// Adopt is Run for a process that is no child of this one. Its thread tid (which need not be the leader) is attached to,
// and attached is called: from then on the process is killed if this one dies. What it executes next is traced as the
// command, from before its first instruction; until then it does what it likes. The process must be one that ptrace(2)
// lets this one attach to; under Yama it has to ask for that (PR_SET_PTRACER).
//
// The error is ErrNoTrace, without attached having been called, if it cannot be attached to; ErrNoProgram, if it ended
// instead of executing anything; else as for Run. An error of attached ends the process.
func (tr *Tracer) Adopt(ctx context.Context, pid, tid int, attached func() error) (unix.WaitStatus, error) {
	return tr.onThread(func() (unix.WaitStatus, error) {
		return tr.attach(ctx, pid, func(t *Thread) error {
			if errno := ptrace(unix.PTRACE_SEIZE, tid, 0, seizeOptions); errno != 0 {
				return &refusal{errno}
			}
			if err := attached(); err != nil {
				return err
			}
			if err := tr.awaitProgram(pid); err != nil {
				return err
			}
			t.known, t.dirty, t.fresh = false, false, true
			if errno := t.request(unix.PTRACE_SETOPTIONS, 0, traceOptions); errno != 0 {
				return fmt.Errorf("%w: options: %w", ErrNoTrace, errno)
			}
			if errno := t.leaveExec(); errno != 0 {
				return fmt.Errorf("end of execve: %w", errno)
			}
			return tr.begin(t)
		})
	})
}

// TakeOver is Adopt for a process that another tracer has given away by HandOver. attached is called when the command is about
// to run.
func (tr *Tracer) TakeOver(ctx context.Context, pid int, attached func() error) (unix.WaitStatus, error) {
	return tr.onThread(func() (unix.WaitStatus, error) {
		return tr.attach(ctx, pid, func(t *Thread) error {
			if errno := ptrace(unix.PTRACE_SEIZE, pid, 0, traceOptions); errno != 0 {
				return &refusal{errno}
			}
			if err := t.leaveStop(); err != nil {
				return err
			}
			if err := tr.begin(t); err != nil {
				return err
			}
			return attached()
		})
	})
}

// HandOver starts a command by launch, as Run does, and gives it away: it is stopped before its first instruction, is not
// traced any more, and allows the process tracer to attach to it (Yama; PR_SET_PTRACER). The calling goroutine must be
// locked to its thread. After an error the command is dead, or never was.
func (tr *Tracer) HandOver(tracer int, launch func() (pid int, err error)) (pid int, err error) {
	if pid, err = launch(); err != nil {
		return 0, err
	}
	t := tr.newThread(pid, pid)
	t.space = newAddressSpace()
	if err := t.handOver(tracer); err != nil {
		tr.Kill()
		tr.drain()
		return 0, err
	}
	return pid, nil
}

func (t *Thread) handOver(tracer int) error {
	if err := t.awaitStop(0, unix.SIGTRAP); err != nil {
		return err
	}
	if errno := t.request(unix.PTRACE_SETOPTIONS, 0, seizeOptions); errno != 0 {
		return fmt.Errorf("%w: options: %w", ErrNoTrace, errno)
	}
	t.fresh = true
	if err := t.started(); err != nil {
		return err
	}
	if errno := t.load(); errno != 0 {
		return fmt.Errorf("read the command's registers: %w", errno)
	}
	// A kernel without Yama does not know the option, and does not ask for it.
	if _, errno := t.injectSys(t.regs.abi(), SysPrctl, unix.PR_SET_PTRACER, uint64(tracer)); errno != 0 && errno != unix.EINVAL {
		return fmt.Errorf("%w: allow another tracer: %w", ErrNoTrace, errno)
	}
	t.unblock()
	t.flush()
	if errno := t.request(unix.PTRACE_DETACH, 0, uintptr(unix.SIGSTOP)); errno != 0 {
		return fmt.Errorf("%w: detach: %w", ErrNoTrace, errno)
	}
	return nil
}

// A refusal is ErrNoTrace for a process that could not be attached to, and so goes on without us.
type refusal struct{ errno unix.Errno }

func (r *refusal) Error() string   { return ErrNoTrace.Error() + ": " + r.errno.Error() }
func (r *refusal) Unwrap() []error { return []error{ErrNoTrace, r.errno} }

// awaitProgram lets an adopted process run until it executes a program. Signals on the way are its own, and so are stops.
func (tr *Tracer) awaitProgram(pid int) error {
	for {
		ch, err := tr.wait()
		if err != nil {
			return fmt.Errorf("wait for the process: %w", err)
		}
		if !ch.status.Stopped() {
			return ErrNoProgram
		}
		event, sig := eventOf(ch.status), ch.status.StopSignal()
		tr.stats.Stops++
		tr.stats.Requests++
		switch {
		case event == unix.PTRACE_EVENT_EXEC && ch.tid == pid:
			return nil
		case event == unix.PTRACE_EVENT_STOP && isStopSignal(sig):
			ptrace(unix.PTRACE_LISTEN, ch.tid, 0, 0)
		case event == 0:
			ptrace(unix.PTRACE_CONT, ch.tid, 0, uintptr(sig))
		default:
			ptrace(unix.PTRACE_CONT, ch.tid, 0, 0)
		}
	}
}
