package main

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// denyCalls installs a seccomp filter that makes system calls fail, as a sandbox around feign may have it.
func denyCalls(errno unix.Errno, names ...string) error {
	const number = 0 // offset in struct seccomp_data
	filter := []unix.SockFilter{{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: number}}
	for _, name := range names {
		nr, ok := map[string]uint32{
			"ptrace": unix.SYS_PTRACE, "seccomp": unix.SYS_SECCOMP, "personality": unix.SYS_PERSONALITY,
			"unshare": unix.SYS_UNSHARE, "fchmod": unix.SYS_FCHMOD, "fchmodat": unix.SYS_FCHMODAT,
			"process_vm_readv": unix.SYS_PROCESS_VM_READV, "process_vm_writev": unix.SYS_PROCESS_VM_WRITEV, "close_range": unix.SYS_CLOSE_RANGE,
		}[name]
		if !ok {
			return fmt.Errorf("deny %s: not known", name)
		}
		filter = append(filter,
			unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jt: 0, Jf: 1, K: nr},
			unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(errno)})
	}
	filter = append(filter, unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW})
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no_new_privs: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&program)), 0, 0); err != nil {
		return fmt.Errorf("seccomp: %w", err)
	}
	return nil
}

// victimUring tells what io_uring_setup(2) answers.
func victimUring([]string) error {
	var params [120]byte
	fd, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 4, uintptr(unsafe.Pointer(&params)), 0)
	if errno == 0 {
		unix.Close(int(fd))
		fmt.Println("ok")
		return nil
	}
	fmt.Println(unix.ErrnoName(errno))
	return nil
}
