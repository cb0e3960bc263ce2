package ptlib

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// execed is the moment when t has a new program. If another thread than the leader called execve(2), it has taken the
// leader's id, and the former leader vanished without a report.
func (t *Thread) execed() {
	tr := t.tracer
	tr.stats.Requests++
	message, errno := ptraceEventMessage(t.Tid)
	if errno != 0 {
		return // it was killed
	}
	former := t
	if f := tr.threads[int(message)]; f != nil && f != t {
		former = f
		tr.forget(f.Tid)
		tr.disown(f)
		t.replace(f)
		tr.company.replaced(t, f)
	}
	t.space.release(t.slot)
	t.space, t.slot = newAddressSpace(), 0
	t.call.changed = false // the registers of the call are gone
	t.fresh, t.leaving = true, false
	if tr.leaver != nil && t.Tgid == tr.root {
		tr.leaver = nil // a thread of the process was faster
	}
	tr.handler.Exec(t, former)
	t.foresee()
}

// replace makes the leader t what f is, another thread of its process: whatever t was about is over.
func (t *Thread) replace(f *Thread) {
	t.phase, t.ours = f.phase, f.ours
	t.call, t.saved = f.call, f.saved
	t.call.Thread = t
	t.blocked, t.mask, t.stopAgain, t.swallow = f.blocked, f.mask, f.stopAgain, f.swallow
	t.held = append(t.held[:0], f.held...)
	f.space.release(f.slot)
}

// AddFilter puts a further filter into t's new program before its first instruction. It is for Handler.Exec. A Handler
// that asked for the end of the execve(2) with Then is not told of it.
func (t *Thread) AddFilter(f *Filter) error {
	if !t.fresh {
		return fmt.Errorf("add a filter to thread %d: its program has begun (use Call.AddFilter)", t.Tid)
	}
	if errno := t.leaveExec(); errno != 0 {
		return fmt.Errorf("end of execve: %w", errno)
	}
	return t.install(f)
}

// leaveExec takes t from the stop inside execve(2) to the end of that call: the kernel is yet to set the result
// register, and nothing can be injected before it has. Where the stop is another one, the call is over already (the first
// program of all, see adopt).
func (t *Thread) leaveExec() unix.Errno {
	var info signalInfo
	if errno := t.signalInfo(&info); errno != 0 {
		return errno
	}
	if !info.atEvent(unix.PTRACE_EVENT_EXEC) {
		return 0
	}
	t.phase = phaseExit
	t.resume(0)
	status, ok := t.tracer.await(t)
	if !ok {
		return unix.ESRCH
	}
	t.phase = phaseFree
	if status.StopSignal() != unix.SIGTRAP|syscallStopBit {
		return unix.EIO
	}
	return 0
}

// lendInstruction puts an instruction that enters the kernel in the place of the new program's first one, until restore
// is called. There is no call to repeat: none was made yet, and what stands before the first instruction is anything.
func (t *Thread) lendInstruction() (restore func(), errno unix.Errno) {
	return t.lend(t.regs.syscallInsn())
}

// lend puts instructions, at most eight bytes of them, in the place of the next ones.
func (t *Thread) lend(insn []byte) (restore func(), errno unix.Errno) {
	ip := t.regs.instructionPointer()
	// A word that has them in it, and no byte of the next page, which need not be there.
	at := ip - min(8-uint64(len(insn)), ip%pageSize)
	var word [8]byte
	if errno := t.ReadMemory(at, word[:]); errno != 0 {
		return nil, errno
	}
	program := nativeEndian.Uint64(word[:])
	copy(word[ip-at:], insn)
	if errno := t.pokeText(uintptr(at), nativeEndian.Uint64(word[:])); errno != 0 {
		return nil, errno
	}
	return func() { t.pokeText(uintptr(at), program) }, 0
}
