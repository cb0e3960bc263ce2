package ptlib

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// frng-1, port-5: what can become of a call, for programs of each ABI; the scripts verify that no register changes.
func TestCallVerdicts(t *testing.T) {
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, []byte("content"), 0o644); err != nil {
		t.Fatal(err)
	}
	pid := func(c *Call) int64 { return int64(c.Thread.Tgid) }
	for _, test := range []struct {
		name   string
		want   int64
		handle func(t *testing.T, c *Call)
	}{
		{"nothing", -int64(unix.ENOENT), func(*testing.T, *Call) {}},
		{"answer", 4711, func(_ *testing.T, c *Call) { c.Answer(4711) }},
		{"answer 0", 0, func(_ *testing.T, c *Call) { c.Answer(0) }},
		{"fail", -int64(unix.EXDEV), func(_ *testing.T, c *Call) { c.Fail(unix.EXDEV) }},
		{"then", -int64(unix.ENOENT), func(t *testing.T, c *Call) {
			c.Then(func(c *Call) {
				if c.Errno() != unix.ENOENT {
					t.Errorf("errno %v", c.Errno())
				}
			})
		}},
		{"then, at the end", 13, func(_ *testing.T, c *Call) {
			c.Then(func(c *Call) {
				c.Answer(13)
				c.SetArg(0, 1)
				c.Then(func(c *Call) { c.Answer(14) })
			})
		}},
		{"set argument, nothing else", -int64(unix.EFAULT), func(_ *testing.T, c *Call) { c.SetArg(0, 8) }},
		{"set argument, answer", 15, func(_ *testing.T, c *Call) {
			c.SetArg(0, 8)
			c.Answer(15)
		}},
		{"run, answer", 16, func(t *testing.T, c *Call) {
			c.Run(func(*Call) { t.Error("run") }, SysGetpid, 8, 9)
			c.Answer(16)
		}},
		{"run at the end, answer", 17, func(t *testing.T, c *Call) {
			c.Then(func(c *Call) {
				c.Run(func(*Call) { t.Error("run") }, SysGetpid, 8, 9)
				c.Answer(17)
			})
		}},
		{"then answer", 12, func(_ *testing.T, c *Call) { c.Then(func(c *Call) { c.Answer(12) }) }},
		{"then fail", -int64(unix.EPERM), func(_ *testing.T, c *Call) { c.Then(func(c *Call) { c.Fail(unix.EPERM) }) }},
		{"set argument", 0, func(t *testing.T, c *Call) {
			if errno := c.Thread.WriteMemory(c.Args[2], append([]byte(file), 0)); errno != 0 {
				t.Error(errno)
			}
			c.SetArg(0, c.Args[2])
			c.SetArg(1, unix.R_OK)
			c.Then(func(*Call) {})
		}},
		{"run", 0, func(t *testing.T, c *Call) {
			c.Run(func(c *Call) {
				if c.Result != pid(c) {
					t.Errorf("getpid: %d", c.Result)
				}
				c.Answer(0)
			}, SysGetpid)
		}},
		{"run, result as it is", 99, func(_ *testing.T, c *Call) { c.Run(func(c *Call) {}, SysSchedGetPriorityMax, 1) }},
		{"run twice", 99, func(t *testing.T, c *Call) {
			c.Run(func(c *Call) {
				if c.Result != 1 {
					t.Errorf("sched_get_priority_min: %d", c.Result)
				}
				c.Run(func(*Call) {}, SysSchedGetPriorityMax, 1)
			}, SysSchedGetPriorityMin, 1)
		}},
		{"run after then", 99, func(_ *testing.T, c *Call) {
			c.Then(func(c *Call) { c.Run(func(*Call) {}, SysSchedGetPriorityMax, 1) })
		}},
		{"run what the ABI lacks", -int64(unix.ENOSYS), func(_ *testing.T, c *Call) {
			c.Run(func(c *Call) { c.Fail(c.Errno()) }, SysArmFadvise6464)
		}},
		{"inject", 7, func(t *testing.T, c *Call) {
			if _, errno := c.Inject(SysGetpid); errno != unix.EBUSY {
				t.Errorf("inject at the entry: %v", errno)
			}
			c.Then(func(c *Call) {
				for range 3 {
					if r, errno := c.Inject(SysGetpid); r != pid(c) || errno != 0 {
						t.Errorf("getpid: %d, %v", r, errno)
					}
				}
				if _, errno := c.Inject(SysClose, 1<<20); errno != unix.EBADF {
					t.Errorf("close: %v", errno)
				}
				if _, errno := c.Inject(SysArmFadvise6464); errno != unix.ENOSYS {
					t.Errorf("a call of another processor: %v", errno)
				}
				c.Answer(7)
			})
		}},
		{"inject what the filter selects", 0, func(t *testing.T, c *Call) {
			c.Then(func(c *Call) {
				if _, errno := c.Inject(SysAccess, 8, 0); errno != unix.EFAULT {
					t.Errorf("access: %v", errno)
				}
				c.Answer(0)
			})
		}},
		{"scratch", 0, func(t *testing.T, c *Call) {
			at, ok := c.Scratch()
			if !ok {
				return
			}
			if errno := c.Thread.WriteMemory(at+ScratchSize-200, append([]byte(file), 0)); errno != 0 {
				t.Error(errno)
			}
			c.Run(func(*Call) {}, SysAccess, at+ScratchSize-200, unix.R_OK)
		}},
		{"scratch at the end", 0, func(t *testing.T, c *Call) {
			c.Then(func(c *Call) {
				at, ok := c.Scratch()
				if !ok {
					t.Error("no scratch memory")
				}
				c.Thread.WriteMemory(at, append([]byte(file), 0))
				if _, errno := c.Inject(SysAccess, at, unix.R_OK); errno != 0 {
					t.Error(errno)
				}
				c.Answer(0)
			})
		}},
		{"restart", 5, func() func(*testing.T, *Call) {
			times := make(map[ABI]int)
			return func(_ *testing.T, c *Call) {
				if times[c.ABI]++; times[c.ABI] == 5 {
					c.Answer(5)
					return
				}
				if times[c.ABI]%2 == 0 {
					c.Restart()
					return
				}
				c.Then(func(c *Call) { c.Restart() })
			}
		}()},
		{"add a filter", -int64(unix.ENOTNAM), func(t *testing.T, c *Call) {
			c.Then(func(c *Call) {
				f := mustFilter(t, []Rule{{Sys: SysGetppid, Do: Deny, Errno: unix.ENOTNAM}}, FilterOptions{})
				if err := c.AddFilter(f); err != nil {
					t.Error(err)
				}
				r, errno := c.Inject(SysGetppid)
				if errno != unix.ENOTNAM {
					t.Errorf("the new filter's call: %d, %v", r, errno)
				}
				c.Fail(errno)
			})
		}},
		{"add a large filter", 3, func(t *testing.T, c *Call) {
			c.Then(func(c *Call) {
				var rules []Rule
				for i := range uint32(2400) {
					rules = append(rules, Rule{Sys: SysGetppid, When: []Test{{Arg: 0, Mask: ^uint32(0), Value: i}}, Do: Deny, Errno: unix.Errno(i%100 + 1)})
				}
				f := mustFilter(t, rules, FilterOptions{})
				if f.imageSize() <= ScratchSize {
					t.Errorf("filter is not large: %d", f.Len())
				}
				if err := c.AddFilter(f); err != nil {
					t.Error(err)
				}
				if _, errno := c.Inject(SysGetppid, 41); errno != 42 {
					t.Errorf("the new filter's call: %v", errno)
				}
				c.Answer(3)
			})
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			eachABI(t, func(t *testing.T, abi ABI) {
				s := newScript(abi)
				missing, room := s.str("/nowhere/at/all"), s.space(256)
				s.want(test.want, SysAccess, missing, 0, room, 0x55, 0x66, 0x77)
				s.exit(0)
				calls := 0
				tt := &trial{rules: stops(SysAccess), handler: &hooks{call: func(c *Call) {
					calls++
					if want := [6]uint64{missing, 0, room, 0x55, 0x66, 0x77}; c.Args != want || c.ABI != abi || c.Sys != SysAccess {
						t.Errorf("%v %v%#x", c.ABI, c.Sys, c.Args)
					}
					test.handle(t, c)
				}}}
				tt.succeed(t, s.write(t))
				if calls == 0 {
					t.Error("the call did not stop")
				}
			})
		})
	}
}

// Numbers that no table knows fail, or stop where that is wanted; those of x32 are refused.
func TestUnknownCalls(t *testing.T) {
	eachABI(t, func(t *testing.T, abi ABI) {
		unknown := len(abis[abi].sys) + 10
		for _, keep := range []bool{false, true} {
			s := newScript(abi)
			s.add(unknown, 1, 2)
			if keep {
				s.add(opExpect, 9)
			} else {
				s.add(opExpect, ^uint64(unix.ENOSYS)+1)
			}
			x32 := abi == ABIAMD64
			if x32 {
				s.add(x32Bit | 39)
				s.add(opExpect, ^uint64(unix.ENOSYS)+1)
			}
			s.exit(0)
			var refused []int
			tt := &trial{filter: FilterOptions{KeepUnknown: keep}, handler: &hooks{
				call: func(c *Call) {
					if !keep || c.Sys != SysUnknown || c.Number != unknown {
						t.Errorf("call %v, number %d", c.Sys, c.Number)
					}
					c.Answer(9)
				},
				refused: func(_ *Thread, abi ABI, nr int) {
					if abi != ABIX32 {
						t.Errorf("refused %v", abi)
					}
					refused = append(refused, nr)
				},
			}}
			tt.succeed(t, s.write(t))
			if x32 != (len(refused) == 1 && refused[0] == x32Bit|39) {
				t.Errorf("refused: %#x", refused)
			}
		}
	})
}
