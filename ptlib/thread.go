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

	mappings int // of space, when t was last let go
	phase    phase
	call     Call
	lost     bool // it was killed, or another took its place: what its id means now is not known before the next change
	fresh    bool // it has a new program, of which it has not run an instruction
	paused   bool // the Handler was told that it is in a group stop

	leaving  bool // it is about to end by itself, see leave
	confined bool // see Confined
	inherits bool // arguments of its parent's call were changed, and are to be put back here too

	companion

	// regs are read at most once per stop, and written back when it ends, if they were changed.
	regs  registers
	known bool // regs are those of the present stop
	dirty bool // regs differ from the tracee's
	redo  bool // the kernel is making call again, with a first argument that may not be the program's (restart.go)

	saved registers // at the start of the call; what the tracee gets back at its end
	ours  ourCall   // the call that is made on the tracer's behalf, in phaseReissue and phaseReexit

	// Signals, while calls of ours are made.
	blocked   bool   // they are kept away; mask is what the program had blocked
	mask      uint64 // bit N-1 is signal N
	held      []unix.Signal
	stopAgain bool // a group stop was passed over
	swallow   bool // a SIGSYS is on its way that is not the program's
}

// phase says what a thread was resumed for, and so what its next syscall stop means.
type phase uint8

const (
	phaseFree    phase = iota // runs at will
	phaseEntry                // runs a call; its entry stop is awaited, where that comes after the filter's
	phaseExit                 // runs a call; its exit stop is awaited
	phaseReissue              // goes back to make a call of ours; its entry stop is awaited
	phaseReexit               // runs that call; its exit stop is awaited
	phaseText                 // runs code of ours; the stop of the call at its end is awaited
)

// SharesMemory reports whether two threads have the same address space.
func (t *Thread) SharesMemory(o *Thread) bool { return t.space == o.space }

// Tracer returns the tracer that t belongs to.
func (t *Thread) Tracer() *Tracer { return t.tracer }

// request makes a ptrace request about t. ESRCH says that t was killed: its exit is on the way through wait, and there is
// nothing else to do about it, so most callers ignore the error.
func (t *Thread) request(request int, addr, data uintptr) unix.Errno {
	if t.lost {
		return unix.ESRCH
	}
	t.tracer.stats.Requests++
	return ptrace(request, t.Tid, addr, data)
}

// load reads the registers, unless this stop has them.
func (t *Thread) load() unix.Errno {
	if t.known {
		return 0
	}
	if t.lost {
		return unix.ESRCH
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
	if t.dirty && !t.lost {
		t.tracer.stats.Requests++
		ptraceSetRegs(t.Tid, &t.regs)
	}
	t.known, t.dirty, t.redo = false, false, false
}

// resume lets t run on, to the stop that its phase awaits, with a signal or 0.
func (t *Thread) resume(sig unix.Signal) unix.Errno {
	request := unix.PTRACE_SYSCALL
	switch t.phase {
	case phaseText:
		request = unix.PTRACE_CONT
	case phaseFree:
		request = unix.PTRACE_CONT
		t.fresh = false
		fallthrough
	case phaseEntry, phaseExit:
		t.unblock()
	}
	t.flush()
	t.mappings = t.space.mappings
	t.tracer.company.keep(t)
	return t.request(request, 0, uintptr(sig))
}
