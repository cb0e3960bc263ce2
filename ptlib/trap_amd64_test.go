package ptlib

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib/bpf"
)

// installFilter makes the script put a filter into itself, as a sandbox around the tracer or inside the program has it.
func (s *script) installFilter(t testing.TB, rules ...bpf.Rule) {
	t.Helper()
	insns, err := bpf.Compile([]bpf.ABIRules{{Arch: s.abi.AuditArch(), HighBit: bpf.Allow, Rules: rules}}, bpf.Allow)
	if err != nil {
		t.Fatal(err)
	}
	code := bpf.Encode(insns)
	program := s.words(uint64(len(insns)), s.bytes(code))
	s.want(0, SysPrctl, unix.PR_SET_NO_NEW_PRIVS, 1)
	s.want(0, SysSeccomp, unix.SECCOMP_SET_MODE_FILTER, 0, program)
}

// nixRules are what the Nix sandbox forbids (libstore/linux/build, setupSeccomp).
func nixRules(abi ABI) []bpf.Rule {
	setID := []bpf.Test{{Arg: bpf.Arg1, Op: bpf.NotEqual, Mask: 0o6000, Value: 0}}
	return []bpf.Rule{
		{NR: nrOf(abi, SysChmod), When: setID, Action: bpf.Errno(uint16(unix.EPERM))},
		{NR: nrOf(abi, SysSetxattr), Action: bpf.Errno(uint16(unix.ENOTSUP))},
	}
}

var contestedRules = []Rule{
	{Sys: SysChmod, When: []Test{{Arg: 1, Mask: 0o6000, Not: true}}, Do: StopContested},
	{Sys: SysSetxattr, Do: StopContested},
}

// What can become of a call that a sandbox around the tracer forbids.
func TestOutranked(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		name   string
		want   int64
		mode   os.FileMode // afterwards
		handle func(t *testing.T, c *Call, path uint64)
	}{
		{"nothing", -int64(unix.EPERM), 0o600, func(*testing.T, *Call, uint64) {}},
		{"answer", 0, 0o600, func(_ *testing.T, c *Call, _ uint64) { c.Answer(0) }},
		{"answer the number", 90, 0o600, func(_ *testing.T, c *Call, _ uint64) { c.Answer(90) }},
		{"fail", -int64(unix.EROFS), 0o600, func(_ *testing.T, c *Call, _ uint64) { c.Fail(unix.EROFS) }},
		{"run", 0, 0o755, func(t *testing.T, c *Call, path uint64) {
			c.Run(func(c *Call) {}, SysChmod, path, 0o755)
		}},
		{"run what is forbidden", 3, 0o600, func(t *testing.T, c *Call, path uint64) {
			c.Run(func(c *Call) {
				if c.Errno() != unix.EPERM {
					t.Errorf("result %d", c.Result)
				}
				c.Answer(3)
			}, SysChmod, path, 0o2755)
		}},
		{"then, as it is", 4, 0o600, func(t *testing.T, c *Call, path uint64) {
			c.Then(func(c *Call) {
				if c.Errno() != unix.EPERM {
					t.Errorf("result %d", c.Result)
				}
				c.Answer(4)
			})
		}},
		{"then, without the bits", 5, 0o711, func(t *testing.T, c *Call, path uint64) {
			c.SetArg(1, 0o711)
			c.Then(func(c *Call) {
				if c.Result != 0 {
					t.Errorf("result %d", c.Result)
				}
				c.Answer(5)
			})
		}},
		{"inject", 6, 0o700, func(t *testing.T, c *Call, path uint64) {
			if _, errno := c.Inject(SysChmod, path, 0o4711); errno != unix.EPERM {
				t.Errorf("forbidden: %v", errno)
			}
			if _, errno := c.Inject(SysChmod, path, 0o700); errno != 0 {
				t.Errorf("allowed: %v", errno)
			}
			c.Answer(6)
		}},
		{"inject what is forbidden last", 7, 0o600, func(t *testing.T, c *Call, path uint64) {
			if _, errno := c.Inject(SysSetxattr, path, path, path, 0, 0); errno != unix.EPERM {
				t.Errorf("forbidden: %v", errno)
			}
			c.Answer(7)
		}},
		{"scratch", 0, 0o711, func(t *testing.T, c *Call, path uint64) {
			at, ok := c.Scratch()
			name, errno := c.Thread.ReadPath(path)
			if !ok || errno != 0 {
				t.Fatal(ok, errno)
			}
			c.Thread.WriteMemory(at, append(name, 0))
			c.Run(func(*Call) {}, SysChmod, at, 0o711)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			eachABI(t, func(t *testing.T, abi ABI) {
				file := dir + "/file"
				if err := os.WriteFile(file, nil, 0o600); err != nil {
					t.Fatal(err)
				}
				os.Chmod(file, 0o600)
				s := newScript(abi)
				s.installFilter(t, nixRules(abi)...)
				path := s.str(file)
				s.want(test.want, SysChmod, path, 0o4755, 3, 4, 5, 6)
				s.want(0, SysAccess, path, 0) // the next call is not disturbed
				s.exit(0)
				tt := &trial{rules: contestedRules, filter: FilterOptions{Outranked: true}, handler: &hooks{call: func(c *Call) {
					if want := [6]uint64{path, 0o4755, 3, 4, 5, 6}; !c.Trapped() || c.Args != want || c.ABI != abi || c.Sys != SysChmod {
						t.Errorf("trapped %v: %v %v%#x", c.Trapped(), c.ABI, c.Sys, c.Args)
					}
					test.handle(t, c, path)
				}}}
				tt.succeed(t, s.write(t))
				if fi, err := os.Stat(file); err != nil || fi.Mode() != test.mode {
					t.Errorf("mode %v, %v; want %v", fi.Mode(), err, test.mode)
				}
			})
		})
	}
}

// Without an outer filter a contested call is an ordinary one.
func TestContestedNotOutranked(t *testing.T) {
	s := newScript(ABIAMD64)
	s.want(9, SysChmod, s.str("/nowhere"), 0o4755)
	s.exit(0)
	tt := &trial{rules: contestedRules, handler: &hooks{call: func(c *Call) {
		if c.Trapped() {
			t.Error("trapped")
		}
		c.Answer(9)
	}}}
	tt.succeed(t, s.write(t))
}

// The program's signal mask is what it was after a call was trapped, also where everything is blocked.
func TestTrapKeepsMask(t *testing.T) {
	for name, mask := range map[string]uint64{
		"nothing": 0, "everything": ^uint64(0), "something": sigBit(unix.SIGINT) | sigBit(unix.SIGUSR1),
	} {
		t.Run(name, func(t *testing.T) {
			s := newScript(ABIAMD64)
			set, now := s.words(mask), s.space(8)
			s.want(0, SysRtSigprocmask, unix.SIG_SETMASK, set, 0, 8)
			s.want(1, SysChmod, s.str("/nowhere"), 0o4755)
			s.want(0, SysRtSigprocmask, unix.SIG_SETMASK, 0, now, 8)
			s.expectAt(now, mask&allButKernelSignals, ^uint64(0))
			s.exit(0)
			tt := &trial{rules: contestedRules, filter: FilterOptions{Outranked: true}, handler: &hooks{call: func(c *Call) {
				if _, errno := c.Inject(SysGetpid); errno != 0 {
					t.Error(errno)
				}
				c.Answer(1)
			}}}
			tt.succeed(t, s.write(t))
		})
	}
}

// The program's own filters keep their meaning beside ours, and calls that the tracer makes neither run into its SIGSYS
// handler nor take the handler away.
func TestOwnFilters(t *testing.T) {
	for _, outranked := range []bool{false, true} {
		s := newScript(ABIAMD64)
		s.onSignal(int(unix.SIGSYS), 4 /* SA_SIGINFO */)
		nr := func(sys Sys) int { return nrOf(ABIAMD64, sys) }
		s.installFilter(t,
			bpf.Rule{NR: nr(SysGetppid), Action: bpf.Trap(55)},
			bpf.Rule{NR: nr(SysGetpgid), Action: bpf.Errno(13)},
			bpf.Rule{NR: nr(SysGetsid), Action: bpf.Trace(1)},
			bpf.Rule{NR: nr(SysGetpriority), Action: bpf.Trap(66)},
			bpf.Rule{NR: nr(SysSetpriority), Action: bpf.Errno(14)},
			bpf.Rule{NR: nr(SysSchedYield), Action: bpf.Trace(verdictMark - 1)},
		)
		for range 2 {
			s.want(55, SysGetppid)
			s.want(-13, SysGetpgid, 0)
			s.want(-int64(unix.ENOSYS), SysGetsid, 0)
			// Those that our filter selects too: theirs outranks.
			s.want(66, SysGetpriority, 0, 0)
			s.want(-14, SysSetpriority, 0, 0, 0)
			s.want(-int64(unix.ENOSYS), SysSchedYield)
			s.want(7, SysChmod, s.str("/nowhere"), 0o4755)
		}
		s.exit(0)
		rules := append(stops(SysGetpriority, SysSetpriority, SysSchedYield), contestedRules...)
		tt := &trial{rules: rules, filter: FilterOptions{Outranked: outranked}, handler: &hooks{call: func(c *Call) {
			if c.Sys != SysChmod {
				t.Errorf("%v is the program's own affair", c.Sys)
			}
			end := func(c *Call) {
				if r, errno := c.Inject(SysGetppid); errno != unix.EPERM {
					t.Errorf("a call that the program traps: %d, %v", r, errno)
				}
				if _, errno := c.Inject(SysGetpgid, 0); errno != 13 {
					t.Errorf("a call that the program forbids: %v", errno)
				}
				if r, errno := c.Inject(SysGetppid); errno != unix.EPERM {
					t.Errorf("a call that the program traps, again: %d, %v", r, errno)
				}
				c.Answer(7)
			}
			if c.Trapped() {
				end(c)
			} else {
				c.Then(end)
			}
		}}}
		tt.succeed(t, s.write(t))
	}
}

// int 0x80 in a 64-bit program is a call of the other ABI.
func TestInt80(t *testing.T) {
	for _, outranked := range []bool{false, true} {
		s := newScript(ABIAMD64)
		path := s.str("/nowhere")
		s.add(opInt80, uint64(nrOf(ABI386, SysChmod)), path, 0o4755, 3, 4)
		s.add(opExpect, 20)
		s.add(opInt80, uint64(nrOf(ABI386, SysGetuid)), 1, 2, 3, 4)
		s.add(opExpect, 21)
		s.want(22, SysGetuid)
		s.exit(0)
		rules := append(stops(SysGetuid), contestedRules...)
		tt := &trial{rules: rules, filter: FilterOptions{Outranked: outranked}, handler: &hooks{call: func(c *Call) {
			want := ABI386
			if c.Number == nrOf(ABIAMD64, SysGetuid) {
				want = ABIAMD64
			}
			if c.ABI != want || c.Sys == SysChmod && (c.Args[0] != path || c.Args[1] != 0o4755) {
				t.Errorf("%v %v%#x", c.ABI, c.Sys, c.Args)
			}
			end := func(c *Call) {
				if r, errno := c.Inject(SysGetpid); r != int64(c.Thread.Tgid) || errno != 0 {
					t.Errorf("getpid: %d, %v", r, errno)
				}
				switch {
				case c.Sys == SysChmod:
					c.Answer(20)
				case c.ABI == ABI386:
					c.Answer(21)
				default:
					c.Answer(22)
				}
			}
			if c.Trapped() {
				end(c)
			} else {
				c.Then(end)
			}
		}}}
		tt.succeed(t, s.write(t))
	}
}
