package ptlib

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// required refuses kernels that lack the request: ptrace_request answers EIO for what it does not know, and EINVAL for this one
// outside of a call.
func (t *Thread) required() error {
	var info syscallInfo
	if errno := t.request(ptraceSetSyscallInfo, unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info))); errno == unix.EIO {
		return fmt.Errorf("%w: the kernel lacks PTRACE_SET_SYSCALL_INFO (use Linux 6.16 or later)", ErrNoTrace)
	}
	return nil
}

// argsInCall are the arguments of the call that t is in the middle of, at a stop that is not that of its entry. There a0 is not
// the first of them, and PTRACE_GET_SYSCALL_INFO does not tell, but proc_pid_syscall(5) does.
func (t *Thread) argsInCall(abi ABI) [6]uint64 {
	args := t.regs.args(abi)
	text, err := os.ReadFile("/proc/" + strconv.Itoa(t.Tid) + "/syscall")
	if err != nil {
		return args
	}
	// The number, the arguments, and where the stack and the program are.
	for i, word := range bytes.Fields(text) {
		v, err := strconv.ParseUint(string(word), 0, 64)
		if err != nil {
			break
		}
		if i > 0 && i <= len(args) {
			args[i-1] = v
		}
	}
	return args
}
