# A program whose calls are made as a C library makes them, for shortcut_amd64_test.go. It makes each call ROUNDS
# times from one place, with all registers and flags set, checks that they come back as the kernel leaves them, and
# writes a record for each: result, what was wrong (bit by bit), and the buffer. The memory is the stack's.
# After:  as --64 shortcut.s -o x.o && objcopy -O binary -j .text x.o /dev/stdout | xxd -p | tr -d '\n' >shortcut.hex
	.set ROUNDS, 3
	.set BUFFER, 256
	# From the start of the frame: result, wrong, buffer, name, arguments, name of an attribute.
	.set RESULT, 0
	.set WRONG, 8
	.set AT, 16
	.set NAME, AT+BUFFER
	.set ARGS, NAME+16
	.set ATTR, ARGS+7*8
	.set SIZE, 512

start:	sub $SIZE+0x1000, %rsp
	mov %rsp, %rbp		# the frame
	movl $0x66, NAME(%rbp)	# "f"
	movl $0x72657375, ATTR(%rbp)	# "user.f"
	movl $0x662e, ATTR+4(%rbp)
	mov $ROUNDS, %r15d

	.macro try nr, a, b, c, d, e
	lea AT(%rbp), %rdi
	mov $0xee, %eax
	mov $BUFFER, %ecx
	rep stosb
	\a %rdi
	\b %rsi
	\c %rdx
	\d %r10
	\e %r8
	mov $0x99, %r9d
	call keep
	nop
	mov $\nr, %eax
	syscall
	call check
	.endm
	.macro name r
	lea NAME(%rbp), \r
	.endm
	.macro buf r
	lea AT(%rbp), \r
	.endm
	.macro cwd r
	mov $-100, \r
	.endm
	.macro none r
	xor \r, \r
	.endm
	.macro read r
	mov $4, \r
	.endm
	.macro attr r
	lea ATTR(%rbp), \r
	.endm
	.macro room r
	mov $BUFFER, \r
	.endm
	.macro basic r
	mov $0x7ff, \r
	.endm

round:
	try 4, name, buf, none, none, none		# stat
	try 6, name, buf, none, none, none		# lstat
	try 5, none, buf, none, none, none		# fstat of standard input
	try 262, cwd, name, buf, none, none		# newfstatat
	try 332, cwd, name, none, basic, buf		# statx
	try 21, name, read, none, none, none		# access
	try 269, cwd, name, read, none, none		# faccessat
	try 439, cwd, name, read, none, none		# faccessat2
	try 4, none, buf, none, none, none		# stat with no name: EFAULT
	try 191, name, attr, buf, room, none		# getxattr
	try 192, name, attr, buf, room, none		# lgetxattr
	try 193, none, attr, buf, room, none		# fgetxattr of standard input
	try 194, name, buf, room, none, none		# listxattr
	try 195, name, buf, room, none, none		# llistxattr
	try 196, none, buf, room, none, none		# flistxattr of standard input
	dec %r15
	jnz round

	# No room below the stack pointer: a page that nobody may touch.
	mov $9, %eax		# mmap
	xor %edi, %edi
	mov $0x2000, %esi
	mov $3, %edx
	mov $0x22, %r10d
	mov $-1, %r8
	xor %r9d, %r9d
	syscall
	mov %rax, %rbx
	mov $10, %eax		# mprotect
	mov %rbx, %rdi
	mov $0x1000, %esi
	xor %edx, %edx
	syscall
	mov %rsp, %r12
	lea 0x1010(%rbx), %rsp
	mov $2, %r15d
1:	call stat
	dec %r15
	jnz 1b
	mov %r12, %rsp
	call record

	# Without the stub.
	mov $11, %eax		# munmap
	mov $0x7ec000000000, %rdi
	mov $0x82000, %esi
	syscall
	call stat
	call record

	mov $231, %eax		# exit_group
	xor %edi, %edi
	syscall

	# One place in the program that makes the call.
stat:	lea NAME(%rbp), %rdi
	lea AT(%rbp), %rsi
	nop
	mov $4, %eax
	syscall
	mov %rax, RESULT(%rbp)
	movq $0, WRONG(%rbp)
	ret

	# keep remembers the arguments, and sets what a call must leave alone.
keep:	mov %rdi, ARGS(%rbp)
	mov %rsi, ARGS+8(%rbp)
	mov %rdx, ARGS+16(%rbp)
	mov %r10, ARGS+24(%rbp)
	mov %r8, ARGS+32(%rbp)
	mov %r9, ARGS+40(%rbp)
	mov %rsp, ARGS+48(%rbp)
	mov $0x6b6b, %ebx
	mov $0x1212, %r12d
	mov $0x1313, %r13d
	mov $0x1414, %r14d
	mov %rbx, -64+8(%rsp)	# the red zone, seen from the caller
	mov %rbx, -128+8(%rsp)
	xor %eax, %eax
	stc
	std
	ret

	# check looks at them. What it was called from stands 5 bytes after the call's end.
check:	pushfq
	cld
	mov %rax, RESULT(%rbp)
	movq $0, WRONG(%rbp)
	.macro differs bit, reg, mem
	cmp \mem, \reg
	je 1f
	orl $1<<\bit, WRONG(%rbp)
1:
	.endm
	differs 0, %rdi, ARGS(%rbp)
	differs 1, %rsi, ARGS+8(%rbp)
	differs 2, %rdx, ARGS+16(%rbp)
	differs 3, %r10, ARGS+24(%rbp)
	differs 4, %r8, ARGS+32(%rbp)
	differs 5, %r9, ARGS+40(%rbp)
	differs 6, %rbx, $0x6b6b
	differs 7, %r12, $0x1212
	differs 8, %r13, $0x1313
	differs 9, %r14, $0x1414
	mov 8(%rsp), %rax
	sub $5, %rax
	differs 10, %rcx, %rax		# where the call returned to
	mov (%rsp), %rax
	xor %r11, %rax
	and $0xcd5, %eax		# CF PF AF ZF SF DF OF: the flags are those that R11 has
	differs 11, %rax, $0
	mov (%rsp), %rax
	and $0x401, %eax		# CF and DF are still set
	differs 12, %rax, $0x401
	lea 16(%rsp), %rax
	sub $8, %rax
	differs 13, %rax, ARGS+48(%rbp)
	mov -64+16(%rsp), %rax
	differs 14, %rax, $0x6b6b
	mov -128+16(%rsp), %rax
	differs 15, %rax, $0x6b6b
	popfq
	cld
record:	mov $1, %eax
	mov $1, %edi
	mov %rbp, %rsi
	mov $16+BUFFER, %edx
	syscall
	ret
