package ptlib

import (
	"golang.org/x/sys/unix"
)

// A Thread is one traced thread.
type Thread struct {
	// Tid is the thread's id, as the tracer's pid namespace knows it.
	Tid int
	// Tgid is the id of its process: the Tid of the leader.
	Tgid int
	// Data is the Handler's own.
	Data any

	tracer *Tracer
	space  *addressSpace
	slot   uint64 // address of the thread's scratch memory, 0: none yet
	phase  phase
	call   Call

	// regs are read at most once per stop, and written back when it ends, if they were changed.
	regs  registers
	known bool // regs are those of the present stop
	dirty bool // regs differ from the tracee's

	saved     registers // at the start of the call; what the tracee gets back at its end
	mask      uint64    // signals that were blocked before an injected call
	held      []unix.Signal
	stopAgain bool // a group stop was passed over, for the sake of an injected call
}

// phase says what a thread was resumed for, and so what its next syscall stop means.
type phase uint8

const (
	phaseFree    phase = iota // runs at will
	phaseExit                 // runs a call; its exit stop is awaited
	phaseReissue              // goes back to make another call; its entry stop is awaited
	phaseReexit               // runs that other call; its exit stop is awaited
)

func (tr *Tracer) newThread(tid int) *Thread {
	t := &Thread{Tid: tid, Tgid: tid, tracer: tr}
	t.call.Thread = t
	tr.threads[tid] = t
	tr.stats.Threads++
	return t
}

// Thread returns the traced thread of that id, nil if there is none.
func (tr *Tracer) Thread(tid int) *Thread { return tr.threads[tid] }

// SharesMemory reports whether two threads have the same address space.
func (t *Thread) SharesMemory(o *Thread) bool { return t.space == o.space }

// Tracer returns the tracer that t belongs to.
func (t *Thread) Tracer() *Tracer { return t.tracer }

// request makes a ptrace request about t. ESRCH says that t was killed: its exit is on the way through wait, and there is
// nothing else to do about it, so most callers ignore the error.
func (t *Thread) request(request int, addr, data uintptr) unix.Errno {
	t.tracer.stats.Requests++
	return ptrace(request, t.Tid, addr, data)
}

// load reads the registers, unless this stop has them.
func (t *Thread) load() unix.Errno {
	if t.known {
		return 0
	}
	t.tracer.stats.Requests++
	if errno := ptraceGetRegs(t.Tid, &t.regs); errno != 0 {
		return errno
	}
	t.known = true
	return 0
}

// flush writes the registers back and forgets them: the thread is about to run.
func (t *Thread) flush() {
	if t.dirty {
		t.tracer.stats.Requests++
		ptraceSetRegs(t.Tid, &t.regs)
	}
	t.known, t.dirty = false, false
}

// resume lets t run on, to the stop that its phase awaits, with a signal or 0.
func (t *Thread) resume(sig unix.Signal) {
	t.flush()
	request := unix.PTRACE_CONT
	if t.phase != phaseFree {
		request = unix.PTRACE_SYSCALL
	}
	t.request(request, 0, uintptr(sig))
}

// isKernelRestart tells that a result is not for the program: the call was interrupted by a signal, and the kernel will
// make it again or turn it into EINTR (include/linux/errno.h).
func isKernelRestart(result int64) bool {
	return result == -512 || result == -513 || result == -514 || result == -516
}
