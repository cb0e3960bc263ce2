package ptlib

import "golang.org/x/sys/unix"

// called is what was seen of a call that a victim made.
type called struct {
	result  int64  // as the kernel returns it: an error is negative
	fate    string // as CallMeasured.Fate
	entered bool   // there was an entry stop
	traced  bool   // a filter selected it by SECCOMP_RET_TRACE
	first   bool   // the entry stop came before that
	event   int    // PTRACE_EVENT_* on the way
	message uint64 // of that event
	info    unix.Errno
}

func (r *called) errno() unix.Errno {
	if isError(r.result) {
		return unix.Errno(-r.result)
	}
	return 0
}

// call makes a call in the victim and follows it to its end.
func (v *victim) call(sys Sys, args ...uint64) called {
	return v.callWith(nil, sys, args...)
}

// callWith is call, with a function that may change the registers when a filter has selected the call.
func (v *victim) callWith(change func(*registers), sys Sys, args ...uint64) (r called) {
	abi := v.base.abi()
	nr := nrOf(abi, sys)
	if nr < 0 {
		return called{fate: "none", result: -int64(unix.ENOSYS)}
	}
	var a [6]uint64
	copy(a[:], args)
	v.regs = v.base
	v.regs.setArgs(abi, a)
	v.regs.issueHere(nr)
	v.known, v.dirty = true, true
	for {
		v.flush()
		if errno := v.request(unix.PTRACE_SYSCALL, 0, 0); errno != 0 {
			v.wait()
			r.fate = "kill"
			return r
		}
		status, _ := v.wait()
		if v.lost {
			r.fate = "kill"
			return r
		}
		switch event := eventOf(status); {
		case event == unix.PTRACE_EVENT_SECCOMP:
			v.selected(&r, change)
		case event != 0 && event != unix.PTRACE_EVENT_STOP:
			r.event = event
			r.message, _ = ptraceEventMessage(v.Tid)
			if event == unix.PTRACE_EVENT_VFORK {
				return r // the end comes when the child is gone
			}
		case status.StopSignal() == unix.SIGTRAP|syscallStopBit && !r.entered:
			r.entered = true
		case status.StopSignal() == unix.SIGTRAP|syscallStopBit:
			if v.load() == 0 && !(v.regs.rolledBack() && v.trapPending()) {
				r.result = abi.result(v.regs.result())
				return r
			}
		case status.StopSignal() == unix.SIGTRAP && event == 0 && v.load() == 0:
			// The instruction behind the call. gVisor has no stop for a call that a filter refuses.
			r.result = abi.result(v.regs.result())
			return r
		case status.StopSignal() == unix.SIGSYS:
			r.fate = "trap"
			return r
		}
	}
}

// selected is the stop of a call that a filter selected.
func (v *victim) selected(r *called, change func(*registers)) {
	r.traced, r.first = true, r.entered
	var info syscallInfo
	r.info = ptraceSyscallInfo(v.Tid, &info)
	if change != nil && v.load() == 0 {
		change(&v.regs)
		v.dirty = true
	}
}

// arguments puts strings into the victim's memory and returns all arguments as the kernel takes them.
func (v *victim) arguments(args []any) []uint64 {
	at := v.stackBelow()
	var out []uint64
	for _, arg := range args {
		switch arg := arg.(type) {
		case uint64:
			out = append(out, arg)
		case string:
			v.WriteMemory(at, append([]byte(arg), 0))
			out = append(out, at)
			at += uint64(len(arg)+16) &^ 15
		}
	}
	return out
}

// install puts a filter into the victim.
func (v *victim) install(f *Filter, flags uint64) unix.Errno {
	at := (v.stackBelow() - f.imageSize()) &^ 15
	if r := v.call(SysPrctl, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); r.result != 0 {
		return r.refusal()
	}
	if errno := v.WriteMemory(at, f.image(v.base.abi(), at)); errno != 0 {
		return errno
	}
	r := v.call(SysSeccomp, unix.SECCOMP_SET_MODE_FILTER, flags, at)
	return r.refusal()
}

// refusal is the errno of a call, EPERM if a filter refused it by a signal.
func (r *called) refusal() unix.Errno {
	if r.fate != "" {
		return unix.EPERM
	}
	return r.errno()
}
