package ptlib

import "golang.org/x/sys/unix"

// change handles one report of wait(2).
func (tr *Tracer) change(ch change) {
	t := tr.threads[ch.tid]
	switch {
	case ch.status.Exited() || ch.status.Signaled():
		delete(tr.embryos, ch.tid)
		if ch.tid == tr.root {
			tr.status = ch.status
		}
		if t != nil {
			tr.gone(t, ch.status)
		}
	case t == nil:
		// A new tracee may stop before its parent's event tells of it. It waits.
		tr.embryos[ch.tid] = true
	case ch.status.Stopped():
		tr.stats.Stops++
		t.stopped(ch.status)
	}
}

// stopped handles one stop of a traced thread and lets it go on.
func (t *Thread) stopped(status unix.WaitStatus) {
	t.known, t.dirty = false, false
	sig := status.StopSignal()
	switch event := int(status) >> 16; event {
	case 0:
		if sig == unix.SIGTRAP|syscallStopBit {
			t.syscallStop()
			return
		}
		t.signalStop(sig)
	case unix.PTRACE_EVENT_SECCOMP:
		if t.phase != phaseFree {
			t.resume(0) // a call of ours, which the filter selects too
			return
		}
		t.entry()
	case unix.PTRACE_EVENT_FORK, unix.PTRACE_EVENT_VFORK, unix.PTRACE_EVENT_CLONE:
		t.forkStop(event)
	case unix.PTRACE_EVENT_EXEC:
		t.execStop()
	case unix.PTRACE_EVENT_STOP:
		t.eventStop(sig)
	default:
		t.resume(0)
	}
}

// syscallStopBit is added to SIGTRAP at syscall stops, by PTRACE_O_TRACESYSGOOD.
const syscallStopBit = 0x80

// syscallStop is an entry or exit stop; the phase tells which.
func (t *Thread) syscallStop() {
	switch t.phase {
	case phaseReissue:
		t.phase = phaseReexit
		t.resume(0)
	case phaseExit:
		t.phase = phaseFree
		t.end()
	case phaseReexit:
		t.phase = phaseFree
		t.unblock()
		t.end()
	default:
		t.resume(0)
	}
}

// entry is a call that the filter selected, before it is made.
func (t *Thread) entry() {
	var info syscallInfo
	if !t.tracer.callInfo(t, &info) {
		t.resume(0)
		return
	}
	nr := int(int32(info.nr))
	abi := abiOf(info.arch, nr)
	t.begin(abi, nr, info.args, info.ip)
}

func (t *Thread) begin(abi ABI, nr int, args [6]uint64, ip uint64) {
	c := &t.call
	c.reset(sysOf(abi, nr), abi, args, ip)
	t.dispatch(abi, nr)
}

// dispatch asks the Handler about a call, and does what it says.
func (t *Thread) dispatch(abi ABI, nr int) {
	c := &t.call
	t.tracer.stats.Calls++
	if !traces(abi) {
		t.tracer.handler.Refused(t, abi, nr)
		c.Fail(unix.ENOSYS)
	} else {
		t.tracer.handler.Syscall(c)
	}
	t.conclude()
}

// end is the end of a call that the Handler wants to see.
func (t *Thread) end() {
	c := &t.call
	if t.load() != 0 {
		t.resume(0)
		return
	}
	result := t.regs.result()
	if c.changed {
		t.putBack()
	}
	if isKernelRestart(result) {
		t.startOver(result)
		return
	}
	result = c.ABI.result(result)
	c.Result, c.atEnd, c.verdict = result, true, verdictPass
	c.changed = false
	f := c.then
	c.then = nil
	f(c)
	t.conclude()
}

// startOver lets the program make its call again, which was interrupted. The kernel does so, and knows whether it should:
// but of a call that ran after the program's own it would repeat that other one, since some processors keep what is
// repeated out of the tracer's sight (regs_linux_arm64.go). No handler runs in between, as all signals are blocked.
func (t *Thread) startOver(result int64) {
	c := &t.call
	if c.changed && (c.atEnd || c.trapped) {
		c.verdict = verdictRestart
		t.conclude()
		return
	}
	t.regs.setResult(result)
	t.resume(0)
}

// putBack gives the tracee the registers of its own call, at the end of what ran instead.
func (t *Thread) putBack() {
	c := &t.call
	if c.atEnd || c.trapped {
		t.regs = t.saved
	} else {
		t.regs.setArgs(c.ABI, t.saved.args(c.ABI))
		t.regs.setNumber(t.saved.number())
	}
	t.dirty = true
}

// conclude carries out the Handler's verdict, at the entry or at the end, and lets t run on.
func (t *Thread) conclude() {
	c := &t.call
	switch c.verdict {
	case verdictThen:
		t.phase = phaseExit
	case verdictRun:
		t.block()
		t.phase = phaseReissue
	case verdictAnswer:
		if t.load() == 0 {
			if !c.atEnd && !c.trapped {
				t.regs.setNumber(-1)
			}
			t.regs.setResult(c.Result)
			t.dirty = true
		}
	case verdictRestart:
		if nr := nrOf(c.ABI, c.Sys); nr >= 0 && t.load() == 0 {
			t.regs.setArgs(c.ABI, c.Args)
			t.regs.reissue(nr)
			t.dirty = true
		}
	case verdictPass:
		if c.atEnd {
			// The result may be that of another call, which put its registers in place of the tracee's.
			if t.load() == 0 && t.regs.result() != c.Result {
				t.regs.setResult(c.Result)
				t.dirty = true
			}
		} else if c.trapped {
			// Our filter would stop the call again, and the outer one may forbid it: make it where we cannot see
			// its entry is not possible, so the call is reported as what the outer filter would have said.
			c.Fail(unix.EPERM)
			t.conclude()
			return
		}
	}
	t.resume(0)
}

// gone forgets a thread.
func (tr *Tracer) gone(t *Thread, status unix.WaitStatus) {
	delete(tr.threads, t.Tid)
	t.space.release(t.slot)
	tr.handler.Exit(t, status)
	tr.adoptOrphans(t)
}

// callInfo reads what the tracee is about to call: number, arguments, and the architecture whose numbers it means.
func (tr *Tracer) callInfo(t *Thread, info *syscallInfo) bool {
	if !tr.noInfo {
		tr.stats.Requests++
		switch errno := ptraceSyscallInfo(t.Tid, info); errno {
		case 0:
			return true
		case unix.ESRCH:
			return false
		default:
			tr.noInfo = true // older than Linux 5.3, or gVisor
		}
	}
	if t.load() != 0 {
		return false
	}
	abi := t.regs.abi()
	info.arch = abi.AuditArch()
	info.nr = uint64(int64(t.regs.number()))
	info.args = t.regs.args(abi)
	info.ip = t.regs.instructionPointer()
	info.sp = t.regs.stackPointer()
	return true
}
