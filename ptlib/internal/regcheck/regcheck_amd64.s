#include "textflag.h"

// The kernel leaves all registers alone but AX, which has the result, CX and R11
// (entry_SYSCALL_64).
//
// 0 DI, 1 SI, 2 DX, 3 R10, 4 R8, 5 R9, 6 BX, 7 R12, 8 R13, 9 R15

#define CHECK(want, reg, bit) \
	MOVQ	want, AX; \
	CMPQ	AX, reg; \
	JEQ	2(PC); \
	ORQ	$(1<<bit), CX

// func call(nr, a, b, c, d uintptr) (result, changed uintptr)
TEXT ·call(SB), NOSPLIT, $0-56
	MOVQ	nr+0(FP), AX
	MOVQ	a+8(FP), DI
	MOVQ	b+16(FP), SI
	MOVQ	c+24(FP), DX
	MOVQ	d+32(FP), R10
	MOVQ	$0x5a5a000000000008, R8
	MOVQ	$0x5a5a000000000009, R9
	MOVQ	$0x5a5a00000000000b, BX
	MOVQ	$0x5a5a00000000000c, R12
	MOVQ	$0x5a5a00000000000d, R13
	MOVQ	$0x5a5a00000000000f, R15
	SYSCALL
	MOVQ	AX, result+40(FP)
	XORQ	CX, CX
	CHECK(a+8(FP), DI, 0)
	CHECK(b+16(FP), SI, 1)
	CHECK(c+24(FP), DX, 2)
	CHECK(d+32(FP), R10, 3)
	CHECK($0x5a5a000000000008, R8, 4)
	CHECK($0x5a5a000000000009, R9, 5)
	CHECK($0x5a5a00000000000b, BX, 6)
	CHECK($0x5a5a00000000000c, R12, 7)
	CHECK($0x5a5a00000000000d, R13, 8)
	CHECK($0x5a5a00000000000f, R15, 9)
	MOVQ	CX, changed+48(FP)
	RET
