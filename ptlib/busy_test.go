package ptlib

import (
	"testing"

	"golang.org/x/sys/unix"
)

// busyID is what getuid(2) answers under busy.
const busyID = 4242

// busy is a Handler that answers getuid(2) in every way that there is, one after the other, and expects each of its own
// calls to succeed, or the tracee to be dead. Other calls that stop are watched to their end, and job control has to be
// told of in turns.
type busy struct {
	hooks
	t     testing.TB
	turn  int
	alive map[int]*Thread
	calls map[Sys]int
	stops int
	in    map[*Thread]bool // a group stop
	// before, if there is one, is called before each step about getuid(2).
	before func(c *Call)
}

func newBusy(t testing.TB) *busy {
	return &busy{t: t, alive: make(map[int]*Thread), calls: make(map[Sys]int), in: make(map[*Thread]bool)}
}

func (b *busy) Syscall(c *Call) {
	b.calls[c.Sys]++
	if b.alive[c.Thread.Tid] != c.Thread || b.in[c.Thread] {
		b.t.Errorf("%v of thread %d, which is not known or stopped", c.Sys, c.Thread.Tid)
	}
	switch {
	case b.hooks.call != nil && c.Sys != SysGetuid:
		b.hooks.call(c)
	case c.Sys != SysGetuid:
		c.Then(func(*Call) {})
	case c.Trapped():
		b.end(c)
	default:
		b.getuid(c)
	}
}

func (b *busy) getuid(c *Call) {
	b.meet(c)
	b.turn++
	switch b.turn % 6 {
	case 0:
		c.Answer(busyID)
	case 1:
		c.Then(func(c *Call) { c.Answer(busyID) })
	case 2:
		c.Run(func(c *Call) {
			b.check(c, c.Errno())
			c.Answer(busyID)
		}, SysGetppid)
	case 3:
		if at, ok := c.Scratch(); ok {
			errno := c.Thread.WriteMemory(at, []byte("/\x00"))
			b.check(c, errno)
			c.Run(func(c *Call) {
				b.check(c, c.Errno())
				c.Answer(busyID)
			}, SysAccess, at, unix.F_OK)
		}
	case 4:
		c.Then(b.end)
	case 5:
		c.Then(func(c *Call) {
			c.Run(func(c *Call) {
				b.check(c, c.Errno())
				c.Answer(busyID)
			}, SysGetpgid, 0)
		})
	}
}

func (b *busy) meet(c *Call) {
	if b.before != nil {
		b.before(c)
	}
}

// end makes calls of its own after the program's.
func (b *busy) end(c *Call) {
	b.meet(c)
	at, ok := c.Scratch()
	if !ok {
		b.check(c, unix.ENOMEM)
		return
	}
	b.check(c, c.Thread.WriteMemory(at, []byte("/\x00")))
	for range 2 {
		b.meet(c)
		_, errno := c.Inject(SysAccess, at, unix.F_OK)
		b.check(c, errno)
	}
	c.Answer(busyID)
}

// check accepts only success, or the tracee's death.
func (b *busy) check(c *Call, errno unix.Errno) {
	if errno != 0 && !c.Thread.Gone() {
		b.t.Errorf("turn %d: a call in %d in the place of %v: %v", b.turn%6, c.Thread.Tid, c.Sys, errno)
	}
}

func (b *busy) Fork(parent, child *Thread, flags CloneFlags) {
	if b.alive[child.Tid] != nil {
		b.t.Errorf("thread %d was there already", child.Tid)
	}
	if child.Data != nil || child.Tid != child.Tgid && !flags.Has(unix.CLONE_THREAD) {
		b.t.Errorf("child %+v", child)
	}
	b.alive[child.Tid] = child
	b.hooks.Fork(parent, child, flags)
}

func (b *busy) Exec(t, former *Thread) {
	if len(b.alive) == 0 {
		b.alive[t.Tid] = t // the first one
	}
	if b.alive[t.Tid] != t {
		b.t.Errorf("exec in thread %d, which is not known", t.Tid)
	}
	if t != former {
		if b.alive[former.Tid] != former || former.Tgid != t.Tgid {
			b.t.Errorf("thread %d of %d became %d", former.Tid, former.Tgid, t.Tid)
		}
		delete(b.alive, former.Tid)
	}
	b.hooks.Exec(t, former)
}

func (b *busy) Exit(t *Thread, status unix.WaitStatus) {
	if b.alive[t.Tid] != t {
		b.t.Errorf("end of thread %d, which is not known", t.Tid)
	}
	delete(b.alive, t.Tid)
	delete(b.in, t)
	b.hooks.Exit(t, status)
}

func (b *busy) Signal(t *Thread, sig unix.Signal) {
	if info, errno := t.SignalInfo(); errno == 0 && info.Signal != sig || b.in[t] {
		b.t.Errorf("signal %v: %+v, %v", sig, info, errno)
	}
}

func (b *busy) Stopped(t *Thread, sig unix.Signal) {
	if b.alive[t.Tid] != t || b.in[t] || !isStopSignal(sig) {
		b.t.Errorf("thread %d is not known or stopped already, by %v", t.Tid, sig)
	}
	b.stops++
	b.in[t] = true
}

func (b *busy) Continued(t *Thread) {
	if !b.in[t] {
		b.t.Errorf("thread %d goes on, which was not stopped", t.Tid)
	}
	delete(b.in, t)
}

// finish checks that every thread that began has ended.
func (b *busy) finish() {
	for tid := range b.alive {
		b.t.Errorf("thread %d has no end", tid)
	}
}
