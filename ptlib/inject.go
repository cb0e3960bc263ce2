package ptlib

import "golang.org/x/sys/unix"

// Inject makes t, which has ended a call or whose call was stopped by a filter that cannot be outranked, make another
// one, and returns its result or a negated errno. It waits for the end of that call: it is for calls that finish by
// themselves, whatever other tracees do. Use Run for those that might not.
//
// ESRCH says that the tracee died meanwhile.
func (c *Call) Inject(sys Sys, args ...uint64) (int64, unix.Errno) {
	nr := nrOf(c.ABI, sys)
	if nr < 0 {
		return 0, unix.ENOSYS
	}
	t := c.Thread
	if errno := t.load(); errno != 0 {
		return 0, errno
	}
	var a [6]uint64
	copy(a[:], args)
	return t.inject(c.ABI, nr, a, (*registers).reissue)
}

// inject runs one call in t, between two instructions of the program, and puts the registers back. aim points the
// registers at an entering instruction.
func (t *Thread) inject(abi ABI, nr int, args [6]uint64, aim func(*registers, int)) (int64, unix.Errno) {
	t.tracer.stats.Injected++
	program := t.regs
	t.block()
	t.regs.setArgs(abi, args)
	aim(&t.regs, nr)
	t.dirty = true
	result, errno := t.runInjected()
	if errno == unix.ESRCH {
		return 0, errno
	}
	t.regs, t.known, t.dirty = program, true, true
	t.unblock()
	if errno != 0 {
		return 0, errno
	}
	result = abi.result(result)
	if isError(result) {
		return 0, unix.Errno(-result)
	}
	return result, 0
}

// runInjected lets t run to the exit stop of the call that its registers prepare. Reports about t that belong to the
// main loop are kept for it.
func (t *Thread) runInjected() (int64, unix.Errno) {
	tr := t.tracer
	phase := t.phase
	defer func() { t.phase = phase }()
	t.phase = phaseReissue
	for {
		t.resume(0)
		tr.stats.Requests++
		_, status, err := waitFor(t.Tid)
		if err != nil {
			return 0, unix.ESRCH
		}
		t.known, t.dirty = false, false
		if !status.Stopped() {
			tr.pending = append(tr.pending, change{t.Tid, status})
			return 0, unix.ESRCH
		}
		tr.stats.Stops++
		sig := status.StopSignal()
		switch event := int(status) >> 16; {
		case event == 0 && sig == unix.SIGTRAP|syscallStopBit:
			if t.phase == phaseReissue {
				t.phase = phaseReexit
				continue
			}
			if errno := t.load(); errno != 0 {
				return 0, errno
			}
			return t.regs.result(), 0
		case event == 0 && sig == unix.SIGSYS:
			// A filter of the program's own forbids the call by SECCOMP_RET_TRAP. To the program nothing happened.
			return 0, unix.ENOSYS
		case event == 0:
			t.held = append(t.held, sig)
		case event == unix.PTRACE_EVENT_STOP && sig != unix.SIGTRAP:
			t.stopAgain = true
		case event == unix.PTRACE_EVENT_EXEC:
			// Another thread's execve(2) took this one's place.
			tr.pending = append(tr.pending, change{t.Tid, status})
			return 0, unix.ESRCH
		}
	}
}

// Scratch returns the address of slotSize bytes in the tracee's memory that the program does not use, for arguments and
// results of calls that a Handler makes. They are the thread's own until its process execs. If ok is false the memory is
// not there yet: the call is used to map it, and starts over as a new Call, so the Handler returns at once.
func (c *Call) Scratch() (addr uint64, ok bool) {
	t := c.Thread
	if t.slot != 0 {
		return t.slot, true
	}
	if t.slot = t.space.take(); t.slot != 0 {
		return t.slot, true
	}
	sys, args := mapCall(c.ABI)
	if c.atEnd || c.trapped {
		addr, errno := c.Inject(sys, args...)
		if errno != 0 {
			c.Fail(unix.ENOMEM)
			return 0, false
		}
		t.space.add(uint64(addr))
		t.slot = t.space.take()
		return t.slot, true
	}
	c.Run(scratchMapped, sys, args...)
	return 0, false
}

// ScratchSize is how much memory Scratch gives.
const ScratchSize = slotSize

// scratchMapped is the end of the call that maps scratch memory at the entry of another one. What cannot be mapped, for
// want of address space, fails the program's own call as the kernel might.
func scratchMapped(c *Call) {
	if c.Errno() != 0 {
		c.Fail(unix.ENOMEM)
		return
	}
	c.Thread.space.add(uint64(c.Result))
	c.Restart()
}

// mapCall is the call that maps scratch memory. i386 has mmap2(2) for what mmap(2) is elsewhere.
func mapCall(abi ABI) (Sys, []uint64) {
	sys := SysMmap
	if nrOf(abi, SysMmap2) >= 0 {
		sys = SysMmap2
	}
	return sys, []uint64{
		0, scratchSlots * slotSize,
		unix.PROT_READ | unix.PROT_WRITE,
		unix.MAP_PRIVATE | unix.MAP_ANONYMOUS | unix.MAP_NORESERVE,
		^uint64(0), 0,
	}
}
