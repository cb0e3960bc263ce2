package ptlib

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// execHandler sees to execve(2) in one of the ways that there are.
type execHandler struct {
	name string
	call func(t *testing.T, c *Call)
	exec func(t *testing.T, th *Thread)
}

// newProgramWorks uses a program that has not run an instruction, at the end of its execve.
func newProgramWorks(t *testing.T, c *Call) {
	if c.Result != 0 {
		t.Errorf("execve: %d", c.Result)
		return
	}
	pid := int64(c.Thread.Tgid)
	if r, errno := c.Inject(SysGetpid); r != pid || errno != 0 {
		t.Errorf("getpid in the new program: %d, %v", r, errno)
	}
	if _, ok := c.Scratch(); !ok {
		t.Error("no scratch memory in the new program")
	}
	c.Run(func(c *Call) {
		if c.Result != pid {
			t.Errorf("getpid in the new program, run: %d", c.Result)
		}
		c.Answer(0)
	}, SysGetpid)
}

func execHandlers(t *testing.T) []execHandler {
	deny := mustFilter(t, []Rule{{Sys: SysGetsid, Do: Deny, Errno: unix.ENOTNAM}}, FilterOptions{})
	addFilter := func(t *testing.T, th *Thread) {
		if errno := th.SetAuxIDs(AuxIDs{}); errno != 0 {
			t.Errorf("auxiliary vector: %v", errno)
		}
		if err := th.AddFilter(deny); err != nil {
			t.Error(err)
		}
	}
	// otherPath runs the call with the path in other memory than the program's.
	otherPath := func(t *testing.T, c *Call) (uint64, bool) {
		at, ok := c.Scratch()
		if !ok {
			return 0, false
		}
		path, errno := c.Thread.ReadPath(c.Args[0])
		if errno != 0 {
			t.Error(errno)
		}
		return at, c.Thread.WriteMemory(at, append(path, 0)) == 0
	}
	return []execHandler{
		{"nothing", func(*testing.T, *Call) {}, nil},
		{"then", func(t *testing.T, c *Call) { c.Then(func(c *Call) { newProgramWorks(t, c) }) }, nil},
		{"set argument", func(t *testing.T, c *Call) {
			if at, ok := otherPath(t, c); ok {
				c.SetArg(0, at)
				c.Then(func(c *Call) { newProgramWorks(t, c) })
			}
		}, nil},
		{"run", func(t *testing.T, c *Call) {
			if at, ok := otherPath(t, c); ok {
				c.Run(func(c *Call) { newProgramWorks(t, c) }, SysExecve, at, c.Args[1], c.Args[2])
			}
		}, nil},
		{"run after another call", func(t *testing.T, c *Call) {
			args := c.Args
			c.Run(func(c *Call) {
				c.Run(func(c *Call) { newProgramWorks(t, c) }, SysExecve, args[:]...)
			}, SysGetpgid, 0)
		}, nil},
		{"filter", func(*testing.T, *Call) {}, addFilter},
		{"then, filter", func(t *testing.T, c *Call) { c.Then(func(c *Call) { t.Error("told of an end") }) }, addFilter},
		{"run after another call, filter", func(t *testing.T, c *Call) {
			args := c.Args
			c.Run(func(c *Call) { c.Run(func(c *Call) { t.Error("told of an end") }, SysExecve, args[:]...) }, SysGetpgid, 0)
		}, addFilter},
	}
}

// What a leader can be about when another thread of its process calls execve(2).
var execLeaders = []struct {
	name  string
	leads func(s *script, fifo string)
}{
	{"", nil}, // it makes the call itself
	{"pause", func(s *script, _ string) { s.call(SysPause) }},
	{"gone", func(s *script, _ string) { s.call(SysExit, 0) }},
	{"blocked in a call that is watched", func(s *script, fifo string) { s.call(SysOpen, s.str(fifo), unix.O_RDONLY) }},
	{"busy", func(s *script, _ string) {
		top := s.next()
		s.getuid()
		s.add(opJump, top)
	}},
	{"busy with three others", func(s *script, _ string) {
		var joins []int
		for range 3 {
			s.clone(cloneThread, func() { joins = append(joins, s.add(opJump)) })
		}
		top := s.next()
		for _, join := range joins {
			s.entries[join][1] = top
		}
		s.getuid()
		s.add(opJump, top)
	}},
}

// frng-1: execve(2), by the leader and by other threads, from and to programs of each ABI.
func TestExec(t *testing.T) {
	fifo := t.TempDir() + "/fifo"
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, to := range []ABI{ABIAMD64, ABI386} {
		if testing.Short() && to != ABIAMD64 {
			continue // the same by other registers
		}
		for _, handler := range execHandlers(t) {
			path := execTarget(to, handler.exec != nil).write(t)
			for _, leader := range execLeaders {
				t.Run(fmt.Sprintf("%v/%s/%s", to, handler.name, leader.name), func(t *testing.T) {
					eachABI(t, func(t *testing.T, abi ABI) {
						testExec(t, abi, handler, leader.leads, path, fifo)
					})
				})
			}
		}
	}
}

// execTarget is the new program: it has the signal mask of the old one, and perhaps a further filter.
func execTarget(abi ABI, filtered bool) *script {
	s := newScript(abi)
	s.getuid()
	s.getuid()
	mask := s.space(8)
	s.want(0, SysRtSigprocmask, unix.SIG_SETMASK, 0, mask, 8)
	s.expectAt(mask, sigBit(unix.SIGUSR2), 0xffffffff)
	if filtered {
		s.want(-int64(unix.ENOTNAM), SysGetsid, 0)
	}
	s.getuid()
	s.exit(11)
	return s
}

func testExec(t *testing.T, abi ABI, handler execHandler, leads func(*script, string), path, fifo string) {
	s := newScript(abi)
	name := s.str(path)
	argv := s.words(name, 0)
	set := s.words(sigBit(unix.SIGUSR2), 0)
	s.want(0, SysRtSigprocmask, unix.SIG_SETMASK, set, 0, 8)
	s.getuid()
	execve := func() {
		s.want(-int64(unix.ENOENT), SysExecve, s.str("/nowhere"), argv, 0)
		s.times(3, s.getuid)
		s.call(SysExecve, name, argv, 0, 4, 5, 6)
		s.exit(12)
	}
	if leads == nil {
		execve()
	} else {
		s.clone(cloneThread, execve)
		leads(s, fifo)
	}

	b := newBusy(t)
	var execs, maker int
	b.hooks.call = func(c *Call) {
		if c.Sys != SysExecve {
			c.Then(func(*Call) {})
			return
		}
		if path, errno := c.Thread.ReadPath(c.Args[0]); errno == 0 && string(path) == "/nowhere" {
			c.Then(func(c *Call) {
				if c.Errno() != unix.ENOENT {
					t.Errorf("execve of nothing: %d", c.Result)
				}
			})
			return
		}
		maker = c.Thread.Tid
		handler.call(t, c)
	}
	b.hooks.exec = func(th, former *Thread) {
		if execs++; execs == 1 {
			return // the script itself
		}
		if former.Tid != maker || th.Tid != th.Tgid || (former == th) != (leads == nil) {
			t.Errorf("thread %d of %d became %d", former.Tid, former.Tgid, th.Tid)
		}
		if handler.exec != nil {
			handler.exec(t, th)
		}
	}
	tt := &trial{rules: stops(SysGetuid, SysExecve, SysOpen), handler: b}
	tt.run(t, s.write(t))
	if tt.status.ExitStatus() != 11 {
		t.Errorf("wait status %#x", int(tt.status))
	}
	if execs != 2 {
		t.Errorf("%d execs", execs)
	}
	b.finish()
}

// A stop of a leader is reported; before the tracer gets to it, another thread executes a new program, which has the
// leader's id and is at a stop of its own.
func TestExecOverReportedStop(t *testing.T) {
	for _, outranked := range []bool{false, true} {
		t.Run(fmt.Sprint(outranked), func(t *testing.T) { testExecOverReportedStop(t, outranked) })
	}
}

func testExecOverReportedStop(t *testing.T, outranked bool) {
	path := execTarget(ABIAMD64, false).write(t)
	s := newScript(ABIAMD64)
	s.want(0, SysRtSigprocmask, unix.SIG_SETMASK, s.words(sigBit(unix.SIGUSR2)), 0, 8)
	s.call(SysFork)
	s.ifZero(func() {
		s.clone(cloneThread, func() {
			s.call(SysGetpgrp) // it is on its way
			s.sleep(150)
			s.call(SysExecve, s.str(path), s.words(s.str("x"), 0), 0)
		})
		s.sleep(50)
		s.call(SysGetpgrp) // the stop that is overtaken
		s.call(SysPause)
	})
	s.call(SysGetsid, 0) // keeps the tracer from it
	s.wait(11 << 8)
	s.exit(0)

	b := newBusy(t)
	leader, execs, ready := 0, 0, false
	b.hooks.fork = func(_, child *Thread, flags CloneFlags) {
		if !flags.Has(unix.CLONE_THREAD) {
			leader = child.Tid
		}
	}
	b.hooks.exec = func(th, former *Thread) {
		if execs++; execs == 2 && (th.Tid != leader || former == th) {
			t.Errorf("thread %d became %d", former.Tid, th.Tid)
		}
	}
	b.hooks.call = func(c *Call) {
		if c.Sys == SysGetpgrp { // of the leader: it was not overtaken, on a slow machine
			ready = ready || c.Thread.Tid != leader
			c.Answer(1)
			return
		}
		if !ready {
			c.Then((*Call).Restart)
			return
		}
		c.Then(func(c *Call) {
			deadline := time.Now().Add(20 * time.Second) // on a slow machine the moment may have passed
			queued := func() bool {
				for _, ch := range c.Thread.tracer.pending.list {
					if ch.tid == leader && (eventOf(ch.status) == unix.PTRACE_EVENT_SECCOMP || ch.status.StopSignal() == unix.SIGSYS) {
						return true
					}
				}
				return false
			}
			for !queued() && time.Now().Before(deadline) {
				if _, errno := c.Inject(SysGetpid); errno != 0 {
					t.Fatal(errno)
				}
			}
			for time.Now().Before(deadline) {
				proc := "/proc/" + strconv.Itoa(leader)
				exe, _ := os.Readlink(proc + "/exe")
				state, _ := os.ReadFile(proc + "/stat")
				if exe == path && bytes.Contains(state, []byte(") t ")) {
					break
				}
				time.Sleep(time.Millisecond)
			}
			for range 10 { // the other stop is waited for too
				c.Inject(SysGetpid)
			}
		})
	}
	rules := stops(SysGetuid, SysGetpgrp, SysGetsid)
	rules[1].Do = StopContested
	tt := &trial{rules: rules, filter: FilterOptions{Outranked: outranked}, handler: b}
	tt.succeed(t, s.write(t))
	b.finish()
	if execs != 2 {
		t.Errorf("%d execs", execs)
	}
}
