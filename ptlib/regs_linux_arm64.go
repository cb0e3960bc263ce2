package ptlib

import "golang.org/x/sys/unix"

// registers are the general registers of a stopped tracee: struct user_pt_regs. Those of a 32-bit tracee are shown in the
// layout of 32-bit arm, whoever asks (arch/arm64/kernel/ptrace.c, task_user_regset_view).
//
// Two things are not among them. The number of the call in progress starts as x8 and is a regset of its own. And the
// kernel keeps the first argument aside (orig_x0), since x0 becomes the result, and makes an interrupted call again with
// that (arch/arm64/kernel/signal.c, do_signal): see restart.go.
//
// While a thread is at an entry or exit stop, x7 (r12 of a 32-bit one) tells which of the two it is; what is written
// there is ignored (syscall_trace_enter). Registers that were read at such a stop are never written at another kind.
type registers struct {
	native   unix.PtraceRegs
	compat   [compatRegs]uint32
	is32     bool  // compat holds, and not native
	replaced bool  // the number of the call in progress is to become next
	next     int32 // -1: no call
}

// resultIsFirstArg tells that the result comes where the first argument was.
const resultIsFirstArg = true

// numberIsRegister tells that the program would find a number that was changed.
const numberIsRegister = false

// Places in the registers of a 32-bit tracee (arch/arm/include/uapi/asm/ptrace.h, struct pt_regs).
const (
	compatNumber = 7
	compatSP     = 13
	compatPC     = 15
	compatCPSR   = 16
	compatOrigR0 = 17
	compatRegs   = 18
)

// thumbBit of the program status is set while 16-bit instructions are executed.
const thumbBit = 1 << 5

// syscallInsn returns the instruction that enters the kernel, of the kind that the program is executing: `svc #0`.
func (r *registers) syscallInsn() []byte {
	switch {
	case !r.is32:
		return []byte{0x01, 0x00, 0x00, 0xd4}
	case r.compat[compatCPSR]&thumbBit != 0:
		return []byte{0x00, 0xdf}
	}
	return []byte{0x00, 0x00, 0x00, 0xef}
}

// trapInsn stops the thread with SIGTRAP (arch/arm64/include/asm/debug-monitors.h, AARCH64_BREAK_MON and AARCH32_BREAK_*).
func (r *registers) trapInsn() []byte {
	switch {
	case !r.is32:
		return []byte{0x00, 0x00, 0x20, 0xd4}
	case r.compat[compatCPSR]&thumbBit != 0:
		return []byte{0x01, 0xde}
	}
	return []byte{0xf0, 0x01, 0xf0, 0xe7}
}

// abi returns the convention that the code at the instruction pointer was compiled for.
func (r *registers) abi() ABI {
	if r.is32 {
		return ABIARM
	}
	return ABIARM64
}

func (r *registers) result() int64 {
	if r.is32 {
		return int64(int32(r.compat[0]))
	}
	return int64(r.native.Regs[0])
}

func (r *registers) setResult(v int64) {
	if r.is32 {
		r.compat[0] = uint32(v)
		return
	}
	r.native.Regs[0] = uint64(v)
}

func (r *registers) stackPointer() uint64 {
	if r.is32 {
		return uint64(r.compat[compatSP])
	}
	return r.native.Sp
}

func (r *registers) instructionPointer() uint64 {
	if r.is32 {
		return uint64(r.compat[compatPC])
	}
	return r.native.Pc
}

// args are the arguments of the call in progress at its entry; the first one is gone once it has a result.
func (r *registers) args(ABI) (a [6]uint64) {
	if !r.is32 {
		copy(a[:], r.native.Regs[:])
		return a
	}
	for i := range a {
		a[i] = uint64(r.compat[i])
	}
	return a
}

// setArgs also overwrites the result: it is for a call that is about to be made, or goes before setResult.
func (r *registers) setArgs(_ ABI, a [6]uint64) {
	if !r.is32 {
		copy(r.native.Regs[:], a[:])
		return
	}
	for i, v := range a {
		r.compat[i] = uint32(v)
	}
	// Here the copy of the first argument can be seen and written, and 7.3 makes the call with it.
	r.compat[compatOrigR0] = uint32(a[0])
}

// number is the number of the call that the program made, also when another one runs in its place.
func (r *registers) number() int {
	if r.is32 {
		return int(int32(r.compat[compatNumber]))
	}
	return int(int32(r.native.Regs[8]))
}

// setNumber changes the call that the kernel is about to make; -1 makes none. The program's own register stays: the
// kernel takes the number from there again, if it has to restart the call.
func (r *registers) setNumber(nr int) {
	r.replaced, r.next = nr != r.number(), int32(nr)
}

// rolledBack tells, at an exit stop, that a filter may have undone the call's entry (syscall_rollback): then x0 is the
// first argument again. The tracer cannot see that beside it, and AT_FDCWD or -1 look like errors: so it always may.
func (r *registers) rolledBack() bool { return true }

// reissue prepares a tracee outside of a call to make the call nr next, with the instruction that it made its last call
// with. That there is no call in progress says that there is none to restart, should x0 look like it.
func (r *registers) reissue(nr int) {
	if r.is32 {
		r.compat[compatPC] -= uint32(len(r.syscallInsn()))
	} else {
		r.native.Pc -= uint64(len(r.syscallInsn()))
	}
	r.issueHere(nr)
}

// issueHere is reissue for a tracee whose instruction pointer stands on an entering instruction.
func (r *registers) issueHere(nr int) {
	if r.is32 {
		r.compat[compatNumber] = uint32(nr)
	} else {
		r.native.Regs[8] = uint64(nr)
	}
	r.replaced, r.next = true, -1
}
