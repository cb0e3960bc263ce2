package ptlib

import "golang.org/x/sys/unix"

// sysSeccomp is si_code of a SIGSYS that a filter made (include/uapi/asm-generic/siginfo.h, SYS_SECCOMP).
const sysSeccomp = 1

// signalStop is a signal about to be delivered to t, or a call that our filter turned into SIGSYS.
func (t *Thread) signalStop(sig unix.Signal) {
	if sig == unix.SIGSYS {
		if t.swallowed() {
			t.resume(0)
			return
		}
		if t.trapStop() {
			return
		}
	}
	if t.faultInShortcut(sig) {
		t.resume(0)
		return
	}
	t.tellSignal(sig)
	t.resume(sig)
}

// trapStop handles a call that our filter selected by SECCOMP_RET_TRAP. The kernel has undone the call's entry: the
// registers are as before the entering instruction but for the instruction pointer (kernel/seccomp.c,
// syscall_rollback). The signal is not delivered. The kernel forces SIGSYS past a mask that blocks it, and takes it out of
// the mask; a program that had blocked every signal gets it blocked again.
func (t *Thread) trapStop() bool {
	var info signalInfo
	if t.signalInfo(&info) != 0 || info.code != sysSeccomp || kindOf(uint32(info.errno)) != filterStop {
		return false
	}
	if t.load() != 0 {
		return false
	}
	t.tracer.stats.Requests++
	if mask, errno := ptraceSigmask(t.Tid); errno == 0 && mask|sigBit(unix.SIGSYS) == allButKernelSignals {
		t.tracer.stats.Requests++
		ptraceSetSignalMask(t.Tid, allButKernelSignals)
	}
	nr := int(info.syscall)
	abi := abiOf(info.arch, nr)
	c := &t.call
	c.reset(abi, nr, t.regs.args(abi), uint64(info.callAddr))
	c.trapped = true
	t.dispatch()
	return true
}

func (t *Thread) signalInfo(info *signalInfo) unix.Errno {
	if t.lost {
		return unix.ESRCH
	}
	t.tracer.stats.Requests++
	return ptraceSignalInfo(t.Tid, info)
}

// swallowed reports whether a SIGSYS is one that a filter sent on account of a call of ours: see outcome.
func (t *Thread) swallowed() bool {
	var info signalInfo
	if !t.swallow || t.signalInfo(&info) != 0 || info.code != sysSeccomp {
		return false
	}
	t.swallow = false
	return true
}

// trapPending reports whether a filter has sent t a SIGSYS that is yet to arrive.
func (t *Thread) trapPending() bool {
	var info signalInfo
	for i := uint64(0); !t.lost; i++ {
		t.tracer.stats.Requests++
		if n, errno := ptracePeekSignal(t.Tid, i, &info); errno != 0 || n == 0 {
			return false
		}
		if info.signo == int32(unix.SIGSYS) && info.code == sysSeccomp {
			return true
		}
	}
	return false
}

func sigBit(sig unix.Signal) uint64 { return 1 << (uint(sig) - 1) }

// allButKernelSignals is every signal that can be blocked.
var allButKernelSignals = ^(sigBit(unix.SIGKILL) | sigBit(unix.SIGSTOP))

// block keeps signals from t while it goes back to user mode to make a call of ours: a handler would run in the middle
// of it, on registers that are not the program's. SIGSYS stays as it is: should a filter of the program's refuse the call
// by that signal, the kernel would undo the program's handler because the signal is blocked (kernel/signal.c,
// force_sig_info_to_task). Signals stay blocked until t goes on with its program.
func (t *Thread) block() {
	if t.blocked || t.lost {
		return
	}
	t.tracer.stats.Requests += 2
	mask, errno := ptraceSigmask(t.Tid)
	if errno != 0 {
		return
	}
	t.mask, t.blocked = mask, true
	ptraceSetSignalMask(t.Tid, mask|allButKernelSignals&^sigBit(unix.SIGSYS))
}

// unblock undoes block, and sends again what came nevertheless.
func (t *Thread) unblock() {
	if !t.blocked || t.lost {
		return
	}
	t.blocked = false
	t.tracer.stats.Requests++
	ptraceSetSignalMask(t.Tid, t.mask)
	for _, sig := range t.held {
		unix.Tgkill(t.Tgid, t.Tid, sig)
	}
	t.held = t.held[:0]
	if t.stopAgain {
		// The kernel knows whether the process is still stopped, or was continued meanwhile: the stop that this makes
		// is a group stop or an empty one.
		t.stopAgain = false
		t.request(unix.PTRACE_INTERRUPT, 0, 0)
	}
}

// eventStop is a group stop (a stop signal took effect on the process), or the stop of a tracee that was just attached
// or interrupted (ptrace(2), PTRACE_EVENT_STOP).
func (t *Thread) eventStop(sig unix.Signal) {
	if isStopSignal(sig) {
		// Stay stopped, and be told of SIGCONT.
		t.request(unix.PTRACE_LISTEN, 0, 0)
		t.tellStopped(sig)
		return
	}
	t.resume(0)
}

func isStopSignal(sig unix.Signal) bool {
	return sig == unix.SIGSTOP || sig == unix.SIGTSTP || sig == unix.SIGTTIN || sig == unix.SIGTTOU
}
