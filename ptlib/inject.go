package ptlib

import "golang.org/x/sys/unix"

// Inject makes t make another call, and returns its result or errno. It is for the end of a call, or for one that is
// Trapped; elsewhere it fails with EBUSY, as the tracee is in the middle of a call. It waits for the end of the other
// call: it is for calls that finish by themselves, whatever other tracees do. Run is for those that might not.
//
// errno is ESRCH, if the tracee died meanwhile; ENOSYS, if its ABI lacks sys; EPERM, if a filter refused the call by a
// signal; EFAULT, if the program's code is no longer where it was.
func (c *Call) Inject(sys Sys, args ...uint64) (int64, unix.Errno) {
	nr := nrOf(c.ABI, sys)
	if nr < 0 {
		return 0, unix.ENOSYS
	}
	if !c.atEnd && !c.trapped {
		return 0, unix.EBUSY
	}
	var a [6]uint64
	copy(a[:], args)
	return c.Thread.inject(c.ABI, nr, a)
}

// injectResult is inject with an error as the kernel returns it.
func (t *Thread) injectResult(abi ABI, nr int, args [6]uint64) int64 {
	result, errno := t.inject(abi, nr, args)
	if errno != 0 {
		return -int64(errno)
	}
	return result
}

// inject runs one call in t, between two instructions of the program, and puts the registers back.
func (t *Thread) inject(abi ABI, nr int, args [6]uint64) (int64, unix.Errno) {
	if errno := t.load(); errno != 0 {
		return 0, errno
	}
	t.tracer.stats.Injected++
	program := t.regs
	if t.fresh {
		restore, errno := t.lendInstruction()
		if errno != 0 {
			return 0, errno
		}
		defer restore()
	}
	t.block()
	t.ours.aim(t, abi, nr, args)
	result, errno := t.runOurs(phaseReissue)
	if errno != 0 {
		return 0, errno
	}
	t.regs, t.known, t.dirty = program, true, true
	if result = abi.result(result); isError(result) {
		return 0, unix.Errno(-result)
	}
	return result, 0
}

// runOurs lets t run to the end of what its registers are aimed at: a call, or code, as the phase says.
func (t *Thread) runOurs(ours phase) (int64, unix.Errno) {
	phase := t.phase
	t.phase = ours
	defer func() { t.phase = phase }()
	var pass unix.Signal
	for {
		if errno := t.resume(pass); errno != 0 {
			t.lost = true // its end may have been waited for already
			return 0, unix.ESRCH
		}
		status, ok := t.tracer.await(t)
		if !ok {
			return 0, unix.ESRCH
		}
		var done bool
		if pass, done = t.step(eventOf(status), status.StopSignal()); done {
			return t.ours.result, 0
		}
	}
}

// ourCall is a call that a tracee makes on the tracer's behalf.
type ourCall struct {
	abi    ABI
	nr     int
	args   [6]uint64
	result int64 // once it has ended
}

// aim prepares the registers for the call.
func (o *ourCall) aim(t *Thread, abi ABI, nr int, args [6]uint64) {
	o.abi, o.nr, o.args = abi, nr, args
	o.again(t)
}

func (o *ourCall) again(t *Thread) {
	t.regs.setArgs(o.abi, o.args)
	if t.fresh {
		t.regs.issueHere(o.nr)
	} else {
		t.regs.reissue(o.nr)
	}
	t.dirty = true
}

// step handles a stop of a thread that makes a call of ours. done says that the call has ended, with ours.result; if it
// has not, t is to go on, with a signal or 0.
func (t *Thread) step(event int, sig unix.Signal) (pass unix.Signal, done bool) {
	switch event {
	case 0:
		if sig == unix.SIGTRAP|syscallStopBit {
			return 0, t.stepSyscall()
		}
		return t.stepSignal(sig)
	case unix.PTRACE_EVENT_SECCOMP:
		switch t.phase {
		case phaseText:
			// A further filter may select the calls before the last one.
			return 0, t.load() == 0 && t.regs.number() == nrOf(t.regs.abi(), SysPrctl)
		case phaseReissue: // a call of ours that the filter selects too
			t.tracer.seccompFirst = true
		}
	case unix.PTRACE_EVENT_FORK, unix.PTRACE_EVENT_VFORK, unix.PTRACE_EVENT_CLONE:
		t.forked(event)
	case unix.PTRACE_EVENT_EXEC:
		t.execed()
	case unix.PTRACE_EVENT_STOP:
		if isStopSignal(sig) {
			t.stopAgain = true
		}
	}
	return 0, false
}

func (t *Thread) stepSyscall() (done bool) {
	if t.phase == phaseReissue {
		t.phase = phaseReexit
		return false
	}
	if t.load() != 0 {
		return false
	}
	result := t.outcome()
	if isKernelRestart(result) {
		// Signals are blocked, so the process was stopped. The kernel would make the call again by itself after a signal
		// that has no handler, but from the instruction on which the program's registers stand.
		t.ours.again(t)
		t.phase = phaseReissue
		return false
	}
	t.ours.result = result
	return true
}

func (t *Thread) stepSignal(sig unix.Signal) (pass unix.Signal, done bool) {
	switch sig {
	case unix.SIGSTOP:
		// It cannot be blocked. The process stops; this thread runs on, to stop when its call is done.
		t.tellSignal(sig)
		return sig, false
	case unix.SIGSYS:
		if !t.swallowed() {
			t.held = append(t.held, sig)
		}
		return 0, false
	}
	// Nothing else can arrive but a fault: the entering instruction is no longer there. The program will see for itself.
	t.ours.result = -int64(unix.EFAULT)
	return 0, true
}

// isKernelRestart tells that a result is not for the program: the call was interrupted by a signal, and the kernel will
// make it again or turn it into EINTR (include/linux/errno.h).
func isKernelRestart(result int64) bool {
	switch result {
	case restartSys, restartNoInterrupt, restartNoHandler, restartBlock:
		return true
	}
	return false
}

const (
	restartSys         = -512 // again, if the handler has SA_RESTART or there is none
	restartNoInterrupt = -513 // again
	restartNoHandler   = -514 // again, if there is no handler
	restartBlock       = -516 // restart_syscall(2), if there is no handler
)
