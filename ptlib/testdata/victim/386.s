# The interpreter of the test programs that script_test.go makes: a table of system calls and a few jumps.
# The table pointer is the stack pointer, so that a clone(2) with a stack starts on a table of its own.
# After:  as --32 386.s -o x.o && objcopy -O binary -j .text x.o /dev/stdout | xxd -p | tr -d '\n' >386.hex
	.code32
start:	mov $0x11223344, %esp
next:	mov (%esp), %eax
	test %eax, %eax
	js special
	mov 4(%esp), %ebx
	mov 8(%esp), %ecx
	mov 12(%esp), %edx
	mov 16(%esp), %esi
	mov 20(%esp), %edi
	mov 24(%esp), %ebp
	int $0x80
	mov %eax, 28(%esp)
	cmp 4(%esp), %ebx
	jne bad
	cmp 8(%esp), %ecx
	jne bad
	cmp 12(%esp), %edx
	jne bad
	cmp 16(%esp), %esi
	jne bad
	cmp 20(%esp), %edi
	jne bad
	cmp 24(%esp), %ebp
	jne bad
after:	add $32, %esp
	jmp next
bad:	mov %esp, %ecx
	mov $32, %edx
	mov $2, %ebx
	mov $4, %eax
	int $0x80
	mov $99, %ebx
	mov $252, %eax
	int $0x80
special:
	mov 4(%esp), %ecx
	mov 8(%esp), %edx
	cmp $-1, %eax
	jne 1f
	cmpl $0, -4(%esp)
	jne after
	mov %ecx, %esp
	jmp next
1:	cmp $-2, %eax
	jne 2f
	decl 8(%esp)
	jz after
	mov %ecx, %esp
	jmp next
2:	cmp $-3, %eax
	jne 3f
	cmp %ecx, -4(%esp)
	jne bad
	jmp after
3:	cmp $-4, %eax
	jne 4f
	mov (%edx), %edx
	mov %edx, (%ecx)
	jmp after
4:	cmp $-5, %eax
	jne 5f
	mov (%ecx), %ecx
	mov %ecx, 28(%esp)
	and 12(%esp), %ecx
	cmp %ecx, %edx
	jne bad
	jmp after
5:	cmp $-6, %eax
	jne 6f
	mov %ecx, %esp
	jmp next
6:	lock; add %edx, (%ecx)
	jmp after
