package ptlib

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// A Handler is told what the tracees do. All methods are called on the tracer's thread, one at a time, while the thread
// that they are about is stopped; other tracees run meanwhile. A Handler must not block on a tracee's progress.
type Handler interface {
	// Syscall is called where a tracee is about to make a call that a filter selects. The Call says what happens
	// next; if the Handler says nothing, the call runs unobserved. The Call is valid until Syscall returns, and again
	// in the function given to Then or Run.
	Syscall(c *Call)
	// Refused is called for a call of an ABI that this platform does not trace (x32). It fails with ENOSYS.
	Refused(t *Thread, abi ABI, nr int)
	// Fork is called when parent has made child, before child runs. child.Data is nil.
	Fork(parent, child *Thread, flags CloneFlags)
	// Exec is called when t has a new program, before its first instruction. t is the only thread of its process.
	// former is the thread that made the call: t itself, unless a thread other than the leader called execve(2) and
	// became the leader, whose Thread object goes on to be used; former.Data is then what the caller knew.
	Exec(t, former *Thread)
	// Exit is called when t is gone.
	Exit(t *Thread, status unix.WaitStatus)
}

// CloneFlags are the flags of clone(2) that say what a new thread shares with its parent. fork(2) and vfork(2) are
// told in the same terms.
type CloneFlags uint64

// Has reports whether all of flag is set; flag is one of unix.CLONE_*.
func (f CloneFlags) Has(flag uint64) bool { return uint64(f)&flag == flag }

// Options are the choices of a Tracer.
type Options struct {
	Filter  *Filter // put into the first tracee; its descendants inherit it
	Handler Handler
}

// A Tracer runs one command and all its descendants. Make one with New; Run may be called once.
type Tracer struct {
	options Options
	handler Handler
	threads map[int]*Thread
	// embryos are new tracees that stopped before their parent's event told who they are.
	embryos map[int]bool
	// pending holds changes that were waited for out of turn, while one tracee ran an injected call.
	pending []change
	root    int
	status  unix.WaitStatus
	stats   Stats
	noInfo  bool // the kernel lacks PTRACE_GET_SYSCALL_INFO (before 5.3, gVisor)
	buf     [pathMax]byte
}

type change struct {
	tid    int
	status unix.WaitStatus
}

// Stats count what the tracer did.
type Stats struct {
	Stops     uint64 // times that a tracee stopped
	Calls     uint64 // system calls handed to the Handler
	Requests  uint64 // ptrace requests made, waits included
	Transfers uint64 // reads and writes of tracee memory
	Injected  uint64 // calls made in a tracee on the tracer's behalf
	Threads   uint64 // threads ever traced
}

// Errors of Run, for errors.Is.
var (
	// ErrNoTrace: the kernel or a security module does not let this process trace its own child.
	ErrNoTrace = errors.New("ptrace is not permitted")
	// ErrNoSeccomp: a filter cannot be installed.
	ErrNoSeccomp = errors.New("seccomp filters are not available")
	// ErrTraced: this process is itself being traced, and a tracee has only one tracer.
	ErrTraced = errors.New("already being traced")
)

// New returns a Tracer that is ready to Run.
func New(o Options) *Tracer {
	return &Tracer{options: o, handler: o.Handler, threads: make(map[int]*Thread), embryos: make(map[int]bool)}
}

// Stats returns the counts so far. It may be called on the tracer's thread and after Run.
func (tr *Tracer) Stats() Stats { return tr.stats }

// Run calls launch, which starts a command with PTRACE_TRACEME in effect (syscall.SysProcAttr.Ptrace) so that it stops
// at its first exec, traces it and its descendants until the last of them is gone, and returns the status of the
// command itself. launch is called on the tracer's operating system thread, which ends with Run: what launch changes
// of the thread's own attributes stays without effect elsewhere.
//
// When ctx is done, all tracees are killed. Should this process die, the kernel kills them (PTRACE_O_EXITKILL).
func (tr *Tracer) Run(ctx context.Context, launch func() (pid int, err error)) (unix.WaitStatus, error) {
	type result struct {
		status unix.WaitStatus
		err    error
	}
	done := make(chan result, 1)
	go func() {
		// Never unlocked: ptrace requests must come from the thread that attached, and a thread whose attributes were
		// changed must not serve other goroutines; the runtime ends it with the goroutine.
		runtime.LockOSThread()
		status, err := tr.run(ctx, launch)
		done <- result{status, err}
	}()
	r := <-done
	return r.status, r.err
}

func (tr *Tracer) run(ctx context.Context, launch func() (int, error)) (unix.WaitStatus, error) {
	pid, err := launch()
	if err != nil {
		return 0, err
	}
	t := tr.newThread(pid)
	t.space = newAddressSpace()
	tr.root = pid
	if err := tr.adopt(t); err != nil {
		unix.Kill(pid, unix.SIGKILL)
		waitFor(pid)
		return 0, err
	}
	stop := context.AfterFunc(ctx, tr.killRoot)
	defer stop()
	defer quietStops()()
	err = tr.loop(ctx)
	return tr.status, err
}

// killRoot ends the command from another goroutine; the loop sees the context and ends the others.
func (tr *Tracer) killRoot() { unix.Kill(tr.root, unix.SIGKILL) }

// loop handles changes until no tracee is left.
func (tr *Tracer) loop(ctx context.Context) error {
	for {
		ch, err := tr.next()
		if err == unix.ECHILD {
			return ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("wait for tracees: %w", err)
		}
		if ctx.Err() != nil {
			for tid := range tr.threads {
				unix.Kill(tid, unix.SIGKILL)
			}
		}
		tr.change(ch)
	}
}

func (tr *Tracer) next() (change, error) {
	if len(tr.pending) > 0 {
		ch := tr.pending[0]
		tr.pending = tr.pending[1:]
		return ch, nil
	}
	tr.stats.Requests++
	tid, status, err := waitAny()
	return change{tid, status}, err
}

// Kill ends all tracees. It must be called on the tracer's thread, from a Handler.
func (tr *Tracer) Kill() {
	for tid := range tr.threads {
		unix.Kill(tid, unix.SIGKILL)
	}
}
