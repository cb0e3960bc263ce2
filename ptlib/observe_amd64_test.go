package ptlib

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// An observer is a Handler that writes down what it is told of signals and job control. It answers a stop with a signal.
type observer struct {
	hooks
	answer unix.Signal
	told   []string
	infos  []SignalInfo
}

func (o *observer) say(format string, args ...any) {
	o.told = append(o.told, fmt.Sprintf(format, args...))
}

func (o *observer) Signal(t *Thread, sig unix.Signal) {
	o.say("%s", unix.SignalName(sig))
	info, _ := t.SignalInfo()
	o.infos = append(o.infos, info)
}

func (o *observer) Stopped(t *Thread, sig unix.Signal) {
	o.say("stopped by %s", unix.SignalName(sig))
	unix.Kill(t.Tgid, o.answer)
}

func (o *observer) Continued(*Thread) { o.say("continued") }

func (o *observer) Exit(_ *Thread, status unix.WaitStatus) { o.say("exit %#x", int(status)) }

// A Handler is told of signals as they are taken, with their senders, and of job control, in the order of events.
func TestObserve(t *testing.T) {
	eachABI(t, func(t *testing.T, abi ABI) {
		s := newScript(abi)
		self := s.call(SysGetpid)
		for _, sig := range []unix.Signal{unix.SIGURG, unix.SIGSTOP, unix.SIGSTOP, unix.SIGTERM} {
			s.callWith(0, self, SysKill, 0, uint64(sig))
		}
		o := &observer{answer: unix.SIGCONT}
		tt := &trial{handler: o}
		tt.run(t, s.write(t))
		if want := []string{"SIGURG", "SIGSTOP", "stopped by SIGSTOP", "continued", "SIGCONT",
			"SIGSTOP", "stopped by SIGSTOP", "continued", "SIGCONT", "SIGTERM", "exit 0xf"}; !slices.Equal(o.told, want) {
			t.Errorf("told %q", o.told)
		}
		for _, info := range o.infos {
			from := tt.tracer.root
			if info.Signal == unix.SIGCONT {
				from = os.Getpid()
			}
			if info.PID != from || info.UID != uint32(os.Getuid()) || info.Code != 0 {
				t.Errorf("%+v is not from process %d", info, from)
			}
		}
	})
}

// Who is killed while it is stopped does not go on, and one that stops while a call of the tracer's runs is told of after.
func TestObserveKilled(t *testing.T) {
	s := newScript(ABIAMD64)
	self := s.call(SysGetpid)
	s.getuid()
	s.callWith(0, self, SysKill, 0, uint64(unix.SIGSTOP))
	o := &observer{answer: unix.SIGKILL}
	o.call = func(c *Call) {
		c.Then(func(c *Call) {
			unix.Kill(c.Thread.Tid, unix.SIGSTOP)
			c.Inject(SysGetppid)
			o.say("injected")
		})
	}
	tt := &trial{rules: stops(SysGetuid), handler: o}
	tt.run(t, s.write(t))
	if want := []string{"SIGSTOP", "injected", "stopped by SIGSTOP", "exit 0x9"}; !slices.Equal(o.told, want) {
		t.Errorf("told %q", o.told)
	}
}

// A stop that is over before the tracer comes to it is not told of, also where another thread has taken the SIGCONT.
func TestObserveStaleStop(t *testing.T) {
	s := newScript(ABIAMD64)
	fork := s.call(SysFork)
	s.ifZero(func() {
		s.clone(cloneThread, func() { s.call(SysPause) })
		s.call(SysPause)
	})
	s.times(200, func() { s.stopAndContinue(fork, unix.SIGSTOP) })
	s.callWith(0, fork, SysKill, 0, uint64(unix.SIGKILL))
	s.wait(uint64(unix.SIGKILL))
	s.exit(0)
	b := newBusy(t)
	tt := &trial{handler: b}
	tt.succeed(t, s.write(t))
	b.finish()
	t.Logf("told of %d stops", b.stops)
}
