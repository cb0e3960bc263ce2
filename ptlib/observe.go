package ptlib

import (
	"bytes"
	"strconv"

	"golang.org/x/sys/unix"
)

// A SignalHandler is a Handler that is told of signals too. New looks once whether a Handler is one; others pay nothing.
type SignalHandler interface {
	Handler
	// Signal is called when t is about to take a signal: to run its handler, to ignore it, to stop or to die by it.
	// t.SignalInfo says more until Signal returns. SIGKILL is told of by Exit alone, and what a filter made of a call
	// (StopContested) is no signal.
	Signal(t *Thread, sig unix.Signal)
}

// A StopHandler is a Handler that is told of job control too. New looks once whether a Handler is one; others pay nothing.
type StopHandler interface {
	Handler
	// Stopped is called when sig (SIGSTOP, SIGTSTP, SIGTTIN or SIGTTOU) has stopped t with all its process, for each
	// thread as it stops. A stop that is over by the time that it would be told of is not. t is out of the tracer's reach
	// until it goes on: requests fail with ESRCH.
	Stopped(t *Thread, sig unix.Signal)
	// Continued is called when t, of which Stopped told, goes on, before it runs. There is none for a thread that is
	// killed; Exit tells of that.
	Continued(t *Thread)
}

// SignalInfo is what siginfo_t says of a signal.
type SignalInfo struct {
	Signal unix.Signal
	Code   int32 // SI_USER and its like, as in sigaction(2)
	// PID and UID are those of the process that sent it, or of the child that SIGCHLD is about; 0 where there is none, or
	// where the tracer's namespaces do not have them.
	PID int
	UID uint32
}

// SignalInfo tells about the signal that t is about to take. It is for SignalHandler.Signal; it costs a request.
func (t *Thread) SignalInfo() (SignalInfo, unix.Errno) {
	var info signalInfo
	if errno := t.signalInfo(&info); errno != 0 {
		return SignalInfo{}, errno
	}
	s := SignalInfo{Signal: unix.Signal(info.signo), Code: info.code}
	if hasSender(s.Signal, s.Code) {
		pid, uid := info.sender()
		s.PID, s.UID = int(pid), uid
	}
	return s, 0
}

// hasSender reports whether siginfo_t has si_pid and si_uid (kernel/signal.c, siginfo_layout).
func hasSender(sig unix.Signal, code int32) bool {
	const user, queue, messageQueue, asyncIO, tkill = 0, -1, -3, -4, -6
	switch code {
	case user, queue, messageQueue, asyncIO, tkill:
		return true
	}
	return sig == unix.SIGCHLD && code > 0
}

// tellSignal tells the Handler of a signal that t is about to take.
func (t *Thread) tellSignal(sig unix.Signal) {
	if h := t.tracer.signals; h != nil {
		h.Signal(t, sig)
	}
}

// tellStopped tells the Handler of a group stop that t has been left in.
func (t *Thread) tellStopped(sig unix.Signal) {
	if h := t.tracer.stops; h != nil && !t.paused && t.listens() {
		t.paused = true
		h.Stopped(t, sig)
	}
}

// tellContinued tells the Handler of the end of it.
func (t *Thread) tellContinued() {
	t.paused = false
	t.tracer.stops.Continued(t)
}

// listens reports whether t, after PTRACE_LISTEN, stays where it is. The report of its stop may have waited so long that
// SIGCONT came first, and another thread may even have taken that: then PTRACE_LISTEN itself wakes t, to stop anew and
// to say so (kernel/signal.c, ptrace_trap_notify). While it is on the way it runs, and when it is there it can be asked.
func (t *Thread) listens() bool {
	state := stateOf(t.Tid)
	t.tracer.stats.Requests++
	_, errno := ptraceEventMessage(t.Tid)
	return (state == 't' || state == 'T') && errno == unix.ESRCH
}

// stateOf returns the state of a thread in proc_pid_stat(5), 0 if it is gone. (The files of /proc that say it in fewer
// words wait for an execve(2) of the thread to end.)
func stateOf(tid int) byte {
	file, err := unix.Open("/proc/"+strconv.Itoa(tid)+"/stat", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	defer unix.Close(file)
	var text [128]byte // a number of ten digits, a name of at most 64 bytes, the state
	n, err := unix.Read(file, text[:])
	if err != nil {
		return 0
	}
	stat := text[:n]
	// The name before the state is in parentheses and may have anything in it.
	_, state, _ := bytes.Cut(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" "))
	if len(state) == 0 {
		return 0
	}
	return state[0]
}
