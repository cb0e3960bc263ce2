package ptlib

import (
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// probeTimeout bounds the life of a child of Probe. What it does takes a millisecond, or seconds on a machine that is busy
// with other things.
const probeTimeout = 30 * time.Second

// mayTrace asks the kernel whether a child of this process may be traced by it. The child asks before it executes anything,
// and no file has an empty name: ENOENT tells that it was allowed.
func mayTrace() error {
	pid, err := syscall.ForkExec("", []string{""}, &syscall.ProcAttr{Sys: &syscall.SysProcAttr{Ptrace: true}})
	if err == nil {
		unix.Kill(pid, unix.SIGKILL)
		waitFor(pid)
		return nil
	}
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	return err
}

// A victim is a traced child that makes calls in the place of its program, of which it never runs an instruction.
type victim struct {
	*Thread
	base  registers // at the program's first instruction
	guard *time.Timer
}

// forkVictim starts a child that will stop at its first exec.
func forkVictim(program string) (*victim, error) {
	pid, err := syscall.ForkExec(program, []string{program}, &syscall.ProcAttr{
		Files: []uintptr{},
		Sys:   &syscall.SysProcAttr{Ptrace: true, Pdeathsig: unix.SIGKILL},
	})
	if err != nil {
		return nil, err
	}
	return newVictim(pid), nil
}

func newVictim(pid int) *victim {
	return &victim{
		Thread: &Thread{Tid: pid, Tgid: pid, tracer: New(Options{}), fresh: true},
		guard:  time.AfterFunc(probeTimeout, func() { unix.Kill(pid, unix.SIGKILL) }),
	}
}

// end kills the victim and waits until it is gone.
func (v *victim) end() {
	v.guard.Stop()
	for !v.lost {
		unix.Kill(v.Tid, unix.SIGKILL)
		v.wait()
	}
}

// wait returns the next stop of the victim, or its end; then it is lost.
func (v *victim) wait() (unix.WaitStatus, error) {
	if v.lost {
		return 0, unix.ESRCH
	}
	_, status, err := waitFor(v.Tid)
	if err != nil || !status.Stopped() {
		v.lost = true
	}
	v.known, v.dirty = false, false
	return status, err
}

// expect waits for a stop with a signal and an event.
func (v *victim) expect(event int, sig unix.Signal) error {
	status, err := v.wait()
	if err == nil && (!status.Stopped() || eventOf(status) != event || status.StopSignal() != sig) {
		err = unexpected(status)
	}
	return err
}

// startVictim is attach for a child of which nothing is to be learned but what it is asked.
func startVictim(program string) (*victim, error) {
	p := probe{Measured: &Measured{}, options: ProbeOptions{Program: program}}
	v, err := p.attach()
	if err != nil {
		return nil, err
	}
	if err := v.prepare(); err != nil {
		v.end()
		return nil, err
	}
	return v, nil
}

// attach starts a child and takes it over the way that Tracer.adopt does, noting whether each step works.
func (p *probe) attach() (*victim, error) {
	v, err := forkVictim(p.options.Program)
	if err != nil {
		p.Traceme = answerOf(err)
		return nil, err
	}
	for _, step := range []struct {
		answer *Answer
		do     func() error
	}{
		{&p.ExecTrap, func() error { return v.expect(0, unix.SIGTRAP) }},
		{&p.Seize, v.seize},
		{&p.Sigmask, v.hush},
		{&p.Start, func() error { return p.start(v) }},
	} {
		err := step.do()
		if *step.answer = answerOf(err); err != nil {
			v.end()
			return nil, err
		}
	}
	if errno := v.load(); errno != 0 {
		v.end()
		return nil, errno
	}
	v.base = v.regs
	return v, nil
}

func (v *victim) seize() error {
	if errno := v.request(unix.PTRACE_DETACH, 0, uintptr(unix.SIGSTOP)); errno != 0 {
		return fmt.Errorf("detach: %w", errno)
	}
	if errno := v.request(unix.PTRACE_SEIZE, 0, traceOptions); errno != 0 {
		return errno
	}
	return v.expect(unix.PTRACE_EVENT_STOP, unix.SIGSTOP)
}

// hush keeps all signals away but the one that start sends: the child must not die of any, nor run.
func (v *victim) hush() error {
	if _, errno := ptraceSigmask(v.Tid); errno != 0 {
		return errno
	}
	if errno := ptraceSetSignalMask(v.Tid, allButKernelSignals&^sigBit(unix.SIGCONT)&^sigBit(unix.SIGSYS)); errno != 0 {
		return errno
	}
	return nil
}

// start takes the child from its group stop to the stop where SIGCONT is delivered, which is the last one before its first
// instruction. On the way it stays in the group stop for a while, if the kernel can do that.
func (p *probe) start(v *victim) error {
	p.Listen = answerErrno(v.request(unix.PTRACE_LISTEN, 0, 0))
	if err := unix.Kill(v.Tid, unix.SIGCONT); err != nil {
		return err
	}
	if p.Listen.OK() {
		if err := v.expect(unix.PTRACE_EVENT_STOP, unix.SIGTRAP); err != nil {
			p.Listen = answerOf(err)
			return err
		}
	}
	if errno := v.request(unix.PTRACE_CONT, 0, 0); errno != 0 {
		return errno
	}
	return v.expect(0, unix.SIGCONT)
}

// prepare puts an instruction that enters the kernel in the place of the program's first one, and one that stops it behind that.
func (v *victim) prepare() error {
	if _, errno := v.lend(slices.Concat(v.regs.syscallInsn(), v.regs.trapInsn())); errno != 0 {
		return errno
	}
	return nil
}

// stackBelow is an address below the child's stack pointer, where nothing is yet; see Thread.install.
func (v *victim) stackBelow() uint64 { return (v.base.stackPointer() - 8192) &^ 15 }
