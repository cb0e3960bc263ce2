package ptlib

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// traceOptions say what the kernel reports about every tracee; children inherit them.
const traceOptions = unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACESECCOMP |
	unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK | unix.PTRACE_O_TRACECLONE |
	unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_EXITKILL

// adopt takes over a child that stopped at its first exec with PTRACE_TRACEME, and puts the filter into it.
//
// A tracee of PTRACE_TRACEME cannot stay in a group stop, so job control would not work; a seized one can. The way from
// one to the other is to let the child go with SIGSTOP, which stops it before its first instruction, to seize it, and
// to take the stop back with SIGCONT.
func (tr *Tracer) adopt(t *Thread) error {
	if err := t.awaitStop(0, unix.SIGTRAP); err != nil {
		return err
	}
	if errno := t.request(unix.PTRACE_DETACH, 0, uintptr(unix.SIGSTOP)); errno != 0 {
		return fmt.Errorf("%w: detach: %w", ErrNoTrace, errno)
	}
	if errno := t.request(unix.PTRACE_SEIZE, 0, traceOptions); errno != 0 {
		return fmt.Errorf("%w: seize: %w", ErrNoTrace, errno)
	}
	if err := t.leaveStop(); err != nil {
		return err
	}
	if err := t.started(); err != nil {
		return err
	}
	return tr.begin(t)
}

// leaveStop takes a command that was seized in the stop by SIGSTOP before its first instruction out of that stop. SIGCONT must
// arrive whatever the command inherited as its mask, or it would run.
func (t *Thread) leaveStop() error {
	if err := t.awaitStop(unix.PTRACE_EVENT_STOP, unix.SIGSTOP); err != nil {
		return err
	}
	mask, errno := ptraceSigmask(t.Tid)
	if errno == 0 {
		errno = ptraceSetSignalMask(t.Tid, ^sigBit(unix.SIGCONT))
	}
	if errno != 0 {
		return fmt.Errorf("%w: signal mask: %w", ErrNoTrace, errno)
	}
	t.mask, t.blocked = mask, true
	if err := unix.Kill(t.Tid, unix.SIGCONT); err != nil {
		return fmt.Errorf("continue the command: %w", err)
	}
	t.request(unix.PTRACE_CONT, 0, 0)
	if err := t.awaitStop(0, unix.SIGCONT); err != nil {
		return err
	}
	ptraceSetSignalMask(t.Tid, mask)
	t.blocked, t.fresh = false, true
	return nil
}

// begin puts the filter into a command that is about to run its first instruction, and lets it go.
func (tr *Tracer) begin(t *Thread) error {
	if err := t.required(); err != nil {
		return err
	}
	if f := tr.options.Filter; f != nil {
		if err := t.install(f); err != nil {
			return err
		}
	}
	tr.handler.Exec(t, t)
	t.resume(0)
	return nil
}

// awaitStop lets t run from stop to stop until the given one. Signals on the way are the child's.
func (t *Thread) awaitStop(event int, want unix.Signal) error {
	for {
		status, ok := t.tracer.await(t)
		if !ok {
			return fmt.Errorf("%w: the command ended before it began", ErrNoTrace)
		}
		sig := status.StopSignal()
		if eventOf(status) == event && sig == want {
			return nil
		}
		if eventOf(status) != 0 {
			sig = 0
		}
		t.request(unix.PTRACE_CONT, 0, uintptr(sig))
	}
}

// install puts a filter into a tracee that has not run an instruction of its program. The memory below the stack pointer
// is nobody's yet.
func (t *Thread) install(f *Filter) error {
	abi, err := t.commandABI()
	if err != nil {
		return err
	}
	at := (t.regs.stackPointer() - 4096 - f.imageSize()) &^ 15
	if _, errno := t.injectSys(abi, SysPrctl, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); errno != 0 {
		return fmt.Errorf("%w: no_new_privs: %w", ErrNoSeccomp, errno)
	}
	if err := t.installAt(f, abi, at, 0); err != nil {
		return err
	}
	if f.base {
		// The filter selects this call, which does nothing: step sees whether that comes before the call's entry stop.
		t.injectSys(abi, SysPrctl, probeOption)
	}
	return nil
}

// commandABI is that of a command before its first instruction, if it can be traced.
func (t *Thread) commandABI() (ABI, error) {
	if errno := t.load(); errno != 0 {
		return 0, fmt.Errorf("read the command's registers: %w", errno)
	}
	abi := t.regs.abi()
	if !traces(abi) {
		return 0, fmt.Errorf("%w: the command is a program for %v (use a feign that was built for it)", ErrNoTrace, abi)
	}
	return abi, nil
}

// probeOption is an option that prctl(2) does not know.
const probeOption = 0x6665696e

func (t *Thread) injectSys(abi ABI, sys Sys, args ...uint64) (int64, unix.Errno) {
	var a [6]uint64
	copy(a[:], args)
	return t.inject(abi, nrOf(abi, sys), a)
}

// installAt makes t install f, which is written to its memory at the given address. flags are further ones of seccomp(2).
func (t *Thread) installAt(f *Filter, abi ABI, at, flags uint64) error {
	if errno := t.WriteMemory(at, f.image(abi, at)); errno != 0 {
		return fmt.Errorf("%w: write the filter: %w", ErrNoSeccomp, errno)
	}
	other, errno := t.injectSys(abi, SysSeccomp, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_SPEC_ALLOW|flags, at)
	if errno == unix.EINVAL {
		other, errno = t.injectSys(abi, SysSeccomp, unix.SECCOMP_SET_MODE_FILTER, flags, at) // before 4.17, gVisor
	}
	if errno != 0 {
		return fmt.Errorf("%w: %w", ErrNoSeccomp, errno)
	}
	if other != 0 {
		return fmt.Errorf("%w: thread %d has filters of its own", ErrNoSeccomp, other)
	}
	return nil
}

// filterHeadSize is the room for struct sock_fprog of any ABI.
const filterHeadSize = 16

func (f *Filter) imageSize() uint64 { return filterHeadSize + uint64(len(f.code)) }

// image is struct sock_fprog, followed by the instructions that it points to, for a tracee that has it at the address.
func (f *Filter) image(abi ABI, at uint64) []byte {
	head := make([]byte, filterHeadSize, f.imageSize())
	nativeEndian.PutUint16(head, uint16(len(f.insns)))
	if abi.PointerBits() == 32 {
		nativeEndian.PutUint32(head[4:], uint32(at+filterHeadSize))
	} else {
		nativeEndian.PutUint64(head[8:], at+filterHeadSize)
	}
	return append(head, f.code...)
}

// AddFilter puts a further filter into the thread, from now on; its children inherit it. It is for the end of a call.
// A filter can only narrow what earlier ones let pass.
func (c *Call) AddFilter(f *Filter) error { return c.addFilter(f, 0) }

// AddFilterToProcess is AddFilter for all threads of the process; others are those that are not the call's. It fails, and
// none has the filter, where one of them has filters that the thread lacks.
func (c *Call) AddFilterToProcess(f *Filter) (others []*Thread, err error) {
	for _, t := range c.Thread.tracer.threads {
		if t != c.Thread && t.Tgid == c.Thread.Tgid {
			others = append(others, t)
		}
	}
	if len(others) == 0 {
		return nil, c.addFilter(f, 0)
	}
	return others, c.addFilter(f, unix.SECCOMP_FILTER_FLAG_TSYNC)
}

func (c *Call) addFilter(f *Filter, flags uint64) error {
	t := c.Thread
	// Not into the scratch memory: what is there is the Handler's.
	size := f.imageSize()
	sys, args := mapCall(c.ABI, size)
	at, errno := c.Inject(sys, args[:]...)
	if errno != 0 {
		return fmt.Errorf("map memory for a filter: %w", errno)
	}
	err := t.installAt(f, c.ABI, uint64(at), flags)
	if _, errno := c.Inject(SysMunmap, uint64(at), size); errno != 0 && err == nil {
		err = fmt.Errorf("unmap a filter: %w", errno)
	}
	return err
}
