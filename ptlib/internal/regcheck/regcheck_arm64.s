#include "textflag.h"

// The kernel leaves all registers alone but R0, which has the result. R18 is the
// platform's, R28 the goroutine, R29 to R31 the stack.
//
// 1 to 7 R1 to R7, 8 R8 (the number), 9 to 17 R9 to R17, 19 to 25 R19 to R25

#define SET(reg, n) \
	MOVD	$(0x5a5a000000000000 + n), reg

#define CHECK(reg, n) \
	MOVD	$(0x5a5a000000000000 + n), R0; \
	CMP	R0, reg; \
	BEQ	2(PC); \
	ORR	$(1<<n), R26, R26

#define CHECKARG(arg, reg, n) \
	MOVD	arg, R0; \
	CMP	R0, reg; \
	BEQ	2(PC); \
	ORR	$(1<<n), R26, R26

// func call(nr, a, b, c, d uintptr) (result, changed uintptr)
TEXT ·call(SB), NOSPLIT, $0-56
	MOVD	nr+0(FP), R8
	MOVD	a+8(FP), R0
	MOVD	b+16(FP), R1
	MOVD	c+24(FP), R2
	MOVD	d+32(FP), R3
	SET(R4, 4)
	SET(R5, 5)
	SET(R6, 6)
	SET(R7, 7)
	SET(R9, 9)
	SET(R10, 10)
	SET(R11, 11)
	SET(R12, 12)
	SET(R13, 13)
	SET(R14, 14)
	SET(R15, 15)
	SET(R16, 16)
	SET(R17, 17)
	SET(R19, 19)
	SET(R20, 20)
	SET(R21, 21)
	SET(R22, 22)
	SET(R23, 23)
	SET(R24, 24)
	SET(R25, 25)
	SVC
	MOVD	R0, result+40(FP)
	MOVD	$0, R26
	CHECKARG(b+16(FP), R1, 1)
	CHECKARG(c+24(FP), R2, 2)
	CHECKARG(d+32(FP), R3, 3)
	CHECK(R4, 4)
	CHECK(R5, 5)
	CHECK(R6, 6)
	CHECK(R7, 7)
	CHECKARG(nr+0(FP), R8, 8)
	CHECK(R9, 9)
	CHECK(R10, 10)
	CHECK(R11, 11)
	CHECK(R12, 12)
	CHECK(R13, 13)
	CHECK(R14, 14)
	CHECK(R15, 15)
	CHECK(R16, 16)
	CHECK(R17, 17)
	CHECK(R19, 19)
	CHECK(R20, 20)
	CHECK(R21, 21)
	CHECK(R22, 22)
	CHECK(R23, 23)
	CHECK(R24, 24)
	CHECK(R25, 25)
	MOVD	R26, changed+48(FP)
	RET
