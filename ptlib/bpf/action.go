package bpf

import "fmt"

// An Action is what the kernel does with a call, as a SECCOMP_RET_* value (include/uapi/linux/seccomp.h). The zero
// Action is SECCOMP_RET_KILL_THREAD, which leaves a process without one of its threads; rules refuse it, so that
// an action that was forgotten is an error.
type Action uint32

const (
	KillProcess Action = 0x80000000 // the process dies by SIGSYS
	Allow       Action = 0x7fff0000 // the call is made
	Notify      Action = 0x7fc00000 // a listener decides; ENOSYS without one
)

const (
	retTrap  Action = 0x00030000
	retErrno Action = 0x00050000
	retTrace Action = 0x7ff00000

	actionMask Action = 0xffff0000 // SECCOMP_RET_ACTION_FULL
	dataMask   Action = 0x0000ffff // SECCOMP_RET_DATA

	maxErrno = 4095 // MAX_ERRNO: the kernel lowers anything above
)

// Trace stops the call for a tracer, which reads data by PTRACE_GETEVENTMSG. Without a tracer the call fails with
// ENOSYS.
func Trace(data uint16) Action { return retTrace | Action(data) }

// Trap sends SIGSYS instead of making the call; data is the signal's si_errno.
func Trap(data uint16) Action { return retTrap | Action(data) }

// Errno makes the call fail with the error number n, at most 4095. Errno(0) makes it a no-op that returns 0.
func Errno(n uint16) Action { return retErrno | Action(n) }

// Data returns what Trace, Trap or Errno was given.
func (a Action) Data() uint16 { return uint16(a & dataMask) }

// String returns "allow", "trace(3)" and so on.
func (a Action) String() string {
	switch a {
	case KillProcess:
		return "kill process"
	case Allow:
		return "allow"
	case Notify:
		return "notify"
	}
	switch a & actionMask {
	case retTrace:
		return fmt.Sprintf("trace(%d)", a.Data())
	case retTrap:
		return fmt.Sprintf("trap(%d)", a.Data())
	case retErrno:
		return fmt.Sprintf("errno(%d)", a.Data())
	}
	return fmt.Sprintf("action(%#x)", uint32(a))
}

// check tells whether a is one of the actions that this package can name.
func (a Action) check() error {
	switch a {
	case KillProcess, Allow, Notify:
		return nil
	}
	switch a & actionMask {
	case retTrace, retTrap:
		return nil
	case retErrno:
		if a.Data() <= maxErrno {
			return nil
		}
		return fmt.Errorf("error number %d is above %d", a.Data(), maxErrno)
	case 0:
		return fmt.Errorf("action is missing")
	}
	return fmt.Errorf("unknown action %#x", uint32(a))
}
