# The interpreter of the test programs that script_test.go makes: a table of system calls and a few jumps.
# The table pointer is the stack pointer, so that a clone(2) with a stack starts on a table of its own.
# After:  as --64 amd64.s -o x.o && objcopy -O binary -j .text x.o /dev/stdout | xxd -p | tr -d '\n' >amd64.hex
# nm x.o tells the offsets of handler, restorer and count for script_test.go.
start:	mov $0x62627862, %ebx
	mov $0x62706270, %ebp
	mov $0x12121212, %r12d
	mov $0x13131313, %r13d
	mov $0x14141414, %r14d
	mov $0x15151515, %r15d
	mov $0x11223344, %esp
next:	mov (%rsp), %rax
	test %rax, %rax
	js special
	mov 8(%rsp), %rdi
	mov 16(%rsp), %rsi
	mov 24(%rsp), %rdx
	mov 32(%rsp), %r10
	mov 40(%rsp), %r8
	mov 48(%rsp), %r9
enter:	syscall
	mov %rax, 56(%rsp)
	cmp 8(%rsp), %rdi
	jne bad
	cmp 16(%rsp), %rsi
	jne bad
	cmp 24(%rsp), %rdx
	jne bad
	cmp 32(%rsp), %r10
	jne bad
	cmp 40(%rsp), %r8
	jne bad
	cmp 48(%rsp), %r9
	jne bad
	cmp $0x62627862, %rbx
	jne bad
	cmp $0x62706270, %rbp
	jne bad
	cmp $0x12121212, %r12
	jne bad
	cmp $0x13131313, %r13
	jne bad
	cmp $0x14141414, %r14
	jne bad
	cmp $0x15151515, %r15
	jne bad
after:	add $64, %rsp
	jmp next
bad:	mov %rsp, %rsi
	mov $64, %edx
	mov $2, %edi
	mov $1, %eax
	syscall
	mov $99, %edi
	mov $231, %eax
	syscall
special:
	mov 8(%rsp), %rcx
	mov 16(%rsp), %rdx
	cmp $-1, %rax
	jne 1f
	cmpq $0, -8(%rsp)
	jne after
	mov %rcx, %rsp
	jmp next
1:	cmp $-2, %rax
	jne 2f
	decq 16(%rsp)
	jz after
	mov %rcx, %rsp
	jmp next
2:	cmp $-3, %rax
	jne 3f
	cmp %rcx, -8(%rsp)
	jne bad
	jmp after
3:	cmp $-4, %rax
	jne 4f
	mov (%rdx), %rdx
	mov %rdx, (%rcx)
	jmp after
4:	cmp $-5, %rax
	jne 5f
	mov (%rcx), %rcx
	mov %rcx, 56(%rsp)
	and 24(%rsp), %rcx
	cmp %rcx, %rdx
	jne bad
	jmp after
5:	cmp $-6, %rax
	jne 6f
	mov %rcx, %rsp
	jmp next
6:	cmp $-7, %rax
	jne 7f
	lock; add %rdx, (%rcx)
	jmp after
7:	mov %ecx, %eax
	mov 16(%rsp), %ebx
	mov 24(%rsp), %ecx
	mov 32(%rsp), %edx
	mov 40(%rsp), %esi
	mov 48(%rsp), %edi
	int $0x80
	movslq %eax, %rax
	mov %rax, 56(%rsp)
	cmp 16(%rsp), %ebx
	jne bad
	cmp 24(%rsp), %ecx
	jne bad
	cmp 32(%rsp), %edx
	jne bad
	cmp 40(%rsp), %esi
	jne bad
	cmp 48(%rsp), %edi
	jne bad
	mov $0x62627862, %ebx
	jmp after
# handler(sig, info, ucontext): with registers that are not the program's it ends the process.
handler:
	cmp $31, %edi
	jne 1f
	movslq 4(%rsi), %rax
	mov %rax, 144(%rdx)
	ret
1:	lock; incq count(%rip)
	cmpq $0x62627862, 128(%rdx)
	jne odd
	cmpq $0x62706270, 120(%rdx)
	jne odd
	cmpq $0x12121212, 72(%rdx)
	jne odd
	cmpq $0x15151515, 96(%rdx)
	jne odd
	mov 168(%rdx), %rax
	lea start(%rip), %rcx
	cmp %rcx, %rax
	jb odd
	lea handler(%rip), %rcx
	cmp %rcx, %rax
	jae odd
	lea enter(%rip), %rcx
	cmp %rcx, %rax
	je 2f
	add $2, %rcx
	cmp %rcx, %rax
	jne 3f
2:	mov 160(%rdx), %rsi
	mov 8(%rsi), %rax
	cmp 104(%rdx), %rax
	jne odd
	mov 16(%rsi), %rax
	cmp 112(%rdx), %rax
	jne odd
	mov 24(%rsi), %rax
	cmp 136(%rdx), %rax
	jne odd
	mov 32(%rsi), %rax
	cmp 56(%rdx), %rax
	jne odd
3:	ret
odd:	mov $98, %edi
	mov $231, %eax
	syscall
restorer:
	mov $15, %eax
	syscall
	.balign 8
count:	.quad 0
