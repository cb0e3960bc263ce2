package ptlib

import "golang.org/x/sys/unix"

// registers are the general registers of a stopped tracee, struct user_regs_struct (arch/riscv/include/uapi/asm/ptrace.h),
// with the first argument of the call that it is about to make.
//
// That one is not among them. a0 becomes the result, so the kernel keeps the argument aside (orig_a0), and since it has the
// generic entry code (Linux 6.4) it makes the call, and an interrupted call again, with what it has kept; of late a0 is
// -ENOSYS at an entry stop already (arch/riscv/kernel/traps.c, do_trap_ecall_u).
type registers struct {
	user    unix.PtraceRegs
	entry   bool   // the thread is at the entry of a call
	first   uint64 // the call's first argument then
	changed bool   // first is not what the kernel has
}

// resultIsFirstArg tells that the result comes where the first argument was.
const resultIsFirstArg = true

// numberIsRegister tells that the program would find a number that was changed: a7 is the kernel's to look at and the program's
// to keep.
const numberIsRegister = true

// syscallInsn returns the instruction that enters the kernel: `ecall`.
func (r *registers) syscallInsn() []byte { return []byte{0x73, 0x00, 0x00, 0x00} }

// trapInsn is ebreak, which stops the thread with SIGTRAP.
func (r *registers) trapInsn() []byte { return []byte{0x73, 0x00, 0x10, 0x00} }

// abi returns the convention that the code at the instruction pointer was compiled for.
func (r *registers) abi() ABI { return ABIRISCV64 }

func (r *registers) result() int64 { return int64(r.user.A0) }

func (r *registers) setResult(v int64) { r.user.A0 = uint64(v) }

func (r *registers) stackPointer() uint64 { return r.user.Sp }

func (r *registers) instructionPointer() uint64 { return r.user.Pc }

// args are the arguments of the call in progress at its entry; the first one is gone once it has a result.
func (r *registers) args(ABI) [6]uint64 {
	u := &r.user
	a := [6]uint64{u.A0, u.A1, u.A2, u.A3, u.A4, u.A5}
	if r.entry {
		a[0] = r.first
	}
	return a
}

// setArgs also overwrites the result, but at an entry, where that is ENOSYS until the call is made: it is for a call that is
// about to be made, or goes before setResult.
func (r *registers) setArgs(_ ABI, a [6]uint64) {
	u := &r.user
	u.A1, u.A2, u.A3, u.A4, u.A5 = a[1], a[2], a[3], a[4], a[5]
	if !r.entry {
		u.A0 = a[0]
	} else if a[0] != r.first {
		r.first, r.changed = a[0], true
	}
}

// number is the call's number between the entry and the exit stop.
func (r *registers) number() int { return int(int32(r.user.A7)) }

// setNumber changes the call that the kernel is about to make; -1 makes none (kernel/seccomp.c, __seccomp_filter).
func (r *registers) setNumber(nr int) { r.user.A7 = uint64(int64(nr)) }

// rolledBack tells, at an exit stop, that a filter may have undone the call's entry (syscall_rollback): then a0 is the
// first argument again, which cannot be told from a result.
func (r *registers) rolledBack() bool { return true }

// reissue prepares a tracee outside of a call to make the call nr next, with the instruction that it made its last call
// with.
func (r *registers) reissue(nr int) {
	r.user.Pc -= uint64(len(r.syscallInsn()))
	r.issueHere(nr)
}

// issueHere is reissue for a tracee whose instruction pointer stands on an entering instruction.
func (r *registers) issueHere(nr int) { r.user.A7 = uint64(nr) }
