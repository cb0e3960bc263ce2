package ptlib

import (
	"errors"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Requests and stop codes of ptrace(2) that golang.org/x/sys/unix does not name on every architecture
// (include/uapi/linux/ptrace.h).
const (
	ptracePeekSigInfo    = 0x4209
	ptraceGetSigmask     = 0x420a
	ptraceSetSigmask     = 0x420b
	ptraceGetSyscallInfo = 0x420e

	// sigsetSize is what the kernel calls sizeof(sigset_t): 64 signals.
	sigsetSize = 8
)

// registersSize is Platform.StateSize.
const registersSize = int(unsafe.Sizeof(registers{}))

// The ptrace requests go through RawSyscall: none of them blocks, and the tracer makes several of them per stop, so that
// telling the Go scheduler about each one would cost more than the request.

func ptrace(request, tid int, addr, data uintptr) unix.Errno {
	_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(request), uintptr(tid), addr, data, 0, 0)
	return errno
}

func ptraceEventMessage(tid int) (uint64, unix.Errno) {
	var message uint64
	errno := ptrace(unix.PTRACE_GETEVENTMSG, tid, 0, uintptr(unsafe.Pointer(&message)))
	return message, errno
}

// syscallInfo is struct ptrace_syscall_info: what PTRACE_GET_SYSCALL_INFO says at a seccomp or syscall stop.
type syscallInfo struct {
	op   uint8 // PTRACE_SYSCALL_INFO_*
	_    [3]uint8
	arch uint32
	ip   uint64
	sp   uint64
	nr   uint64 // at an exit stop: the result
	args [6]uint64
	data uint32 // of the filter, at a seccomp stop
	_    uint32
}

const syscallInfoSeccomp = 3

func ptraceSyscallInfo(tid int, info *syscallInfo) unix.Errno {
	return ptrace(ptraceGetSyscallInfo, tid, unsafe.Sizeof(*info), uintptr(unsafe.Pointer(info)))
}

// ptraceRegistersSize returns the size of the general registers as the kernel shows them, 0 if it does not.
func ptraceRegistersSize(tid int) int {
	var room [1024]byte
	iov := unix.Iovec{Base: &room[0]}
	iov.SetLen(len(room))
	const ntPRStatus = 1 // include/uapi/linux/elf.h
	if ptrace(unix.PTRACE_GETREGSET, tid, ntPRStatus, uintptr(unsafe.Pointer(&iov))) != 0 {
		return 0
	}
	return int(iov.Len)
}

func ptraceSigmask(tid int) (uint64, unix.Errno) {
	var mask uint64
	errno := ptrace(ptraceGetSigmask, tid, sigsetSize, uintptr(unsafe.Pointer(&mask)))
	return mask, errno
}

func ptraceSetSignalMask(tid int, mask uint64) unix.Errno {
	return ptrace(ptraceSetSigmask, tid, sigsetSize, uintptr(unsafe.Pointer(&mask)))
}

// signalInfo is the part of siginfo_t that the tracer reads, for a SIGSYS made by seccomp (_sigsys) and in general.
type signalInfo struct {
	signo    int32
	errno    int32 // SIGSYS: the filter's data
	code     int32
	callAddr uintptr // aligned like a pointer
	syscall  int32
	arch     uint32
	_        [128 - 24]byte
}

// sender reads what siginfo_t has in that place for a signal that a process sent (_kill).
func (i *signalInfo) sender() (pid int32, uid uint32) {
	from := (*struct {
		pid int32
		uid uint32
	})(unsafe.Pointer(&i.callAddr))
	return from.pid, from.uid
}

// ptracePeekSignal reads the signal at a position of the thread's own queue; n is 0 where the queue ends.
func ptracePeekSignal(tid int, position uint64, info *signalInfo) (n int, errno unix.Errno) {
	args := struct {
		off   uint64
		flags uint32
		nr    int32
	}{position, 0, 1}
	r, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, ptracePeekSigInfo, uintptr(tid),
		uintptr(unsafe.Pointer(&args)), uintptr(unsafe.Pointer(info)), 0, 0)
	return int(r), errno
}

func ptraceSignalInfo(tid int, info *signalInfo) unix.Errno {
	return ptrace(unix.PTRACE_GETSIGINFO, tid, 0, uintptr(unsafe.Pointer(info)))
}

// vmRead copies from the memory of the process of tid, as far as it is mapped, and returns the bytes copied.
func vmRead(tid int, addr uintptr, buf []byte) (int, unix.Errno) {
	n, errno := processVM(unix.SYS_PROCESS_VM_READV, tid, addr, buf)
	if errno == unix.ENOSYS {
		return peek(tid, addr, buf)
	}
	return n, errno
}

// vmWrite copies into the memory of the process of tid; pages that the process itself may not write stay as they are, unless
// poke has to do it.
func vmWrite(tid int, addr uintptr, buf []byte) (int, unix.Errno) {
	n, errno := processVM(unix.SYS_PROCESS_VM_WRITEV, tid, addr, buf)
	if errno == unix.ENOSYS {
		return poke(tid, addr, buf)
	}
	return n, errno
}

// processVM is process_vm_readv(2) or process_vm_writev(2) of one piece of memory.
func processVM(call uintptr, tid int, addr uintptr, buf []byte) (int, unix.Errno) {
	if len(buf) == 0 {
		return 0, 0
	}
	local := unix.Iovec{Base: &buf[0]}
	local.SetLen(len(buf))
	remote := unix.RemoteIovec{Base: addr, Len: len(buf)}
	n, _, errno := unix.RawSyscall6(call, uintptr(tid), uintptr(unsafe.Pointer(&local)), 1, uintptr(unsafe.Pointer(&remote)), 1, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// waitAny waits for the next change of a child or tracee of the calling thread. It blocks, so the Go scheduler is told.
// The kernel looks only at the calling thread's own (__WNOTHREAD): children of other threads, such as plugin
// processes, stay with their own waiters. WALL: also tracees that are not children in the usual sense.
func waitAny() (tid int, status unix.WaitStatus, err error) {
	return waitFor(-1)
}

func waitFor(who int) (tid int, status unix.WaitStatus, err error) {
	for {
		tid, err = unix.Wait4(who, &status, unix.WALL|unix.WNOTHREAD, nil)
		if err != unix.EINTR {
			return tid, status, err
		}
	}
}

// childInfo is the part of siginfo_t that waitid(2) fills in (_sigchld).
type childInfo struct {
	signo, errno, code int32
	_                  [0]uintptr // aligned like a pointer
	pid                int32
	uid                uint32
	status             int32
	_                  [128 - 32]byte
}

// Codes of childInfo (include/uapi/asm-generic/siginfo.h).
const (
	childExited = 1
	childKilled = 2
	childDumped = 3
)

// peekAny waits as waitAny does, and takes nothing: the change is there to be waited for again. isEnd tells that it is the end
// of the thread.
func peekAny() (tid int, isEnd bool, err error) {
	var info childInfo
	if err := waitInfo(unix.P_ALL, 0, &info, unix.WEXITED|unix.WSTOPPED|unix.WNOWAIT); err != nil {
		return 0, false, err
	}
	return int(info.pid), info.code == childExited || info.code == childKilled || info.code == childDumped, nil
}

// errNoStop: a tracee is not at a stop any more: it was killed.
var errNoStop = errors.New("no stop")

// takeStop takes the stop of a tracee, if it still is at one. Its end stays where it is.
func takeStop(tid int) (unix.WaitStatus, error) {
	var info childInfo
	if err := waitInfo(unix.P_PID, tid, &info, unix.WSTOPPED|unix.WNOHANG); err != nil {
		if err == unix.ECHILD {
			err = errNoStop
		}
		return 0, err
	}
	if info.pid == 0 {
		return 0, errNoStop
	}
	return unix.WaitStatus(info.status<<8 | 0x7f), nil // as wait_task_stopped makes it for wait4(2)
}

func waitInfo(kind, id int, info *childInfo, options int) error {
	for {
		err := unix.Waitid(kind, id, (*unix.Siginfo)(unsafe.Pointer(info)), options|unix.WALL|unix.WNOTHREAD, nil)
		if err != unix.EINTR {
			return err
		}
	}
}
