package ptlib

import (
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// Options.Leaving is asked once, for the end of the command: not for those of its children, nor for a thread that leaves others behind. The
// command ends with the status that it returns.
func TestLeaving(t *testing.T) {
	eachABI(t, func(t *testing.T, abi ABI) {
		child := func(s *script) {
			s.call(SysFork)
			s.ifZero(func() { s.exit(7) })
			s.wait(7 << 8)
		}
		thread := func(s *script, body func()) { s.clone(cloneThread, body) }
		alone := func(s *script) { s.call(SysGetuid) } // it is not answered before the other thread has ended
		for _, tt := range []struct {
			name string
			told []uint8 // the statuses that Leaving is called with
			is   int     // wait status
			make func(s *script)
		}{
			{"exit_group", []uint8{5}, 99 << 8, func(s *script) {
				child(s)
				s.exit(5)
			}},
			{"success", []uint8{0}, 99 << 8, func(s *script) { s.exit(0) }},
			{"a status of more than a byte", []uint8{1}, 99 << 8, func(s *script) { s.exit(0x701) }},
			{"exit", []uint8{6}, 99 << 8, func(s *script) { s.call(SysExit, 6) }},
			{"exit of the leader, then of the last thread", []uint8{8}, 99 << 8, func(s *script) {
				thread(s, func() {
					alone(s)
					s.call(SysExit, 8)
				})
				s.call(SysExit, 6)
			}},
			{"exit of another thread, then of the leader", []uint8{6}, 99 << 8, func(s *script) {
				thread(s, func() { s.call(SysExit, 8) })
				alone(s)
				s.call(SysExit, 6)
			}},
			{"exit_group of a thread", []uint8{8}, 99 << 8, func(s *script) {
				thread(s, func() { s.exit(8) })
				s.call(SysPause)
			}},
			{"a signal", nil, int(unix.SIGTERM), func(s *script) {
				pid := s.call(SysGetpid)
				s.callWith(0, pid, SysKill, 0, uint64(unix.SIGTERM))
			}},
		} {
			t.Run(tt.name, func(t *testing.T) {
				s := newScript(abi)
				tt.make(s)
				var told []uint8
				ended := false
				tr := &trial{rules: stops(SysGetuid), filter: FilterOptions{Leave: true}, leaving: func(status uint8) uint8 {
					told = append(told, status)
					return 99
				}}
				tr.handler = &hooks{
					exit: func(*Thread, unix.WaitStatus) { ended = true },
					call: func(c *Call) {
						// Of a leader that leaves threads behind the tracer is told when they have ended (ptrace(2)).
						if !ended && stateOf(c.Thread.Tgid) != 'Z' {
							c.Then((*Call).Restart)
						}
					},
				}
				tr.run(t, s.write(t))
				if !slices.Equal(told, tt.told) || int(tr.status) != tt.is {
					t.Errorf("told of %v, wait status %#x; want %v, %#x", told, int(tr.status), tt.told, tt.is)
				}
			})
		}
	})
}

// What other threads of the command do is not handled any more when Leaving has returned: whoever notes what they did has noted all.
func TestLeavingIsLast(t *testing.T) {
	for range 50 {
		s := newScript(ABIAMD64)
		for range 3 {
			s.clone(cloneThread, func() {
				top := s.next()
				s.call(SysGetuid)
				s.add(opJump, top)
			})
		}
		s.times(20, func() { s.call(SysGetuid) })
		s.exit(3)
		left, calls, late := false, 0, 0
		tr := &trial{rules: stops(SysGetuid), filter: FilterOptions{Leave: true},
			handler: &hooks{call: func(c *Call) {
				calls++
				if left {
					late++
				}
				c.Answer(0)
			}},
			leaving: func(status uint8) uint8 {
				left = true
				return status
			}}
		tr.run(t, s.write(t))
		if late > 0 || calls < 20 || !left || tr.status != 3<<8 {
			t.Fatalf("%d of %d calls came late; left: %t, wait status %#x", late, calls, left, int(tr.status))
		}
	}
}

// A thread of the process that executes a new program while another one leaves may be the faster: the process stays, and Leaving is
// called again at its end.
func TestLeavingOrExec(t *testing.T) {
	end := newScript(ABIAMD64)
	end.exit(4)
	program := end.write(t)
	stayed := 0
	for range 50 {
		s := newScript(ABIAMD64)
		path := s.str(program)
		argv := s.words(path, 0)
		s.clone(cloneThread, func() {
			s.call(SysExecve, path, argv, 0)
			s.exit(9)
		})
		s.exit(3)
		var told []uint8
		tr := &trial{filter: FilterOptions{Leave: true}, leaving: func(status uint8) uint8 {
			told = append(told, status)
			return status
		}}
		tr.run(t, s.write(t))
		is := tr.status.ExitStatus()
		if len(told) == 0 || int(told[len(told)-1]) != is || is != 3 && is != 4 {
			t.Fatalf("told of %v, wait status %#x", told, int(tr.status))
		}
		if is == 4 {
			stayed++
		}
	}
	t.Logf("%d of 50 had a new program", stayed)
}
