package ptlib

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// A Handler is told what the tracees do. All methods are called on the tracer's thread, one at a time, while the thread
// that they are about is stopped; other tracees run meanwhile. A Handler must not block on a tracee's progress.
//
// A Handler that is a SignalHandler or a StopHandler too is told of signals and of job control.
type Handler interface {
	// Syscall is called where a tracee is about to make a call that a filter selects. The Call says what happens
	// next; if the Handler says nothing, the call runs unobserved. The Call is valid until Syscall returns, and again
	// in the function given to Then or Run.
	Syscall(c *Call)
	// Refused is called for a call of an ABI that this platform does not trace (x32). It fails with ENOSYS.
	Refused(t *Thread, abi ABI, nr int)
	// Fork is called when parent has made child, before child runs. child.Data is nil. A child that was killed before it
	// ran is not told of. Should parent have been killed meanwhile, it stands for whoever it was: a thread that is gone.
	Fork(parent, child *Thread, flags CloneFlags)
	// Exec is called when t has a new program, before its first instruction. t is the only thread of its process.
	// former is the thread that made the call: t itself, unless a thread other than the leader called execve(2) and
	// became the leader, whose Thread object goes on to be used; former.Data is then what the caller knew. There is no
	// Exit for such a former: it lives on as t.
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
	Filter  *Filter // put into the first tracee; its descendants inherit it. nil: none
	Handler Handler
	// Start is called for the command that Run or HandOver starts, on the tracer's thread, before its first instruction and without
	// a filter. What it returns is executed in the command's place, with the same arguments and environment, unless it is "". nil:
	// nothing is to be prepared.
	Start func(*Start) (path string, err error)
	// Leaving is called on the tracer's thread when the command is about to end by itself, with its exit status: by exit_group(2), or
	// by exit(2) of its last thread. It ends with the status that is returned. Until then it is a process like any other: should this
	// one die in Leaving, the command is killed, and its parent sees that. Nothing that the command does is handled afterwards; other
	// tracees go on. It needs a Filter with FilterOptions.Leave. It is not called where a signal ends the command. nil: nobody is to be asked.
	Leaving func(status uint8) uint8
	// Ending is called on the tracer's thread when the command's process has ended, and nobody can learn of that before it
	// returns: neither its parent nor the Handler. last reports whether it is the last of the tracees. It makes every stop
	// one request dearer for as long as the command lives. nil: nobody is to be ahead.
	Ending func(last bool)
	// Shortcut spares tracees stops, if the Filter was made for it. The Handler must answer the calls that the Shortcut answers in
	// the same way, or have them stopped by a further filter. nil: none.
	Shortcut *Shortcut
}

// A Tracer runs one command and all its descendants. Make one with New; Run may be called once.
type Tracer struct {
	options Options
	handler Handler
	signals SignalHandler // the Handler, if it is one
	stops   StopHandler   // likewise
	root    int
	ended   bool    // Ending was called
	leaver  *Thread // that ends the command; nil: none does
	status  unix.WaitStatus
	stats   Stats
	pending changes
	embryos map[int]*embryo // new tracees whose parent has not told of them yet, by tid
	dead    *Thread         // the last one that is gone
	company company
	curious curious
	buf     [pathMax]byte
	text    text // what buf holds

	noForesight  bool // programs cannot be given the Shortcut before their first instruction
	noInfo       bool // the kernel lacks PTRACE_GET_SYSCALL_INFO (before 5.3, gVisor)
	seccompFirst bool // filters are asked before the entry stop (before 4.8, gVisor)

	mu      sync.Mutex
	threads map[int]*Thread // by tid; changed by the tracer's thread alone, with mu held
	killed  atomic.Bool     // all tracees are to die
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
	// ErrTraced: the command has a tracer already, most probably this process's own, which follows its children. A tracee
	// has only one.
	ErrTraced = errors.New("already being traced")
)

// New returns a Tracer that is ready to Run.
func New(o Options) *Tracer {
	tr := &Tracer{options: o, handler: o.Handler, threads: make(map[int]*Thread), embryos: make(map[int]*embryo)}
	tr.signals, _ = o.Handler.(SignalHandler)
	tr.stops, _ = o.Handler.(StopHandler)
	return tr
}

// Stats returns the counts so far. It may be called on the tracer's thread and after Run.
func (tr *Tracer) Stats() Stats { return tr.stats }

// Run calls launch, which starts a command with PTRACE_TRACEME in effect (syscall.SysProcAttr.Ptrace) so that it stops
// at its first exec, traces it and its descendants until the last of them is gone, and returns the status of the
// command itself. launch is called on the tracer's operating system thread, which ends with Run: what launch changes
// of the thread's own attributes stays without effect elsewhere.
//
// When ctx is done, all tracees are killed, and Run returns its error. Should this process die, the kernel kills them
// (PTRACE_O_EXITKILL). Other errors are launch's own, ErrTraced, ErrNoTrace and ErrNoSeccomp; the command is
// dead then.
func (tr *Tracer) Run(ctx context.Context, launch func() (pid int, err error)) (unix.WaitStatus, error) {
	return tr.onThread(func() (unix.WaitStatus, error) {
		pid, err := launch()
		if errors.Is(err, unix.EPERM) && tracerOf("self") != 0 {
			return 0, fmt.Errorf("%w, by process %d: %w", ErrTraced, tracerOf("self"), err)
		}
		if err != nil {
			return 0, err
		}
		return tr.attach(ctx, pid, tr.adopt)
	})
}

// onThread runs f on an operating system thread of its own, which ends with it.
func (tr *Tracer) onThread(f func() (unix.WaitStatus, error)) (unix.WaitStatus, error) {
	type result struct {
		status unix.WaitStatus
		err    error
	}
	done := make(chan result, 1)
	go func() {
		// Never unlocked: ptrace requests must come from the thread that attached, and a thread whose attributes were
		// changed must not serve other goroutines; the runtime ends it with the goroutine.
		runtime.LockOSThread()
		status, err := f()
		done <- result{status, err}
	}()
	r := <-done
	return r.status, r.err
}

// attach makes the process pid the command, by begin, and traces to the end of its last descendant.
func (tr *Tracer) attach(ctx context.Context, pid int, begin func(*Thread) error) (unix.WaitStatus, error) {
	tr.company.start()
	defer tr.company.leave()
	t := tr.newThread(pid, pid)
	t.space = newAddressSpace()
	tr.root = pid
	stop := context.AfterFunc(ctx, tr.Kill)
	defer stop()
	if err := begin(t); err != nil {
		var refused *refusal
		if errors.As(err, &refused) {
			tr.forget(pid)
			return 0, err
		}
		tr.Kill()
		tr.drain()
		tr.forget(pid)
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return 0, err
	}
	defer quietStops()()
	err := tr.loop(ctx)
	return tr.status, err
}

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
		tr.change(ch)
	}
}

// drain waits for tracees that have been killed, without a Handler.
func (tr *Tracer) drain() {
	for {
		if _, err := tr.next(); err != nil {
			return
		}
	}
}

// Kill ends all tracees, those too that are still to be born. It may be called from any goroutine.
func (tr *Tracer) Kill() {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.killed.Store(true)
	for tid := range tr.threads {
		unix.Kill(tid, unix.SIGKILL)
	}
}

// Signal sends a signal to all processes of the tracees. It may be called from any goroutine.
func (tr *Tracer) Signal(sig unix.Signal) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	for tid, t := range tr.threads {
		if tid == t.Tgid {
			unix.Kill(tid, sig)
		}
	}
}

// newThread makes the Thread of a tracee.
func (tr *Tracer) newThread(tid, tgid int) *Thread {
	t := &Thread{Tid: tid, Tgid: tgid, tracer: tr}
	t.call.Thread = t
	tr.stats.Threads++
	tr.mu.Lock()
	tr.threads[tid] = t
	tr.mu.Unlock()
	if tr.killed.Load() {
		unix.Kill(tid, unix.SIGKILL)
	}
	return t
}

// forget drops the Thread of a tid. A tid may be used again at once, so it must not be killed any more.
func (tr *Tracer) forget(tid int) {
	tr.mu.Lock()
	delete(tr.threads, tid)
	tr.mu.Unlock()
}

// Processes yields the leaders of all traced processes, in no order. A Handler may call it.
func (tr *Tracer) Processes() iter.Seq[*Thread] {
	return func(yield func(*Thread) bool) {
		for tid, t := range tr.threads {
			if tid == t.Tgid && !yield(t) {
				return
			}
		}
	}
}

// Thread returns the traced thread of that id, nil if there is none.
func (tr *Tracer) Thread(tid int) *Thread { return tr.threads[tid] }
