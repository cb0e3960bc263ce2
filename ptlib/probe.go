package ptlib

import (
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// A Verdict is what an experiment showed.
type Verdict uint8

const (
	NotAsked Verdict = iota // an earlier experiment failed that this one needs
	Works
	Fails
)

// An Answer is the outcome of one experiment.
type Answer struct {
	Verdict Verdict
	Why     string // for Fails: the error, or what happened instead
}

// OK reports whether it works. What was not asked does not.
func (a Answer) OK() bool { return a.Verdict == Works }

func answerOf(err error) Answer {
	if err == nil {
		return Answer{Verdict: Works}
	}
	return Answer{Verdict: Fails, Why: err.Error()}
}

func answerErrno(errno unix.Errno) Answer {
	if errno == 0 {
		return Answer{Verdict: Works}
	}
	return answerOf(errno)
}

// answerIf is Works if ok, else Fails with the reason.
func answerIf(ok bool, why string) Answer {
	if ok {
		return Answer{Verdict: Works}
	}
	return Answer{Verdict: Fails, Why: why}
}

// Measured is what Probe found out about the kernel and whatever stands around this process: the facts that this package
// relies on, tried one by one.
type Measured struct {
	Traceme  Answer // PTRACE_TRACEME: a child may have this process as its tracer
	ExecTrap Answer // a child with PTRACE_TRACEME stops with SIGTRAP after execve(2)
	Seize    Answer // PTRACE_SEIZE with all options that this package sets
	Listen   Answer // PTRACE_LISTEN: a seized tracee stays in a group stop, and SIGCONT ends it
	Sigmask  Answer // PTRACE_SETSIGMASK
	Start    Answer // the seized child is led to its first instruction
	Read     Answer // process_vm_readv(2)
	Write    Answer // process_vm_writev(2)
	Words    Answer // PTRACE_PEEKDATA and PTRACE_POKEDATA in their place; asked only where they are missing
	ProcMem  Answer // /proc/PID/mem, read and written
	Poke     Answer // PTRACE_POKETEXT into a page that the tracee may not write, and a call made by what was put there

	Filter    Answer // seccomp(2), SECCOMP_SET_MODE_FILTER
	SpecAllow Answer // SECCOMP_FILTER_FLAG_SPEC_ALLOW
	RetErrno  Answer // SECCOMP_RET_ERRNO
	RetTrap   Answer // SECCOMP_RET_TRAP: SIGSYS that the tracer can drop
	RetTrace  Answer // SECCOMP_RET_TRACE
	// EntryFirst: the entry stop of a call comes before the filters are asked (Linux 4.8).
	EntryFirst  Answer
	SyscallInfo Answer // PTRACE_GET_SYSCALL_INFO (Linux 5.3)
	PeekSignals Answer // PTRACE_PEEKSIGINFO
	Skip        Answer // a call with number -1 is not made, and has the result that the tracer gives it

	Fork, Vfork, Clone Answer // the child is traced from its first instruction
	ExecEvent          Answer // PTRACE_EVENT_EXEC
	// ParentWaits: a traced child that the tracer has waited for is there for its parent's wait(2) too.
	ParentWaits Answer

	Native    ABI    // the convention of a child that runs Program; ABIUnknown if none could be started
	StateSize int    // bytes of registers that the kernel shows of it; 0: unknown
	Stat      Answer // Platform.Stat tells about a file

	Calls []CallMeasured // in the order of ProbeOptions.Calls
}

// ProbeOptions say what Probe is to do.
type ProbeOptions struct {
	// Program is the program of the children. It is not run: they are killed before its first instruction. It is to be of this
	// process's own architecture, and readable. "" is /proc/self/exe.
	Program string
	// Calls are to be made by a child, and to be watched.
	Calls []ProbeCall
}

// A ProbeCall is a system call with arguments, which is to fail in a way that tells about filters around it; it must do no
// harm where there are none.
type ProbeCall struct {
	Sys  Sys
	Args []any // uint64 and string; a string is put into the child's memory, with a zero
}

// A CallMeasured is what became of a ProbeCall.
type CallMeasured struct {
	Call  ProbeCall
	Plain unix.Errno // the answer without a filter of ours; 0 where it succeeded
	// Fate is "" if the call had an answer, "trap" if an outer filter sent SIGSYS, "kill" if it killed the child, and "none"
	// if it was not made: this ABI lacks it, or no child can be traced.
	Fate  string
	Entry Answer // the call has an entry stop
	Trace Answer // SECCOMP_RET_TRACE of an inner filter is heard
	Trap  Answer // SECCOMP_RET_TRAP of an inner filter is heard
}

// Probe tries what this package relies on, by tracing children that never run an instruction of their program. It takes some
// tens of milliseconds, and leaves nothing behind. An experiment that does not end is cut short after seconds and counts as
// failed.
func Probe(o ProbeOptions) *Measured {
	if o.Program == "" {
		o.Program = "/proc/self/exe"
	}
	done := make(chan *Measured)
	go func() {
		// As in Tracer.Run: the thread is the tracer, and ends with the goroutine.
		runtime.LockOSThread()
		p := &probe{options: o, Measured: &Measured{}}
		p.run()
		done <- p.Measured
	}()
	return <-done
}

// probe is one run of Probe.
type probe struct {
	*Measured
	options ProbeOptions
}

var errUnexpected = errors.New("unexpected stop")

func unexpected(status unix.WaitStatus) error {
	switch {
	case status.Exited():
		return fmt.Errorf("%w: exit %d", errUnexpected, status.ExitStatus())
	case status.Signaled():
		return fmt.Errorf("%w: killed by signal %d", errUnexpected, status.Signal())
	}
	return fmt.Errorf("%w: signal %d, event %d", errUnexpected, status.StopSignal(), eventOf(status))
}

// run makes the experiments in the order in which they need one another. Each of the later groups has a child of its own.
func (p *probe) run() {
	for _, call := range p.options.Calls {
		p.Calls = append(p.Calls, CallMeasured{Call: call, Fate: "none"})
	}
	p.Traceme = answerOf(mayTrace())
	if !p.Traceme.OK() {
		return
	}
	v, err := p.attach()
	if err != nil {
		return
	}
	p.Native, p.StateSize = v.base.abi(), ptraceRegistersSize(v.Tid)
	p.memory(v)
	v.end()
	if !p.Read.OK() || !p.Write.OK() || !p.Poke.OK() {
		return
	}
	p.with(p.children)
	p.with(p.stat)
	p.with(p.exec)
	p.with(p.filters)
	p.calls()
}

// with runs an experiment on a child of its own.
func (p *probe) with(experiment func(v *victim)) {
	v, err := startVictim(p.options.Program)
	if err != nil {
		return
	}
	defer v.end()
	experiment(v)
}
