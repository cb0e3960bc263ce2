#include "textflag.h"

// The kernel leaves all registers alone but X10 (a0), which has the result. X1 is
// the link, X2 the stack, X3 and X4 the platform's, X27 the goroutine, X31 the
// assembler's.
//
// 5 to 9 X5 to X9, 11 to 16 X11 to X16, 17 X17 (the number), 18 to 26 X18 to
// X26, 29 and 30 X29 and X30

#define SET(reg, n) \
	MOV	$(0x5a5a000000000000 + n), reg

#define DIFFERS(reg, n) \
	XOR	reg, X10, X10; \
	SNEZ	X10, X10; \
	SLL	$n, X10, X10; \
	OR	X10, X28, X28

#define CHECK(reg, n) \
	MOV	$(0x5a5a000000000000 + n), X10; \
	DIFFERS(reg, n)

#define CHECKARG(arg, reg, n) \
	MOV	arg, X10; \
	DIFFERS(reg, n)

// func call(nr, a, b, c, d uintptr) (result, changed uintptr)
TEXT ·call(SB), NOSPLIT, $0-56
	MOV	nr+0(FP), X17
	MOV	a+8(FP), X10
	MOV	b+16(FP), X11
	MOV	c+24(FP), X12
	MOV	d+32(FP), X13
	SET(X5, 5)
	SET(X6, 6)
	SET(X7, 7)
	SET(X8, 8)
	SET(X9, 9)
	SET(X14, 14)
	SET(X15, 15)
	SET(X16, 16)
	SET(X18, 18)
	SET(X19, 19)
	SET(X20, 20)
	SET(X21, 21)
	SET(X22, 22)
	SET(X23, 23)
	SET(X24, 24)
	SET(X25, 25)
	SET(X26, 26)
	SET(X29, 29)
	SET(X30, 30)
	ECALL
	MOV	X10, result+40(FP)
	MOV	$0, X28
	CHECKARG(b+16(FP), X11, 11)
	CHECKARG(c+24(FP), X12, 12)
	CHECKARG(d+32(FP), X13, 13)
	CHECK(X5, 5)
	CHECK(X6, 6)
	CHECK(X7, 7)
	CHECK(X8, 8)
	CHECK(X9, 9)
	CHECK(X14, 14)
	CHECK(X15, 15)
	CHECK(X16, 16)
	CHECKARG(nr+0(FP), X17, 17)
	CHECK(X18, 18)
	CHECK(X19, 19)
	CHECK(X20, 20)
	CHECK(X21, 21)
	CHECK(X22, 22)
	CHECK(X23, 23)
	CHECK(X24, 24)
	CHECK(X25, 25)
	CHECK(X26, 26)
	CHECK(X29, 29)
	CHECK(X30, 30)
	MOV	X28, changed+48(FP)
	RET
