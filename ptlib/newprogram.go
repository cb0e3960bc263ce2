package ptlib

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// AddFilter puts a further filter into t's new program before its first instruction. It is for Handler.Exec. A Handler
// that asked for the end of the execve(2) with Then is not told of it.
func (t *Thread) AddFilter(f *Filter) error {
	if errno := t.leaveExec(); errno != 0 {
		return fmt.Errorf("end of execve: %w", errno)
	}
	return t.installFirst(f)
}

// leaveExec takes t from the stop inside execve(2) to the end of that call: the kernel is yet to set the result
// register, and nothing can be injected before it has. Where the stop is another one, the program has begun already (the
// first program of all, see adopt).
func (t *Thread) leaveExec() unix.Errno {
	var info signalInfo
	t.tracer.stats.Requests++
	if errno := ptraceSignalInfo(t.Tid, &info); errno != 0 {
		return errno
	}
	if info.code != int32(unix.SIGTRAP)|unix.PTRACE_EVENT_EXEC<<8 {
		return 0
	}
	t.flush()
	t.request(unix.PTRACE_SYSCALL, 0, 0)
	t.tracer.stats.Requests++
	_, status, err := waitFor(t.Tid)
	if err != nil {
		return unix.ESRCH
	}
	if !status.Stopped() || status.StopSignal() != unix.SIGTRAP|syscallStopBit {
		t.tracer.pending = append(t.tracer.pending, change{t.Tid, status})
		return unix.ESRCH
	}
	t.tracer.stats.Stops++
	if t.phase == phaseReexit {
		t.unblock()
	}
	t.phase = phaseFree
	return 0
}
