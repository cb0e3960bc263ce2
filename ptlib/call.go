package ptlib

import "golang.org/x/sys/unix"

// A Call is one system call of a tracee, at its entry or at its end.
//
// At the entry the Handler chooses one of: nothing (the call runs unobserved), Answer or Fail (it does not run), Then (it
// runs, with arguments possibly changed by SetArg, and a function sees its end), Run (another call runs in its place),
// Restart. At the end, in the function given to Then or Run, Result holds the kernel's answer; Answer and Fail replace
// it, and Run makes a further call. Arguments that were changed are the tracee's own again afterwards.
//
// A call that a signal interrupts such that the kernel will make it again is not reported at its end: it comes back as
// a new Call. What a Handler prepares at the entry must therefore need no undoing. Calls that go on by restart_syscall(2)
// (nanosleep, poll, futex with a timeout) do not come back even so: once such a call was stopped and continued, its end
// is not reported.
//
// While a call is made after the end of another one (Run, Inject), the tracee's signals wait, so that no handler of the
// program's runs in between; only SIGKILL comes through, and stops as by SIGSTOP are taken up afterwards.
type Call struct {
	Thread *Thread
	Sys    Sys
	ABI    ABI       // at the end of a successful execve(2), that of the new program
	Number int       // what ABI calls Sys; for SysUnknown it tells more
	Args   [6]uint64 // as the tracee gave them, or Substitute; zero-extended from 32 bits where its ABI has 32
	Result int64     // at the end: the value, or a negated errno
	IP     uint64    // the instruction after the one that entered the kernel

	// Local is the Handler's, from entry to end.
	Local [6]uint64
	// Value is the Handler's, from entry to end.
	Value any

	own     [6]uint64 // Args before any was substituted
	verdict verdict
	then    func(*Call)
	changed bool // registers are to be put back at the end
	atEnd   bool
	trapped bool // the entry is a SIGSYS stop: the call did not begin, and will not by itself
}

type verdict uint8

const (
	verdictPass verdict = iota
	verdictAnswer
	verdictThen
	verdictRun
	verdictRestart
)

// Answer ends the call with a result of the Handler's. At the entry the kernel does not make the call at all.
func (c *Call) Answer(result int64) {
	c.Result = result
	c.verdict = verdictAnswer
}

// Fail ends the call with an error.
func (c *Call) Fail(errno unix.Errno) { c.Answer(-int64(errno)) }

// Errno returns the error of a call that has ended, 0 if it succeeded.
func (c *Call) Errno() unix.Errno {
	if isError(c.Result) {
		return unix.Errno(-c.Result)
	}
	return 0
}

// isError reports whether a result is a negated errno (include/linux/err.h, IS_ERR_VALUE).
func isError(result int64) bool { return result < 0 && result >= -maxErrno }

const maxErrno = 4095

// result makes a result of the register that holds it: of 32 bits, the highest addresses are not errors yet.
func (a ABI) result(register int64) int64 {
	if a.PointerBits() != 32 {
		return register
	}
	if v := int64(int32(register)); isError(v) {
		return v
	}
	return int64(uint32(register))
}

// Then lets the kernel make the call and calls f with its Result. At the end of a call it has no effect.
func (c *Call) Then(f func(*Call)) {
	if c.atEnd {
		return
	}
	c.then = f
	c.verdict = verdictThen
}

// SetArg changes argument i, from 0, of the call that the kernel is about to make. It is for the entry, and goes with Then;
// at the end of a call it has no effect.
func (c *Call) SetArg(i int, v uint64) {
	t := c.Thread
	if c.atEnd || t.load() != 0 {
		return
	}
	c.change()
	args := t.regs.args(c.ABI)
	args[i] = v
	t.regs.setArgs(c.ABI, args)
}

// Substitute is SetArg that changes Args too: from then on the call is one with another argument, for the Handler as for the
// kernel. Where the call is made again it is the tracee's own. It is for the entry.
func (c *Call) Substitute(i int, v uint64) {
	c.SetArg(i, v)
	c.Args[i] = v
}

// Changed reports whether the call is made with other arguments than the tracee's own, which have it stop at its end in any case.
func (c *Call) Changed() bool { return c.changed }

// change notes that the registers will differ from those of the tracee's own call.
func (c *Call) change() {
	t := c.Thread
	if !c.changed {
		t.saved = t.regs
		c.changed = true
	}
	t.dirty = true
}

// Run makes another call in the place of this one, or after its end, and calls f with its Result. If the tracee's ABI
// lacks sys, f is called at once with ENOSYS; if a filter refuses it by a signal, the Result is EPERM. In place of a call
// that has not begun, the other one may block and be interrupted as that one would; after an end it is to finish by
// itself, since signals wait for it.
func (c *Call) Run(f func(*Call), sys Sys, args ...uint64) {
	nr := nrOf(c.ABI, sys)
	if nr < 0 {
		c.Result = -int64(unix.ENOSYS)
		f(c)
		return
	}
	var a [6]uint64
	copy(a[:], args)
	t := c.Thread
	if t.fresh {
		// No instruction of the new program enters the kernel yet; one has to be lent for as long as the call takes.
		c.Result = t.injectResult(c.ABI, nr, a)
		f(c)
		return
	}
	if t.load() != 0 {
		return
	}
	c.change()
	c.then = f
	if c.atEnd || c.trapped {
		t.ours.aim(t, c.ABI, nr, a)
		c.verdict = verdictRun
	} else {
		t.regs.setArgs(c.ABI, a)
		t.regs.setNumber(nr)
		c.verdict = verdictThen
	}
}

// Restart makes the tracee make its call again from the beginning, as after a signal with SA_RESTART. It comes back as a
// new Call. It is for the end of a call, after something was changed that made it fail.
func (c *Call) Restart() { c.verdict = verdictRestart }

// Trapped reports whether the call arrived by a stop that an outer filter cannot forbid. Then the call must not be made
// as it is: either the outer filter forbids it, or ours would stop it once more. If the Handler lets it happen
// nevertheless, it fails with EPERM; it may go through by Then, if SetArg changed what the filters look at.
func (c *Call) Trapped() bool { return c.trapped }

func (c *Call) reset(abi ABI, nr int, args [6]uint64, ip uint64) {
	*c = Call{Thread: c.Thread, Sys: sysOf(abi, nr), ABI: abi, Number: nr, Args: args, own: args, IP: ip}
}
