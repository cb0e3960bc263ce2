package wrapper

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
)

// A shell that does job control waits for this process, and means the command. So this process stops when the command has
// stopped, whatever brought that about, and not before: a ^Z that the command catches, to tidy up the screen first, is
// not the time yet. SIGTSTP is caught for that. SIGTTIN and SIGTTOU keep their default action: the terminal gives
// them to the whole group of whoever reads or writes, and this process writes too.
//
// While this process is stopped nobody serves the other processes of the action, which stop at their next call that is
// traced. Where no shell would notice, it therefore runs on: the command may be continued by one of them.

// stopped says that a process of the action has stopped. If the command has, this process stops, and the call returns when it
// goes on. It is called for each thread of a process, on the tracer's.
func (s *signals) stopped(pid int, sig unix.Signal) {
	s.mu.Lock()
	again := s.alive[pid]
	s.alive[pid] = true
	stop := !again && s.phase == phaseAction && s.stopsCommand(pid)
	if stop {
		group, err := unix.Getpgid(pid)
		s.inFront = err == nil && group != unix.Getpgrp() && group == foreground()
	}
	s.mu.Unlock()
	// The terminal may have stopped this process too, just now, and the shell let the whole job go on since.
	if stop && inJob() && !isToContinue(pid) {
		s.stopWith(sig)
	}
}

// stopWith stops this process, as the command has. The command goes on when this process does, and not when somebody gets round to
// the SIGCONT that brought that about: a further stop may have come by then.
func (s *signals) stopWith(sig unix.Signal) {
	s.mu.Lock()
	s.asleep = true
	s.mu.Unlock()
	ptlib.StopSelf(sig)
	s.mu.Lock()
	s.resume()
	s.mu.Unlock()
}

// continued says that a process of the action goes on.
func (s *signals) continued(pid int) {
	s.mu.Lock()
	s.alive[pid] = false
	if s.stopsCommand(pid) {
		s.asleep = false
	}
	s.mu.Unlock()
}

// stopsCommand reports whether the command cannot go on while pid is stopped: it is the command, or its child, for which it
// waits in vfork(2). A parent there does not stop itself. (In that moment ^Z would hang a shell's job without us, too; but
// without a tracer the moment is much shorter.)
func (s *signals) stopsCommand(pid int) bool {
	for pid != s.command {
		parent, ok := s.vforked[pid]
		if !ok {
			return false
		}
		pid = parent
	}
	return true
}

// resume lets the command go on, and gives it back the terminal, if that is this process's now: a shell gives it to the
// group that it knows. It is called with mu held.
func (s *signals) resume() {
	if s.inFront && foreground() == unix.Getpgrp() {
		if group, err := unix.Getpgid(s.command); err == nil {
			onTerminal(func(tty int) { _ = unix.IoctlSetPointerInt(tty, unix.TIOCSPGRP, group) })
		}
	}
	s.inFront = false
	s.send(s.command, unix.SIGCONT)
	for pid := range s.vforked {
		if s.stopsCommand(pid) {
			s.send(pid, unix.SIGCONT)
		}
	}
}

// inJob reports whether somebody does job control on this process: its parent is in the same session, and in another process
// group. It is what the kernel asks before it stops a group on behalf of a terminal (kernel/exit.c,
// will_become_orphaned_pgrp).
func inJob() bool {
	parent := os.Getppid()
	group, err := unix.Getpgid(parent)
	if err != nil || group == unix.Getpgrp() {
		return false
	}
	session, err := unix.Getsid(parent)
	own, ownErr := unix.Getsid(0)
	return err == nil && ownErr == nil && session == own
}

// isToContinue reports whether a SIGCONT is on its way to a stopped process, by the lists of signals that are pending in
// proc_pid_status(5). It stays there until the tracer lets a thread go on.
func isToContinue(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(status)) {
		key, value, _ := strings.Cut(line, ":")
		if key == "ShdPnd" || key == "SigPnd" {
			set, err := strconv.ParseUint(strings.TrimSpace(value), 16, 64)
			if err == nil && set&(1<<(unix.SIGCONT-1)) != 0 {
				return true
			}
		}
	}
	return false
}

// foreground returns the process group that has the terminal, 0 if there is none.
func foreground() (group int) {
	onTerminal(func(tty int) { group, _ = unix.IoctlGetInt(tty, unix.TIOCGPGRP) })
	return group
}

// onTerminal does something with the controlling terminal, if there is one.
func onTerminal(do func(tty int)) {
	tty, err := unix.Open("/dev/tty", unix.O_RDONLY|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer unix.Close(tty)
	do(tty)
}
