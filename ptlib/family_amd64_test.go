package ptlib

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

const cloneThread = unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_SIGHAND | unix.CLONE_THREAD | unix.CLONE_SYSVSEM

// getuid is a call that busy answers.
func (s *script) getuid() { s.want(busyID, SysGetuid, 1, 2, 3, 4, 5, 6) }

// clone makes a child that goes on with body, which does not return, on a table of its own: with CLONE_VM the two would
// otherwise write results over each other.
func (s *script) clone(flags uint64, body func()) (entry int) {
	entry = s.call(SysClone, flags)
	over := s.add(opJump)
	// The child's registers are compared with the entry that its stack pointer stands on.
	s.entries[entry][2] = s.next()
	s.entries = append(s.entries, s.entries[entry])
	body()
	s.entries[over][1] = s.next()
	return entry
}

// wait waits for a child and expects its status, after which it is gone.
func (s *script) wait(status uint64) {
	at := s.space(16)
	s.call(SysWait4, ^uint64(0), at, unix.WALL, 0)
	s.expectAt(at, status, 0xffff)
}

// frng-1: the ways to make a process or thread.
func TestForks(t *testing.T) {
	type shape struct {
		name   string
		only   ABI // 0: any
		flags  CloneFlags
		shares bool
		make   func(s *script)
	}
	child := func(s *script) func() {
		return func() {
			s.getuid()
			s.getuid()
			s.exit(7)
		}
	}
	plain := func(sys Sys) func(s *script) {
		return func(s *script) {
			s.call(sys)
			s.ifZero(child(s))
			s.getuid()
			s.wait(7 << 8)
		}
	}
	cloned := func(flags uint64) func(s *script) {
		return func(s *script) {
			s.clone(flags, child(s))
			s.getuid()
			s.wait(7 << 8)
		}
	}
	cloned3 := func(flags uint64) func(s *script) {
		return func(s *script) {
			args := make([]uint64, 11)
			put := func(i int, v uint64) { args[i*8/s.word()] = v }
			put(0, flags)
			put(4, uint64(unix.SIGCHLD))
			s.call(SysClone3, s.words(args...), 64)
			s.ifZero(child(s))
			s.getuid()
			s.wait(7 << 8)
		}
	}
	sigchld := uint64(unix.SIGCHLD)
	for _, shape := range []shape{
		{"fork", 0, 0, false, plain(SysFork)},
		{"vfork", 0, unix.CLONE_VFORK | unix.CLONE_VM, true, plain(SysVfork)},
		{"clone", 0, CloneFlags(sigchld), false, cloned(sigchld)},
		{"clone without a signal", 0, 0, false, cloned(0)},
		{"clone CLONE_VM", 0, CloneFlags(unix.CLONE_VM | sigchld), true, cloned(unix.CLONE_VM | sigchld)},
		{"posix_spawn", 0, CloneFlags(unix.CLONE_VM | unix.CLONE_VFORK | sigchld), true, cloned(unix.CLONE_VM | unix.CLONE_VFORK | sigchld)},
		{"clone CLONE_FS|CLONE_FILES", 0, CloneFlags(unix.CLONE_FS | unix.CLONE_FILES | sigchld), false, cloned(unix.CLONE_FS | unix.CLONE_FILES | sigchld)},
		{"clone CLONE_UNTRACED", 0, CloneFlags(sigchld), false, cloned(unix.CLONE_UNTRACED | sigchld)},
		{"clone3", 0, CloneFlags(unix.CLONE_FS), false, cloned3(unix.CLONE_FS)},
		{"int 0x80", ABIAMD64, CloneFlags(unix.CLONE_FS | sigchld), false, func(s *script) {
			s.add(opInt80, uint64(nrOf(ABI386, SysClone)), unix.CLONE_FS|sigchld)
			s.ifZero(child(s))
			s.getuid()
			s.wait(7 << 8)
		}},
		{"clone CLONE_PARENT", 0, CloneFlags(unix.CLONE_PARENT | sigchld), false, func(s *script) {
			s.call(SysFork)
			s.ifZero(func() {
				s.clone(unix.CLONE_PARENT|sigchld, child(s))
				s.want(-int64(unix.ECHILD), SysWait4, ^uint64(0), 0, 0, 0)
				s.exit(7)
			})
			s.wait(7 << 8)
			s.wait(7 << 8)
		}},
		{"thread", 0, cloneThread, true, func(s *script) {
			s.clone(cloneThread, func() {
				s.getuid()
				s.getuid()
				s.exit(0)
			})
			s.getuid()
			s.call(SysExit, 1) // the leader ends first
		}},
		{"thread that ends first", 0, cloneThread | unix.CLONE_CHILD_CLEARTID, true, func(s *script) {
			tid := s.words(1)
			entry := s.clone(cloneThread|unix.CLONE_CHILD_CLEARTID, func() {
				s.getuid()
				s.call(SysExit, 1)
			})
			at := 4
			if s.abi == ABI386 {
				at = 5
			}
			s.entries[entry][at], s.entries[entry+2][at] = tid, tid
			s.call(SysFutex, tid, 0 /* FUTEX_WAIT */, 1, 0)
			s.getuid()
		}},
	} {
		t.Run(shape.name, func(t *testing.T) {
			eachABI(t, func(t *testing.T, abi ABI) {
				if shape.only != 0 && shape.only != abi {
					return
				}
				s := newScript(abi)
				s.getuid()
				shape.make(s)
				s.exit(0)
				b := newBusy(t)
				var last CloneFlags
				b.fork = func(parent, child *Thread, flags CloneFlags) {
					last = flags
					if child.SharesMemory(parent) != flags.Has(unix.CLONE_VM) {
						t.Errorf("shares memory: %v", child.SharesMemory(parent))
					}
				}
				tt := &trial{rules: stops(SysGetuid), handler: b}
				tt.succeed(t, s.write(t))
				b.finish()
				if last != shape.flags {
					t.Errorf("flags %#x, want %#x", last, shape.flags)
				}
			})
		})
	}
}

// A child begins with the arguments of the call that made it, whatever was changed about a call before that was answered.
func TestForkAfterAnswer(t *testing.T) {
	eachABI(t, func(t *testing.T, abi ABI) {
		s := newScript(abi)
		s.getuid()
		s.clone(uint64(unix.SIGCHLD), func() {
			s.getuid()
			s.exit(7)
		})
		s.wait(7 << 8)
		s.exit(0)
		tt := &trial{rules: stops(SysGetuid), handler: &hooks{call: func(c *Call) {
			c.SetArg(0, 99)
			c.Answer(busyID)
		}}}
		tt.succeed(t, s.write(t))
	})
}

// Children whose parents are gone: they are traced to their end, and wait4 tells of them what it always tells.
func TestOrphans(t *testing.T) {
	eachABI(t, func(t *testing.T, abi ABI) {
		s := newScript(abi)
		ready := s.space(8)
		_ = ready
		s.want(0, SysPrctl, unix.PR_SET_CHILD_SUBREAPER, 1)
		s.call(SysFork)
		s.ifZero(func() { // a parent that ends at once
			s.call(SysFork)
			s.ifZero(func() {
				s.times(20, s.getuid)
				s.exit(3)
			})
			s.exit(3)
		})
		s.wait(3 << 8)
		s.wait(3 << 8)
		s.want(-int64(unix.ECHILD), SysWait4, ^uint64(0), 0, 0, 0)
		s.call(SysFork)
		s.ifZero(func() { // a zombie that is left to whoever comes after
			s.call(SysFork)
			s.ifZero(func() { s.exit(4) })
			s.getuid()
			s.exit(4)
		})
		s.wait(4 << 8)
		s.wait(4 << 8)
		s.call(SysFork)
		s.ifZero(func() { // one that outlives the command
			s.times(200, s.getuid)
			s.exit(5)
		})
		s.exit(0)
		b := newBusy(t)
		tt := &trial{rules: stops(SysGetuid), handler: b}
		tt.succeed(t, s.write(t))
		b.finish()
		if n := tt.tracer.Stats().Threads; n != 6 {
			t.Errorf("%d threads", n)
		}
	})
}

// 200 generations, each of which waits for the next.
func TestDeepTree(t *testing.T) {
	const depth = 200
	s := newScript(ABIAMD64)
	top := s.next()
	s.call(SysFork)
	var down int
	s.ifZero(func() { down = s.add(opJump) })
	s.wait(0)
	s.getuid()
	s.exit(0)
	s.entries[down][1] = s.next()
	s.add(opLoop, top, depth)
	s.getuid()
	s.exit(0)
	b := newBusy(t)
	tt := &trial{rules: stops(SysGetuid), handler: b}
	tt.succeed(t, s.write(t))
	b.finish()
	if n := b.calls[SysGetuid]; n < depth+1 {
		t.Errorf("%d calls", n)
	}
	if n := tt.tracer.Stats().Threads; n != depth+1 {
		t.Errorf("%d threads", n)
	}
}

// 500 threads that live at the same time.
func TestManyThreads(t *testing.T) {
	const threads = 500
	s := newScript(ABIAMD64)
	gate := s.space(8)
	s.times(threads, func() {
		s.clone(cloneThread, func() {
			s.getuid()
			s.call(SysFutex, gate, 0 /* FUTEX_WAIT */, 0, 0)
			s.getuid()
			s.call(SysExit, 0)
		})
	})
	s.add(opAdd, gate, 1)
	s.call(SysFutex, gate, 1 /* FUTEX_WAKE */, 1<<30)
	s.call(SysExit, 0)
	b := newBusy(t)
	most := 0
	b.fork = func(*Thread, *Thread, CloneFlags) { most = max(most, len(b.alive)) }
	tt := &trial{rules: stops(SysGetuid), handler: b}
	tt.succeed(t, s.write(t))
	b.finish()
	if most != threads+1 {
		t.Errorf("at most %d threads at a time", most)
	}
}

// Many processes, one after the other.
func TestShortProcesses(t *testing.T) {
	for _, sys := range []Sys{SysFork, SysVfork} {
		t.Run(sys.String(), func(t *testing.T) {
			s := newScript(ABIAMD64)
			n := 300
			if rounds := tortureRounds(); rounds > 0 {
				n = 5 * rounds
			}
			s.times(n, func() {
				s.call(sys)
				s.ifZero(func() {
					s.getuid()
					s.exit(0)
				})
				s.wait(0)
			})
			s.exit(0)
			b := newBusy(t)
			tt := &trial{rules: stops(SysGetuid), handler: b}
			tt.succeed(t, s.write(t))
			b.finish()
		})
	}
}

// A tracee cannot be traced by anybody else, nor ask to be: as for every process that has a tracer.
func TestNestedPtrace(t *testing.T) {
	s := newScript(ABIAMD64)
	s.want(-int64(unix.EPERM), SysPtrace, unix.PTRACE_TRACEME)
	child := s.call(SysFork)
	s.ifZero(func() {
		s.call(SysPause)
	})
	for _, request := range []uint64{unix.PTRACE_ATTACH, unix.PTRACE_SEIZE} {
		s.add(opCopy)
		i := s.call(SysPtrace, request, 0, 0, 0)
		s.pass(child, i, 2)
		s.add(opExpect, ^uint64(unix.EPERM)+1)
	}
	s.callWith(0, child, SysKill, 0, uint64(unix.SIGKILL))
	s.wait(uint64(unix.SIGKILL))
	s.exit(0)
	tt := &trial{}
	tt.succeed(t, s.write(t))
}

// When the context ends, all processes die, and Run says why.
func TestCancel(t *testing.T) {
	for _, after := range []int{0, 1, 30} {
		t.Run(fmt.Sprint(after), func(t *testing.T) { testCancel(t, after) })
	}
}

func testCancel(t *testing.T, after int) {
	s := newScript(ABIAMD64)
	s.call(SysFork)
	s.ifZero(func() { // a family that the command's death does not touch
		s.call(SysSetsid)
		s.call(SysFork)
		s.call(SysFork)
		s.getuid()
		s.call(SysPause)
	})
	top := s.next()
	s.call(SysFork)
	s.ifZero(func() {
		s.getuid()
		s.exit(0)
	})
	s.call(SysWait4, ^uint64(0), 0, 0, 0)
	s.add(opJump, top)
	ctx, cancel := context.WithCancelCause(context.Background())
	b := newBusy(t)
	n := 0
	b.hooks.fork = func(*Thread, *Thread, CloneFlags) {
		if n++; n > after {
			cancel(nil)
		}
	}
	tt := &trial{rules: stops(SysGetuid), handler: b, ctx: ctx}
	tt.run(t, s.write(t))
	b.finish()
	if !errors.Is(tt.err, context.Canceled) || tt.status.Signal() != unix.SIGKILL {
		t.Errorf("status %#x, %v", int(tt.status), tt.err)
	}
}
