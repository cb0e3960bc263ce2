package ptlib

import "golang.org/x/sys/unix"

// registers are the general registers of a stopped tracee (struct user_regs_struct of 32 bits).
type registers unix.PtraceRegs

// resultIsFirstArg tells that the result comes where the first argument was.
const resultIsFirstArg = false

// numberIsRegister tells that the program would find a number that was changed.
const numberIsRegister = false

// syscallInsnSize is the length of `int $0x80` and of `sysenter`, see regs_linux_amd64.go.
const syscallInsnSize = 2

// syscallInsn returns the instruction that enters the kernel.
func (r *registers) syscallInsn() []byte { return []byte{0xcd, 0x80} }

// trapInsn is int3, which stops the thread with SIGTRAP.
func (r *registers) trapInsn() []byte { return []byte{0xcc} }

// userCS64 is the code segment of 64-bit programs: under a 64-bit kernel a tracee may execute one, of whose registers
// this process sees only halves (arch/x86/include/asm/segment.h, __USER_CS).
const userCS64 = 0x33

// abi returns the convention that the code at the instruction pointer was compiled for.
func (r *registers) abi() ABI {
	if r.Xcs == userCS64 {
		return ABIAMD64
	}
	return ABI386
}

func (r *registers) result() int64 { return int64(r.Eax) }

func (r *registers) setResult(v int64) { r.Eax = int32(v) }

func (r *registers) stackPointer() uint64 { return uint64(uint32(r.Esp)) }

func (r *registers) instructionPointer() uint64 { return uint64(uint32(r.Eip)) }

// args puts the arguments in order.
func (r *registers) args(ABI) [6]uint64 {
	var a [6]uint64
	for i, v := range [...]int32{r.Ebx, r.Ecx, r.Edx, r.Esi, r.Edi, r.Ebp} {
		a[i] = uint64(uint32(v))
	}
	return a
}

func (r *registers) setArgs(_ ABI, a [6]uint64) {
	r.Ebx, r.Ecx, r.Edx, r.Esi, r.Edi, r.Ebp = int32(a[0]), int32(a[1]), int32(a[2]), int32(a[3]), int32(a[4]), int32(a[5])
}

// number is the call's number between the entry and the exit stop.
func (r *registers) number() int { return int(r.Orig_eax) }

// setNumber changes the call that the kernel is about to make; -1 makes none (kernel/seccomp.c, __seccomp_filter).
func (r *registers) setNumber(nr int) { r.Orig_eax = int32(nr) }

// rolledBack tells, at an exit stop, that a filter has undone the call's entry (syscall_rollback), or that its result
// happens to be its number.
func (r *registers) rolledBack() bool { return r.Eax == r.Orig_eax }

// reissue prepares a tracee outside of a call to make the call nr next, with the instruction that it made its last call
// with. Orig_eax says that there is no call to restart, should a signal come in between.
func (r *registers) reissue(nr int) {
	r.Eip -= syscallInsnSize
	r.issueHere(nr)
}

// issueHere is reissue for a tracee whose instruction pointer stands on an entering instruction.
func (r *registers) issueHere(nr int) {
	r.Eax = int32(nr)
	r.Orig_eax = -1
}
