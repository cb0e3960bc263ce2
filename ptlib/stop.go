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
	case !ch.status.Stopped():
	case t == nil:
		tr.embryo(ch)
	default:
		tr.stats.Stops++
		t.stopped(ch.status)
	}
}

// stopped handles one stop of a traced thread and lets it go on.
func (t *Thread) stopped(status unix.WaitStatus) {
	t.known, t.dirty, t.lost = false, false, false
	event, sig := eventOf(status), status.StopSignal()
	if t.inherits && t.load() == 0 {
		t.inherits = false
		result := t.regs.result()
		t.regs.setArgs(t.call.ABI, t.saved.args(t.call.ABI))
		t.regs.setResult(result)
		t.dirty = true
	}
	if t.redo {
		t.mendRestart(event)
	}
	if len(t.tracer.embryos) > 0 && !isForkEvent(event) {
		t.tracer.disown(t)
	}
	if t.overtaken(event) {
		return
	}
	if t.paused && !(event == unix.PTRACE_EVENT_STOP && isStopSignal(sig)) {
		t.tellContinued()
	}
	if t.phase == phaseReissue || t.phase == phaseReexit {
		if pass, done := t.step(event, sig); done {
			t.phase = phaseFree
			t.end(t.ours.result)
		} else {
			t.resume(pass)
		}
		return
	}
	switch event {
	case 0:
		if sig == unix.SIGTRAP|syscallStopBit {
			t.syscallStop()
		} else {
			t.signalStop(sig)
		}
	case unix.PTRACE_EVENT_SECCOMP:
		t.entry()
	case unix.PTRACE_EVENT_FORK, unix.PTRACE_EVENT_VFORK, unix.PTRACE_EVENT_CLONE:
		t.forked(event)
		t.resume(0)
	case unix.PTRACE_EVENT_EXEC:
		t.execed()
		t.resume(0)
	case unix.PTRACE_EVENT_STOP:
		t.eventStop(sig)
	default:
		t.resume(0)
	}
}

// syscallStopBit is added to SIGTRAP at syscall stops, by PTRACE_O_TRACESYSGOOD.
const syscallStopBit = 0x80

// syscallStop is an entry or exit stop of a call of the program's; the phase tells which.
func (t *Thread) syscallStop() {
	switch t.phase {
	case phaseEntry:
		t.phase = phaseExit
		t.resume(0)
	case phaseExit:
		t.phase = phaseFree
		t.exit()
	default:
		t.resume(0)
	}
}

// entry is a call that a filter selected, before it is made.
func (t *Thread) entry() {
	t.phase = phaseFree
	var info syscallInfo
	switch errno := t.callInfo(&info); errno {
	case 0:
	case errReplaced:
		t.lost = true
		return
	default:
		t.resume(0)
		return
	}
	if t.redo {
		t.mendEntry(&info)
	}
	t.leaveShortcut(&info)
	nr := int(int32(info.nr))
	abi := abiOf(info.arch, nr)
	c := &t.call
	c.reset(abi, nr, info.args, info.ip)
	t.tracer.company.meet(c.Sys)
	switch kindOf(info.data) {
	case filterStop, filterRefused:
		t.dispatch()
	case filterCPUs:
		t.resume(0)
	case filterLeave:
		t.leave(c)
	case filterUntraced:
		c.SetArg(0, c.Args[0]&^unix.CLONE_UNTRACED)
		c.Then(func(*Call) {})
		t.conclude()
	default:
		// A filter of the program's own asks for a tracer of its own, and there is none (seccomp(2), SECCOMP_RET_TRACE).
		c.Fail(unix.ENOSYS)
		t.conclude()
	}
}

// dispatch asks the Handler about a call, and does what it says.
func (t *Thread) dispatch() {
	c := &t.call
	t.tracer.stats.Calls++
	if !traces(c.ABI) {
		t.tracer.handler.Refused(t, c.ABI, c.Number)
		c.Fail(unix.ENOSYS)
	} else {
		t.tracer.handler.Syscall(c)
	}
	t.conclude()
}

// exit is the exit stop of a call that the Handler wants to see the end of.
func (t *Thread) exit() {
	c := &t.call
	if t.load() != 0 {
		t.resume(0)
		return
	}
	result := t.outcome()
	if !isKernelRestart(result) {
		t.end(result)
		return
	}
	if c.changed {
		t.putBack()
		if result == restartBlock {
			// restart_syscall(2) would go on with the call that ran in place of the program's.
			result = restartNoHandler
		}
		t.regs.setResult(result)
	}
	redo := resultIsFirstArg && c.changed
	t.resume(0)
	t.redo = redo
}

// end tells the Handler of the end of a call, and does what it says.
func (t *Thread) end(result int64) {
	c := &t.call
	if c.changed {
		t.putBack()
	}
	if t.fresh && t.load() == 0 {
		c.ABI = t.regs.abi()
	}
	c.Result, c.atEnd, c.verdict = c.ABI.result(result), true, verdictPass
	c.changed = false
	f := c.then
	c.then = nil
	f(c)
	t.shorten()
	t.conclude()
}

// outcome is the result of a call that was not quite the program's own, at its exit stop. A filter may have refused it by
// SECCOMP_RET_TRAP: then the result register is as it was before the call, and a SIGSYS is on the way, which is not
// for the program.
func (t *Thread) outcome() int64 {
	if t.regs.rolledBack() && (t.call.changed || t.phase == phaseReexit) && t.trapPending() {
		t.swallow = true
		return -int64(unix.EPERM)
	}
	return t.regs.result()
}

// putBack gives the tracee the registers of its own call, at the end of what ran instead.
func (t *Thread) putBack() {
	c := &t.call
	if t.load() != 0 {
		return
	}
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
	case verdictPass:
		switch {
		case c.atEnd:
			// The result may be that of another call, which put its registers in place of the tracee's.
			t.answer(c.Result)
		case c.changed:
			c.then, c.verdict = func(*Call) {}, verdictThen
			t.conclude()
			return
		case c.trapped:
			// Our filter would trap the call again, and the outer one may forbid it: it ends as the outer one would have it.
			t.answer(-int64(unix.EPERM))
		case t.isToShorten():
			c.Then(func(*Call) {})
			t.conclude()
			return
		default:
			t.notice()
		}
	case verdictAnswer:
		if numberIsRegister && !c.atEnd && !c.trapped {
			t.skip(c.Result)
			return
		}
		t.answer(c.Result)
		if !c.atEnd {
			t.shorten()
		}
	case verdictThen:
		switch {
		case c.trapped:
			if t.load() == 0 {
				c.change()
				t.ours.aim(t, c.ABI, c.Number, t.regs.args(c.ABI))
				t.block()
				t.phase = phaseReissue
			}
		case t.tracer.seccompFirst:
			t.phase = phaseEntry
		default:
			t.phase = phaseExit
		}
	case verdictRun:
		t.block()
		t.phase = phaseReissue
	case verdictRestart:
		if t.load() == 0 {
			t.regs.setArgs(c.ABI, c.own)
			t.regs.reissue(c.Number)
			t.dirty = true
		}
	}
	t.resume(0)
}

// skip is answer for a call that has not begun, where the tracee must get its number back at the end.
func (t *Thread) skip(result int64) {
	c := &t.call
	if t.load() == 0 {
		c.change()
		t.regs.setNumber(noCall)
		c.Then(func(c *Call) { c.Answer(result) })
	} else {
		c.verdict = verdictPass
	}
	t.conclude()
}

// answer gives the tracee a result.
func (t *Thread) answer(result int64) {
	c := &t.call
	if !c.atEnd && !c.trapped && !t.known && t.answerOnly(result) || t.load() != 0 {
		return
	}
	if c.changed {
		t.putBack() // the Handler has thought better of it
		c.changed = false
	}
	if !c.atEnd && !c.trapped {
		t.regs.setNumber(noCall)
	} else if c.ABI.result(t.regs.result()) == result {
		return
	}
	t.regs.setResult(result)
	t.dirty = true
}
