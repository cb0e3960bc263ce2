package ptlib

import "golang.org/x/sys/unix"

// sysSeccomp is si_code of a SIGSYS that a filter made (include/uapi/asm-generic/siginfo.h, SYS_SECCOMP).
const sysSeccomp = 1

// signalStop is a signal about to be delivered to t, or a call that our filter turned into SIGSYS.
func (t *Thread) signalStop(sig unix.Signal) {
	if sig == unix.SIGSYS && t.trapStop() {
		return
	}
	if t.phase == phaseReissue && sig != unix.SIGKILL {
		// All that can be blocked is blocked while a call of ours runs, so this is SIGSTOP, or a fault of an
		// instruction that is not what it was. It is kept for later.
		t.held = append(t.held, sig)
		t.resume(0)
		return
	}
	t.resume(sig)
}

// trapStop handles a call that our filter selected by SECCOMP_RET_TRAP. The kernel has undone the call's entry: the
// registers are as before the entering instruction but for the instruction pointer (kernel/seccomp.c,
// syscall_rollback). The signal is not delivered. The kernel forces SIGSYS past a mask that blocks it, and takes it out of
// the mask; a program that had blocked every signal gets it blocked again.
func (t *Thread) trapStop() bool {
	var info signalInfo
	t.tracer.stats.Requests++
	if ptraceSignalInfo(t.Tid, &info) != 0 || info.code != sysSeccomp || info.errno != filterData || t.phase != phaseFree {
		return false
	}
	if t.load() != 0 {
		return false
	}
	if mask, errno := ptraceSigmask(t.Tid); errno == 0 && mask|sigBit(unix.SIGSYS) == allButKernelSignals {
		ptraceSetSignalMask(t.Tid, allButKernelSignals)
	}
	abi := abiOf(info.arch, int(info.syscall))
	c := &t.call
	c.reset(sysOf(abi, int(info.syscall)), abi, t.regs.args(abi), uint64(info.callAddr))
	c.trapped = true
	t.dispatch(abi, int(info.syscall))
	return true
}

func sigBit(sig unix.Signal) uint64 { return 1 << (uint(sig) - 1) }

// allButKernelSignals is every signal that can be blocked.
var allButKernelSignals = ^(sigBit(unix.SIGKILL) | sigBit(unix.SIGSTOP))

// block keeps signals from t while it goes back to user mode to make a call of ours: a handler would run in the middle
// of it, on registers that are not the program's.
func (t *Thread) block() {
	t.tracer.stats.Requests += 2
	mask, errno := ptraceSigmask(t.Tid)
	if errno != 0 {
		return
	}
	t.mask = mask
	ptraceSetSignalMask(t.Tid, allButKernelSignals)
}

// unblock undoes block, and sends again what came nevertheless.
func (t *Thread) unblock() {
	t.tracer.stats.Requests++
	ptraceSetSignalMask(t.Tid, t.mask)
	for _, sig := range t.held {
		unix.Tgkill(t.Tgid, t.Tid, sig)
	}
	t.held = t.held[:0]
	if t.stopAgain {
		t.stopAgain = false
		t.request(unix.PTRACE_INTERRUPT, 0, 0)
	}
}

// eventStop is a group stop (a stop signal took effect on the process), or the stop of a tracee that was just attached
// or interrupted (ptrace(2), PTRACE_EVENT_STOP).
func (t *Thread) eventStop(sig unix.Signal) {
	switch sig {
	case unix.SIGSTOP, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU:
		if t.phase == phaseReissue {
			t.stopAgain = true
			t.resume(0)
			return
		}
		// Stay stopped, and be told of SIGCONT.
		t.request(unix.PTRACE_LISTEN, 0, 0)
	default:
		t.resume(0)
	}
}
