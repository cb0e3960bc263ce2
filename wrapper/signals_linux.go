package wrapper

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
)

// signals gives the signals that this process gets to whoever they are for: to the command while it runs, to what it left
// behind after that, and to Run itself before and after.
//
// The action is in the same process group, so what comes from the terminal reaches it anyway, and a second one must not
// follow. What stops is described in signals_stop_linux.go.
//
// mu is taken by the goroutine of the signals and by the tracer's thread, and held over kill(2) and looks at /proc alone.
type signals struct {
	ch     chan os.Signal
	done   chan struct{}
	cancel context.CancelCauseFunc
	after  func()            // gives SIGTSTP back its action
	relay  func(unix.Signal) // sends a signal to what the command left, where somebody else knows that

	mu      sync.Mutex
	phase   signalPhase
	command int           // pid
	alive   map[int]bool  // the action's processes; whether they are stopped
	held    []unix.Signal // what came in phaseHeld
	vforked map[int]int   // children that hold up their parents in vfork(2), and these
	asleep  bool          // this process has stopped with the command, and lets it go on when it does itself
	inFront bool          // the command, in a group of its own, had the terminal when it stopped
}

type signalPhase uint8

const (
	phaseOwn    signalPhase = iota // this process works for itself
	phaseHeld                      // the command is being started
	phaseAction                    // the command runs
	phaseLinger                    // the command is gone, processes that it left are not
)

// An interruption is the cause of a context that a signal ended.
type interruption struct{ sig unix.Signal }

func (i *interruption) Error() string { return "ended by " + unix.SignalName(i.sig) }

// asInterrupted gives an error the exit status of the signal that brought it about, if one did.
func asInterrupted(ctx context.Context, err error) error {
	var (
		by  *interruption
		own *Error
	)
	if err == nil || !errors.As(context.Cause(ctx), &by) {
		return err
	}
	what := "feign run"
	if errors.As(err, &own) {
		what = own.What
	}
	return &Error{What: what, Err: by, Status: 128 + int(by.sig)}
}

// catchSignals takes over the signals of this process. The context ends when one of them asks for that.
func catchSignals(ctx context.Context) (context.Context, *signals) {
	ctx, cancel := context.WithCancelCause(ctx)
	s := &signals{ch: make(chan os.Signal, 16), done: make(chan struct{}), cancel: cancel, alive: map[int]bool{}, vforked: map[int]int{},
		after: ptlib.KeepAction(unix.SIGTSTP)}
	// SIGPIPE: a reader of our messages that went away is no reason to end the action.
	wanted := []os.Signal{unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGHUP, unix.SIGUSR1, unix.SIGUSR2, unix.SIGCONT, unix.SIGTSTP, unix.SIGPIPE}
	// What nohup(1) or a shell made us ignore, the command has to inherit ignored.
	wanted = slices.DeleteFunc(wanted, signal.Ignored)
	signal.Notify(s.ch, wanted...)
	go func() {
		defer close(s.done)
		for sig := range s.ch {
			if sig, ok := sig.(unix.Signal); ok && sig != unix.SIGPIPE {
				s.got(sig)
			}
		}
	}()
	return ctx, s
}

// release gives the signals back.
func (s *signals) release() {
	signal.Stop(s.ch)
	s.after()
	close(s.ch)
	<-s.done
	s.cancel(nil)
}

func (s *signals) got(sig unix.Signal) {
	if sig == unix.SIGTSTP && !s.isAction() {
		ptlib.StopSelf(sig)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.phase {
	case phaseOwn:
		switch sig {
		case unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGHUP:
			s.cancel(&interruption{sig})
			signal.Stop(s.ch) // what does not end, on a FIFO that nobody reads, the next one ends
		}
	case phaseHeld:
		s.held = append(s.held, sig)
	case phaseAction:
		if sig == unix.SIGCONT {
			if !s.asleep {
				s.resume()
			}
			return
		}
		s.send(s.command, sig)
	case phaseLinger:
		if s.relay != nil {
			s.relay(sig)
			return
		}
		for pid := range s.alive {
			s.send(pid, sig)
		}
	}
}

// isAction reports whether the command runs.
func (s *signals) isAction() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.phase == phaseAction
}

// send gives sig to a process of the action, unless it has it already.
func (s *signals) send(pid int, sig unix.Signal) {
	if fromTerminal(pid, sig) || sig == unix.SIGCONT && (!s.alive[pid] || isToContinue(pid)) {
		return
	}
	unix.Kill(pid, sig)
}

// hold keeps signals until the command has begun.
func (s *signals) hold() { s.enter(phaseHeld) }

// keep ends the action: signals are this process's own. Those that came too late for a command that never began end the rest.
func (s *signals) keep() {
	s.enter(phaseOwn)
	for _, sig := range s.held {
		s.got(sig)
	}
}

// relayLinger says that somebody else knows the processes of the action.
func (s *signals) relayLinger(relay func(unix.Signal)) {
	s.mu.Lock()
	s.relay = relay
	s.mu.Unlock()
}

func (s *signals) enter(p signalPhase) {
	s.mu.Lock()
	s.phase = p
	s.mu.Unlock()
}

// started says that the command has begun.
func (s *signals) started(pid int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase != phaseHeld {
		return
	}
	s.phase, s.command = phaseAction, pid
	s.alive[pid] = false
	for _, sig := range s.held {
		s.send(pid, sig)
	}
	s.held = nil
}

// born says that the action has a further process, for which its parent may wait in vfork(2).
func (s *signals) born(pid, parent int, vfork bool) {
	s.mu.Lock()
	s.alive[pid] = false
	if vfork {
		s.vforked[pid] = parent
	}
	s.mu.Unlock()
}

// released says that a process has a program of its own: nobody waits for it in vfork(2) any more.
func (s *signals) released(pid int) {
	s.mu.Lock()
	delete(s.vforked, pid)
	s.mu.Unlock()
}

// gone says that a process of the action has ended.
func (s *signals) gone(pid int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.alive, pid)
	delete(s.vforked, pid)
	if pid == s.command && s.phase == phaseAction {
		s.phase = phaseLinger
	}
}

// fromTerminal reports whether the terminal gave sig to the process too: it signals the whole foreground process group.
// Where this process and the other are both in it, SIGINT, SIGQUIT and SIGTSTP are taken for the terminal's.
func fromTerminal(pid int, sig unix.Signal) bool {
	if sig != unix.SIGINT && sig != unix.SIGQUIT && sig != unix.SIGTSTP {
		return false
	}
	group, err := unix.Getpgid(pid)
	return err == nil && group == unix.Getpgrp() && group == foreground()
}
