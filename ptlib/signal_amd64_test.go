package ptlib

import (
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

// Flags of sigaction(2) and wait4(2) as the kernel has them.
const (
	saSigInfo = 4
	saRestart = 0x10000000
)

// sleep is a nanosleep(2) of some milliseconds; kernel/time/hrtimer.c restarts it by restart_syscall(2).
func (s *script) sleep(ms uint64) int { return s.call(SysNanosleep, s.words(0, ms*1e6), 0) }

// alarms makes SIGALRM arrive every so many microseconds.
func (s *script) alarms(us uint64) { s.want(0, SysSetitimer, 0, s.words(0, us, 0, us), 0) }

// stopAndContinue stops a child and lets it go on, and expects the kernel to tell the parent of both.
func (s *script) stopAndContinue(child int, sig unix.Signal) {
	at := s.space(16)
	s.callWith(0, child, SysKill, 0, uint64(sig))
	s.callWith(0, child, SysWait4, 0, at, unix.WUNTRACED, 0)
	s.expectAt(at, uint64(sig)<<8|0x7f, 0xffff)
	s.callWith(0, child, SysKill, 0, uint64(unix.SIGCONT))
	s.callWith(0, child, SysWait4, 0, at, unix.WCONTINUED, 0)
	s.expectAt(at, 0xffff, 0xffff)
}

// Job control: a parent sees its children stop and continue, whatever they are about.
func TestGroupStops(t *testing.T) {
	fifo := t.TempDir() + "/fifo"
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	busyLoop := func(s *script) {
		top := s.next()
		s.getuid()
		s.add(opJump, top)
	}
	for name, child := range map[string]func(s *script){
		"pause":                             func(s *script) { s.call(SysPause) },
		"busy":                              busyLoop,
		"blocked in a call that is watched": func(s *script) { s.call(SysOpen, s.str(fifo), unix.O_RDONLY) },
		"threads": func(s *script) {
			var joins []int
			for range 3 {
				s.clone(cloneThread, func() { joins = append(joins, s.add(opJump)) })
			}
			top := s.next()
			for _, join := range joins {
				s.entries[join][1] = top
			}
			busyLoop(s)
		},
		"forking": func(s *script) {
			top := s.next()
			s.call(SysVfork)
			s.ifZero(func() {
				s.getuid()
				s.exit(0)
			})
			s.call(SysWait4, ^uint64(0), 0, 0, 0)
			s.add(opJump, top)
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachABI(t, func(t *testing.T, abi ABI) {
				s := newScript(abi)
				fork := s.call(SysFork)
				s.ifZero(func() { child(s) })
				// A program with a controlling terminal stops by SIGTSTP too, unless it is in an orphaned process group.
				s.times(40, func() {
					s.stopAndContinue(fork, unix.SIGSTOP)
					s.getuid()
				})
				s.callWith(0, fork, SysKill, 0, uint64(unix.SIGSTOP))
				s.callWith(0, fork, SysKill, 0, uint64(unix.SIGKILL))
				s.wait(uint64(unix.SIGKILL))
				s.exit(0)
				b := newBusy(t)
				tt := &trial{rules: stops(SysGetuid, SysOpen), handler: b}
				tt.succeed(t, s.write(t))
				b.finish()
			})
		})
	}
}

// SIGTSTP stops a job of a shell: a process group of its own, whose leader's parent is in the same session.
func TestTerminalStop(t *testing.T) {
	s := newScript(ABIAMD64)
	fork := s.call(SysFork)
	s.ifZero(func() {
		s.want(0, SysSetpgid, 0, 0)
		top := s.next()
		s.getuid()
		s.add(opJump, top)
	})
	s.callWith(0, fork, SysSetpgid, 0, 0)
	for _, sig := range []unix.Signal{unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU} {
		s.times(20, func() { s.stopAndContinue(fork, sig) })
	}
	s.callWith(0, fork, SysKill, 0, uint64(unix.SIGTERM))
	s.wait(uint64(unix.SIGTERM))
	s.exit(0)
	b := newBusy(t)
	tt := &trial{rules: stops(SysGetuid), handler: b}
	tt.succeed(t, s.write(t))
	b.finish()
}

// A handler interrupts a call that blocks, or the call goes on after it, as the program asked.
func TestInterruptedCall(t *testing.T) {
	for _, way := range []string{"then", "run", "run in a trapped call"} {
		for _, flags := range []uint64{0, saRestart} {
			t.Run(fmt.Sprintf("%s/%#x", way, flags), func(t *testing.T) {
				fifo := t.TempDir() + "/fifo"
				if err := unix.Mkfifo(fifo, 0o600); err != nil {
					t.Fatal(err)
				}
				trapped := way == "run in a trapped call"
				s := newScript(ABIAMD64)
				name := s.str(fifo)
				s.onSignal(int(unix.SIGALRM), saSigInfo|flags)
				opens := trapped || flags == saRestart
				if opens {
					s.call(SysFork)
					s.ifZero(func() {
						s.sleep(400) // an alarm comes before, also on a slow machine
						s.call(SysOpen, name, unix.O_WRONLY)
						s.exit(0)
					})
				}
				s.alarms(10000)
				if opens {
					s.want(3, SysOpen, name, unix.O_RDONLY, 0)
				} else {
					s.want(-int64(unix.EINTR), SysOpen, name, unix.O_RDONLY, 0)
				}
				s.want(0, SysSetitimer, 0, s.words(0, 0, 0, 0), 0)
				s.call(SysWait4, ^uint64(0), 0, 0, 0)
				s.exit(0)
				rules := []Rule{{Sys: SysOpen, When: []Test{{Arg: 1, Mask: ^uint32(0), Value: unix.O_RDONLY}}}}
				o := FilterOptions{Outranked: trapped}
				if trapped {
					rules[0].Do = StopContested
				}
				begun, ended := 0, 0
				var last int64
				end := func(c *Call) {
					ended++
					last = c.Result
				}
				tt := &trial{rules: rules, filter: o, handler: &hooks{call: func(c *Call) {
					begun++
					if way == "then" {
						c.Then(end)
					} else {
						const cwd = ^uint64(99) // AT_FDCWD
						c.Run(end, SysOpenat, cwd, c.Args[0], c.Args[1])
					}
				}}}
				tt.succeed(t, s.write(t))
				// In a trapped call signals wait; otherwise the kernel makes it again, and it comes back.
				if !opens && begun != 1 || opens && (ended != 1 || last != 3 || trapped != (begun == 1)) {
					t.Errorf("begun %d times, ended %d times with %d", begun, ended, last)
				}
			})
		}
	}
}

// Calls that the kernel goes on with by restart_syscall(2) are not disturbed by a stop, watched or not.
func TestRestartSyscall(t *testing.T) {
	for _, rules := range [][]Rule{nil, stops(SysNanosleep, SysPoll, SysFutex)} {
		eachABI(t, func(t *testing.T, abi ABI) {
			s := newScript(abi)
			word := s.words(0)
			fork := s.call(SysFork)
			s.ifZero(func() {
				i := s.sleep(60)
				s.add(opExpect, 0)
				_ = i
				s.want(0, SysPoll, 0, 0, 60)
				s.want(-int64(unix.ETIMEDOUT), SysFutex, word, 0, 0, s.words(0, 60e6))
				s.exit(5)
			})
			s.times(3, func() {
				s.sleep(20)
				s.stopAndContinue(fork, unix.SIGSTOP)
			})
			s.wait(5 << 8)
			s.exit(0)
			b := newBusy(t)
			tt := &trial{rules: rules, handler: b}
			tt.succeed(t, s.write(t))
			b.finish()
		})
	}
}

// Signals at every moment, also while the tracer makes calls of its own: the handler sees the program's registers, and
// every call has its result.
func TestSignalStorm(t *testing.T) {
	for _, outranked := range []bool{false, true} {
		for _, us := range []uint64{50, 120, 300} {
			if testing.Short() && us != 50 {
				continue
			}
			t.Run(fmt.Sprintf("%v/%d", outranked, us), func(t *testing.T) {
				s := newScript(ABIAMD64)
				s.onSignal(int(unix.SIGALRM), saSigInfo)
				s.alarms(us)
				root := s.str("/")
				s.times(400, func() {
					s.getuid()
					s.want(0, SysAccess, root, 0, 3, 4, 5, 6)
				})
				s.want(0, SysSetitimer, 0, s.words(0, 0, 0, 0), 0)
				s.callCount()
				s.exit(0)
				rules := stops(SysGetuid, SysAccess)
				if outranked {
					rules[0].Do = StopContested
				}
				b := newBusy(t)
				tt := &trial{rules: rules, filter: FilterOptions{Outranked: outranked}, handler: b}
				tt.succeed(t, s.write(t))
				b.finish()
				if count := nativeEndian.Uint64(tt.stdout); count < 10 {
					t.Errorf("only %d signals", count)
				}
			})
		}
	}
}

// callCount writes the number of signals that the handler saw to standard output.
func (s *script) callCount() { s.want(8, SysWrite, 1, signalCount, 8) }

// What a signal carries is not lost while calls of the tracer's run.
func TestQueuedSignals(t *testing.T) {
	s := newScript(ABIAMD64)
	const sig = 40
	s.want(0, SysRtSigprocmask, unix.SIG_BLOCK, s.words(1<<(sig-1)), 0, 8)
	self := s.call(SysGetpid)
	const queue = -1 // SI_QUEUE
	for value := uint64(1); value <= 12; value++ {
		info := s.bytes(make([]byte, 128))
		s.callWith(0, self, SysRtSigqueueinfo, 0, sig, info)
		s.patch(info, []uint64{sig, uint64(1<<32+queue) & 0xffffffff, 0, value})
		s.getuid()
	}
	at := s.space(128)
	for value := uint64(1); value <= 12; value++ {
		s.getuid()
		s.want(sig, SysRtSigtimedwait, s.words(1<<(sig-1)), at, 0, 8)
		s.expectAt(at+24, value, ^uint64(0))
	}
	s.exit(0)
	b := newBusy(t)
	tt := &trial{rules: stops(SysGetuid), handler: b}
	tt.succeed(t, s.write(t))
	b.finish()
}

// patch fills data: a siginfo_t of words number 0 to 3.
func (s *script) patch(addr uint64, words []uint64) {
	b := s.data[addr-scriptBase-scriptData:]
	for i, w := range words {
		nativeEndian.PutUint64(b[8*i:], w)
	}
}
