package ptlib

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// saNoCldStop is SA_NOCLDSTOP of the kernel's flags.
const saNoCldStop = 1

// quietStops keeps the kernel from sending SIGCHLD at every stop of a tracee (kernel/signal.c, do_notify_parent_cldstop):
// the Go runtime has a handler for it, and running that costs as much as a ptrace request. The tracer waits by wait4(2),
// which is woken all the same, and exits are still signalled. restore undoes it, as far as nobody else changed the action
// meanwhile.
func quietStops() (restore func()) {
	var before sigaction
	if changeAction(unix.SIGCHLD, nil, &before) != 0 || before.flags&saNoCldStop != 0 {
		return func() {}
	}
	quiet := before
	quiet.flags |= saNoCldStop
	if changeAction(unix.SIGCHLD, &quiet, nil) != 0 {
		return func() {}
	}
	return func() {
		var now sigaction
		if changeAction(unix.SIGCHLD, nil, &now) == 0 && now == quiet {
			changeAction(unix.SIGCHLD, &before, nil)
		}
	}
}

// KeepAction remembers what this process does about sig, for restore to do again. It is for programs that stand for their
// tracees towards a shell: os/signal cannot give SIGTSTP back its default action, which is to stop, once it was notified.
func KeepAction(sig unix.Signal) (restore func()) {
	var before sigaction
	if changeAction(sig, nil, &before) != 0 {
		return func() {}
	}
	return func() { changeAction(sig, &before, nil) }
}

// StopSelf stops this process by sig (SIGSTOP, SIGTSTP, SIGTTIN or SIGTTOU), whatever it does about the signal otherwise, and
// returns when it goes on. The parent is told as of any child (wait(2), WUNTRACED). In an orphaned process group only
// SIGSTOP stops (kernel/signal.c, get_signal); others return at once.
func StopSelf(sig unix.Signal) {
	// The signal goes to this thread, which takes it before it leaves the kernel.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer KeepAction(sig)()
	changeAction(sig, new(sigaction), nil)
	_ = unix.Tgkill(os.Getpid(), unix.Gettid(), sig) // there is no reason why this should fail
}
