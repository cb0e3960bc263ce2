#include "textflag.h"

// The stub. It is copied to stubBase (shortcut.go), and so refers to nothing but that. The way in is one of the
// entries, with the program's registers but for
//
//	CX   where the call returns to
//	R11  anything
//
// and the way out has all registers and flags as the system call leaves them: AX is the result, CX the address that the program
// goes on at, R11 the flags. Below the stack pointer are 128 bytes that are the program's (System V ABI, AMD64 supplement, 3.2.2).
//
// The frame:
//	 0  where to return to     8  buffer of stat, or 0     16  number of the call
//	24  flags                 32  DX   40  SI   48  DI   56  R9
#define FRAME 192
#define HEADER 0x7ec000001000
#define ATTRIBUTES 56
#define MARKS 0x1000

#define ENTER(buffer) \
	LEAQ	-FRAME(SP), SP; \
	MOVQ	CX, 0(SP); \
	MOVQ	buffer, 8(SP); \
	JMP	call

TEXT ·stub(SB), NOSPLIT|NOFRAME, $0-0
	ENTER(SI)  // stat, lstat, fstat
	PCALIGN	$32
	ENTER(DX)  // newfstatat
	PCALIGN	$32
	ENTER(R8)  // statx
	PCALIGN	$32
	ENTER($0)  // access, faccessat, faccessat2; getxattr, listxattr with l and f
	PCALIGN	$32
call:
	MOVQ	AX, 16(SP)
	SYSCALL  // passes the filter
	MOVQ	R11, 24(SP)
	MOVQ	DX, 32(SP)
	MOVQ	SI, 40(SP)
	MOVQ	DI, 48(SP)
	MOVQ	R9, 56(SP)
	CMPQ	AX, $-13  // EACCES: root may have been meant to pass
	JEQ	stop
	MOVL	16(SP), CX
	SUBL	$191, CX
	CMPL	CX, $5  // 191 to 196: getxattr, lgetxattr, fgetxattr, listxattr, llistxattr, flistxattr
	JLS	attributes
	TESTQ	AX, AX
	JNE	leave
	CMPQ	8(SP), $0
	JEQ	leave

	MOVQ	8(SP), CX
	MOVQ	$HEADER, SI
	CMPL	16(SP), $332
	JEQ	statx

	// struct stat: AX device, R9 inode, DX mode, DI where the owner is.
	MOVQ	0(CX), AX
	MOVQ	8(CX), R9
	MOVL	24(CX), DX
	LEAQ	28(CX), DI
	JMP	look

statx:
	// struct statx: STATX_TYPE, _MODE, _UID, _GID and _INO must be there. The device is in two words (new_encode_dev).
	MOVL	0(CX), AX
	ANDL	$0x11b, AX
	CMPL	AX, $0x11b
	JNE	restoreStop
	MOVL	0x8c(CX), AX
	MOVL	AX, DX
	ANDL	$0xff, AX
	ANDL	$0xfff00, DX
	SHLQ	$12, DX
	ORQ	DX, AX
	MOVL	0x88(CX), DX
	SHLQ	$8, DX
	ORQ	DX, AX
	MOVQ	0x20(CX), R9
	MOVWLZX	0x1c(CX), DX
	LEAQ	0x14(CX), DI

look:
	CMPQ	AX, 0(SI)
	JEQ	restoreStop
	IMULQ	8(SI), AX
	XORQ	R9, AX
	IMULQ	16(SI), AX
	SHRQ	$42, AX
	MOVQ	AX, R9
	SHRQ	$6, R9
	MOVQ	MARKS(SI)(R9*8), R9
	BTQ	AX, R9
	JCS	restoreStop
	MOVL	4(DI), AX
	CMPL	AX, 36(SI)
	JEQ	restoreStop
	MOVL	0(DI), AX
	CMPL	AX, 32(SI)
	JEQ	restoreStop
	CMPL	AX, 24(SI)
	JNE	restore

	// One of the caller's own.
	MOVL	DX, AX
	ANDL	$0xf000, AX
	CMPL	AX, $0x8000
	JEQ	regular
	CMPL	AX, $0x4000
	JNE	own
	ANDL	$0x140, DX
	CMPL	DX, $0x140
	JNE	restoreStop
	JMP	own

regular:
	TESTL	$0x100, DX
	JEQ	restoreStop

own:
	MOVL	4(DI), AX
	CMPL	AX, 28(SI)
	JNE	restoreStop
	MOVQ	$0, 0(DI)

restore:
	MOVQ	32(SP), DX
	MOVQ	40(SP), SI
	MOVQ	48(SP), DI
	MOVQ	56(SP), R9
	XORL	AX, AX

leave:
	PUSHQ	24(SP)
	POPFQ
	MOVQ	0(SP), CX
	LEAQ	FRAME(SP), SP
	JMP	CX

attributes:
	// No call tells the inode and its attributes at once, and two could be about two files: what is marked does not help. But as
	// long as this word is 0 after the call nothing was told about the attributes of any file while it was made.
	MOVQ	$HEADER, CX
	CMPQ	ATTRIBUTES(CX), $0
	JEQ	leave
	JMP	stop

restoreStop:
	MOVQ	32(SP), DX
	MOVQ	40(SP), SI
	MOVQ	48(SP), DI
	MOVQ	56(SP), R9

stop:
	PUSHQ	24(SP)
	POPFQ
	MOVQ	16(SP), AX
	SYSCALL  // stops
	MOVQ	R11, 24(SP)
	JMP	leave

	PCALIGN	$8
	BYTE $0xfe; BYTE $0x69; BYTE $0x67; BYTE $0x6e; BYTE $0x73; BYTE $0x74; BYTE $0x75; BYTE $0x62

// func stubAddress() unsafe.Pointer
TEXT ·stubAddress(SB), NOSPLIT, $0-8
	LEAQ	·stub(SB), AX
	MOVQ	AX, ret+0(FP)
	RET

// The calls of bootBy (boot_linux_amd64.go), which makes them in the place of some text of the program's. R12 is the number of the first one, since
// AX may yet be given the result of execve(2), and DI, SI and DX are those of that one, which returns a descriptor; BP is where memory for detours is wanted, and BX its size; R13, R14 and R15 are address, size and flags of the stub. A
// call that fails makes those after it fail. At the end, which is that of a call that the filter selects, BX is where the stub is, and
// R12 where that memory.
TEXT ·bootCode(SB), NOSPLIT|NOFRAME, $0-0
	MOVL	R12, AX
	SYSCALL  // openat, dup2
	MOVQ	AX, R8
	MOVL	$9, AX
	MOVQ	R13, DI
	MOVQ	R14, SI
	MOVL	$5, DX  // PROT_READ|PROT_EXEC
	MOVQ	R15, R10
	XORL	R9, R9
	SYSCALL  // mmap
	XCHGQ	AX, BX
	XCHGQ	AX, SI  // the size
	MOVL	$3, AX
	MOVQ	R8, DI
	SYSCALL  // close
	MOVL	$9, AX
	MOVQ	BP, DI
	MOVL	$0x22, R10  // MAP_PRIVATE|MAP_ANONYMOUS
	MOVQ	$-1, R8
	SYSCALL  // mmap
	MOVQ	AX, R12
	MOVL	$157, AX
	MOVL	$0x6665696e, DI  // probeOption
	SYSCALL  // prctl, which stops
	INT	$3
	BYTE $0xfe; BYTE $0x69; BYTE $0x67; BYTE $0x6e; BYTE $0x73; BYTE $0x74; BYTE $0x75; BYTE $0x62

// func bootAddress() unsafe.Pointer
TEXT ·bootAddress(SB), NOSPLIT, $0-8
	LEAQ	·bootCode(SB), AX
	MOVQ	AX, ret+0(FP)
	RET
