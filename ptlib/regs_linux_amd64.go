package ptlib

import "golang.org/x/sys/unix"

// registers are the general registers of a stopped tracee (struct user_regs_struct), of a 32-bit one too: the kernel
// shows a 64-bit tracer the 64-bit view.
type registers unix.PtraceRegs

// resultIsFirstArg tells that the result comes where the first argument was.
const resultIsFirstArg = false

// numberIsRegister tells that the program would find a number that was changed.
const numberIsRegister = false

// syscallInsnSize is the length of `syscall`, `sysenter` and `int $0x80`. For sysenter the kernel returns to the vDSO's
// landing pad, which follows an `int $0x80`, so going back two bytes repeats the call in each case.
const syscallInsnSize = 2

// syscallInsn returns the instruction that enters the kernel, of the kind that the program is executing.
func (r *registers) syscallInsn() []byte {
	if r.abi() == ABI386 {
		return []byte{0xcd, 0x80}
	}
	return []byte{0x0f, 0x05}
}

// trapInsn is int3, which stops the thread with SIGTRAP.
func (r *registers) trapInsn() []byte { return []byte{0xcc} }

// userCS32 is the code segment of 32-bit programs under a 64-bit kernel (arch/x86/include/asm/segment.h, __USER32_CS).
const userCS32 = 0x23

// abi returns the convention that the code at the instruction pointer was compiled for.
func (r *registers) abi() ABI {
	if r.Cs == userCS32 {
		return ABI386
	}
	return ABIAMD64
}

func (r *registers) result() int64 { return int64(r.Rax) }

func (r *registers) setResult(v int64) { r.Rax = uint64(v) }

func (r *registers) stackPointer() uint64 { return r.Rsp }

func (r *registers) instructionPointer() uint64 { return r.Rip }

// args puts the arguments of abi's convention in order.
func (r *registers) args(abi ABI) [6]uint64 {
	if abi == ABI386 {
		return [6]uint64{low32(r.Rbx), low32(r.Rcx), low32(r.Rdx), low32(r.Rsi), low32(r.Rdi), low32(r.Rbp)}
	}
	return [6]uint64{r.Rdi, r.Rsi, r.Rdx, r.R10, r.R8, r.R9}
}

func (r *registers) setArgs(abi ABI, a [6]uint64) {
	if abi == ABI386 {
		r.Rbx, r.Rcx, r.Rdx, r.Rsi, r.Rdi, r.Rbp = low32(a[0]), low32(a[1]), low32(a[2]), low32(a[3]), low32(a[4]), low32(a[5])
		return
	}
	r.Rdi, r.Rsi, r.Rdx, r.R10, r.R8, r.R9 = a[0], a[1], a[2], a[3], a[4], a[5]
}

// number is the call's number between the entry and the exit stop.
func (r *registers) number() int { return int(int32(r.Orig_rax)) }

// setNumber changes the call that the kernel is about to make; -1 makes none (kernel/seccomp.c, __seccomp_filter).
func (r *registers) setNumber(nr int) { r.Orig_rax = uint64(int64(nr)) }

// rolledBack tells, at an exit stop, that a filter has undone the call's entry (syscall_rollback), or that its result
// happens to be its number.
func (r *registers) rolledBack() bool { return r.Rax == r.Orig_rax }

// reissue prepares a tracee outside of a call to make the call nr next, with the instruction that it made its last call
// with. Orig_rax says that there is no call to restart, should a signal come in between.
func (r *registers) reissue(nr int) {
	r.Rip -= syscallInsnSize
	r.Rax = uint64(nr)
	r.Orig_rax = ^uint64(0)
}

// issueHere is reissue for a tracee whose instruction pointer stands on an entering instruction.
func (r *registers) issueHere(nr int) {
	r.Rip += syscallInsnSize
	r.reissue(nr)
}

func low32(v uint64) uint64 { return uint64(uint32(v)) }
