#include "textflag.h"

// The kernel leaves all registers alone but AX, which has the result.
//
// 0 BX, 1 CX, 2 DX, 3 SI, 4 DI, 5 BP

// func call(nr, a, b, c, d uintptr) (result, changed uintptr)
TEXT ·call(SB), NOSPLIT, $12-28
	MOVL	BP, bp-4(SP)
	MOVL	nr+0(FP), AX
	MOVL	a+4(FP), BX
	MOVL	b+8(FP), CX
	MOVL	c+12(FP), DX
	MOVL	d+16(FP), SI
	MOVL	$0x5a5a0005, DI
	MOVL	$0x5a5a0006, BP
	INT	$0x80
	MOVL	AX, result+20(FP)
	MOVL	$0, changed+24(FP)
	CMPL	BP, $0x5a5a0006
	JEQ	2(PC)
	ORL	$32, changed+24(FP)
	CMPL	DI, $0x5a5a0005
	JEQ	2(PC)
	ORL	$16, changed+24(FP)
	CMPL	SI, d+16(FP)
	JEQ	2(PC)
	ORL	$8, changed+24(FP)
	CMPL	DX, c+12(FP)
	JEQ	2(PC)
	ORL	$4, changed+24(FP)
	CMPL	CX, b+8(FP)
	JEQ	2(PC)
	ORL	$2, changed+24(FP)
	CMPL	BX, a+4(FP)
	JEQ	2(PC)
	ORL	$1, changed+24(FP)
	MOVL	bp-4(SP), BP
	RET
