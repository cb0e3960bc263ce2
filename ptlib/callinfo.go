package ptlib

import "golang.org/x/sys/unix"

// errReplaced says that a thread is at another stop than the one that was reported: it was the leader, and another thread
// has executed a new program and has its id. That stop is yet to be waited for. Since Linux 5.13 there is ESRCH until then
// for every request (kernel/ptrace.c, looks_like_a_spurious_pid).
const errReplaced = unix.ESTALE

// callInfo reads what the tracee is about to call: number, arguments, and the architecture whose numbers it means.
func (t *Thread) callInfo(info *syscallInfo) unix.Errno {
	tr := t.tracer
	if !tr.noInfo {
		tr.stats.Requests++
		errno := ptraceSyscallInfo(t.Tid, info)
		switch {
		case errno == 0 && info.op != syscallInfoSeccomp:
			return errReplaced
		case errno == 0 || errno == unix.ESRCH:
			return errno
		}
		tr.noInfo = true
	}
	return t.callInfoFromRegisters(info)
}

// callInfoFromRegisters is callInfo where the kernel lacks PTRACE_GET_SYSCALL_INFO (before 5.3, gVisor): the filter that
// selected the call says which registers hold its arguments.
func (t *Thread) callInfoFromRegisters(info *syscallInfo) unix.Errno {
	var signal signalInfo
	if errno := t.signalInfo(&signal); errno != 0 {
		return errno
	}
	if !signal.atEvent(unix.PTRACE_EVENT_SECCOMP) {
		return errReplaced
	}
	t.tracer.stats.Requests++
	message, errno := ptraceEventMessage(t.Tid)
	if errno != 0 {
		return errno
	}
	if errno := t.load(); errno != 0 {
		return errno
	}
	data := uint32(message)
	abi := verdictABI(data)
	if kindOf(data) == filterForeign {
		abi = t.regs.abi() // it fails, whatever it is
	}
	*info = syscallInfo{
		arch: abi.AuditArch(),
		ip:   t.regs.instructionPointer(),
		nr:   uint64(int64(t.regs.number())),
		args: t.regs.args(abi),
		data: data,
	}
	return 0
}

// atEvent tells that a stop is that of a PTRACE_EVENT_* (kernel/ptrace.c, ptrace_event).
func (info *signalInfo) atEvent(event int32) bool {
	return info.signo == int32(unix.SIGTRAP) && info.code == int32(unix.SIGTRAP)|event<<8
}

// forkABI is the convention of the call that has made a child: not always that of the code around it (`int $0x80` in a
// 64-bit program).
func (t *Thread) forkABI() ABI {
	abi, nr := t.regs.abi(), t.regs.number()
	if !t.tracer.noInfo {
		var info syscallInfo
		t.tracer.stats.Requests++
		if ptraceSyscallInfo(t.Tid, &info) == 0 {
			return abiOf(info.arch, nr)
		}
	}
	// No number means a call of that kind by two conventions of one processor, but for that of clone3(2), and a kernel that
	// has that one has PTRACE_GET_SYSCALL_INFO.
	if makesChild(sysOf(abi, nr)) {
		return abi
	}
	for _, other := range tracedABIs {
		if makesChild(sysOf(other, nr)) {
			return other
		}
	}
	return abi
}

func makesChild(s Sys) bool {
	return s == SysFork || s == SysVfork || s == SysClone || s == SysClone3
}
