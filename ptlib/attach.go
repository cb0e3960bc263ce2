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
	if _, status, err := waitFor(t.Tid); err != nil || !status.Stopped() {
		return fmt.Errorf("%w: the command did not stop at its start (wait status %#x, %v)", ErrNoTrace, int(status), err)
	}
	if errno := t.request(unix.PTRACE_DETACH, 0, uintptr(unix.SIGSTOP)); errno != 0 {
		return fmt.Errorf("%w: detach: %v", ErrNoTrace, errno)
	}
	if errno := t.request(unix.PTRACE_SEIZE, 0, traceOptions); errno != 0 {
		return fmt.Errorf("%w: seize: %v", ErrNoTrace, errno)
	}
	if err := t.awaitStop(unix.PTRACE_EVENT_STOP, unix.SIGSTOP); err != nil {
		return err
	}
	if err := unix.Kill(t.Tid, unix.SIGCONT); err != nil {
		return fmt.Errorf("continue the command: %w", err)
	}
	t.request(unix.PTRACE_CONT, 0, 0)
	if err := t.awaitStop(0, unix.SIGCONT); err != nil {
		return err
	}
	t.known = false
	if err := t.installFirst(tr.options.Filter); err != nil {
		return err
	}
	tr.handler.Exec(t, t)
	t.resume(0)
	return nil
}

// awaitStop lets t run from stop to stop until the given one.
func (t *Thread) awaitStop(event int, sig unix.Signal) error {
	for {
		_, status, err := waitFor(t.Tid)
		if err != nil {
			return fmt.Errorf("wait for the command: %w", err)
		}
		if !status.Stopped() {
			return fmt.Errorf("%w: the command ended before it began (wait status %#x)", ErrNoTrace, int(status))
		}
		if int(status)>>16 == event && status.StopSignal() == sig {
			return nil
		}
		t.request(unix.PTRACE_CONT, 0, 0)
	}
}

// installFirst puts a filter into a tracee that has not run an instruction of its program. There is no call to repeat,
// so the first instruction is replaced by one that enters the kernel, for as long as it takes. The memory below the stack
// pointer is nobody's yet.
func (t *Thread) installFirst(f *Filter) error {
	if errno := t.load(); errno != 0 {
		return fmt.Errorf("read the command's registers: %w", errno)
	}
	abi := t.regs.abi()
	ip := uintptr(t.regs.instructionPointer())
	if !traces(abi) {
		return fmt.Errorf("%w: the command is a program for %v (use a feign that was built for it)", ErrNoTrace, abi)
	}
	var word [8]byte
	if errno := t.ReadMemory(uint64(ip), word[:]); errno != 0 {
		return fmt.Errorf("read the command's first instruction: %w", errno)
	}
	program := nativeEndian.Uint64(word[:])
	copy(word[:], t.regs.syscallInsn())
	if errno := t.pokeText(ip, nativeEndian.Uint64(word[:])); errno != 0 {
		return fmt.Errorf("write the command's first instruction: %w", errno)
	}
	at := (t.regs.stackPointer() - 4096 - uint64(len(f.code)) - filterHeadSize) &^ 15
	err := t.installAt(f, abi, at, (*registers).issueHere)
	if errno := t.pokeText(ip, program); errno != 0 && err == nil {
		err = fmt.Errorf("restore the command's first instruction: %w", errno)
	}
	return err
}

// installAt makes t install f, which is written to its memory at the given address.
func (t *Thread) installAt(f *Filter, abi ABI, at uint64, aim func(*registers, int)) error {
	if errno := t.WriteMemory(at, f.image(abi, at)); errno != 0 {
		return fmt.Errorf("%w: write the filter: %v", ErrNoSeccomp, errno)
	}
	call := func(sys Sys, args ...uint64) unix.Errno {
		var a [6]uint64
		copy(a[:], args)
		_, errno := t.inject(abi, nrOf(abi, sys), a, aim)
		return errno
	}
	if errno := call(SysPrctl, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); errno != 0 {
		return fmt.Errorf("%w: no_new_privs: %v", ErrNoSeccomp, errno)
	}
	errno := call(SysSeccomp, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_SPEC_ALLOW, at)
	if errno == unix.EINVAL {
		errno = call(SysSeccomp, unix.SECCOMP_SET_MODE_FILTER, 0, at) // before 4.17, gVisor
	}
	if errno != 0 {
		return fmt.Errorf("%w: %v", ErrNoSeccomp, errno)
	}
	return nil
}

// filterHeadSize is the room for struct sock_fprog of any ABI.
const filterHeadSize = 16

// image is struct sock_fprog, followed by the instructions that it points to, for a tracee that has it at the address.
func (f *Filter) image(abi ABI, at uint64) []byte {
	head := make([]byte, filterHeadSize, filterHeadSize+len(f.code))
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
func (c *Call) AddFilter(f *Filter) error {
	t := c.Thread
	size := uint64(len(f.code) + filterHeadSize)
	sys, args := mapCall(c.ABI)
	args[1] = size
	at, errno := c.Inject(sys, args...)
	if errno != 0 {
		return fmt.Errorf("map memory for a filter: %w", errno)
	}
	err := t.installAt(f, c.ABI, uint64(at), (*registers).reissue)
	if _, errno := c.Inject(SysMunmap, uint64(at), size); errno != 0 && err == nil {
		err = fmt.Errorf("unmap a filter: %w", errno)
	}
	return err
}
