package ptlib

import (
	"fmt"

	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib/internal/regcheck"
)

// What a port has to get right, by programs that need nothing of the machine but the kernel. docs/PORTING.md refers to
// this file.

// portCall is the call that the tracees make: nothing else in them does.
const portCall = SysGetpriority

// portArgs are what they call it with. The kernel would say EINVAL.
var portArgs = [4]uintptr{0x71, 0x72, 0x73, 0x74}

func init() {
	victims["port-call"] = func(args []string) int {
		runtime.LockOSThread()
		n, err := strconv.Atoi(args[0])
		if err != nil {
			return 2
		}
		for range n {
			result, changed := regcheck.Call(unix.SYS_GETPRIORITY, portArgs)
			fmt.Printf("%d/%#x\n", int(result), changed)
		}
		return 0
	}
	victims["parent"] = func([]string) int {
		pid, err := syscall.ForkExec("/proc/self/exe", []string{"child", "1"}, &syscall.ProcAttr{
			Env: []string{victimVariable + "=port-call"}, Files: []uintptr{0, 1, 2},
		})
		if err != nil {
			return 2
		}
		var status unix.WaitStatus
		if _, err := unix.Wait4(pid, &status, 0, nil); err != nil {
			return 3
		}
		return status.ExitStatus()
	}
	victims["successor"] = func([]string) int {
		syscall.Exec("/proc/self/exe", []string{"successor"}, []string{victimVariable + "=identity"})
		return 2
	}
	victims["identity"] = func([]string) int {
		vector, err := unix.Auxv()
		if err != nil {
			return 2
		}
		for _, pair := range vector {
			switch pair[0] {
			case atUID, atEUID, atGID, atEGID, atSecure:
				fmt.Print(pair[0], ":", pair[1], " ")
			}
		}
		fmt.Println(unix.Getpriority(unix.PRIO_USER, 0))
		return 0
	}
}

// probing is a trial of tracees that make that call.
func probing(trapped bool, call func(c *Call)) *trial {
	tt := &trial{rules: []Rule{{Sys: portCall, Do: Stop}}, handler: &hooks{call: call}}
	if trapped {
		tt.rules[0].Do, tt.filter.Outranked = StopContested, true
	}
	return tt
}

// play traces a victim that makes the call once.
func play(t *testing.T, trapped bool, call func(c *Call)) string {
	t.Helper()
	return probing(trapped, call).victim(t, "port-call", "1")
}

// eachWay runs a test for calls that stop at their entry, and for those that come by way of SIGSYS.
func eachWay(t *testing.T, f func(t *testing.T, trapped bool)) {
	t.Run("traced", func(t *testing.T) { f(t, false) })
	t.Run("trapped", func(t *testing.T) { f(t, true) })
}

// says is what a tracee says of one call with this result that left the registers alone.
func says(result int64) string { return fmt.Sprintf("%d/0x0", result) }

// portResults are results that have to arrive, the last error and the highest address among them.
func portResults() []int64 {
	results := []int64{0, 1, 4711, -int64(unix.EPERM), -maxErrno, 0x7ffff000}
	if strconv.IntSize == 64 {
		results = append(results, 0x7ffffffff000, -4096, -1<<63)
	}
	return results
}

// port-5
func TestPortAnswers(t *testing.T) {
	eachWay(t, func(t *testing.T, trapped bool) {
		results := portResults()
		calls := 0
		tt := probing(trapped, func(c *Call) {
			if c.Sys != portCall || c.ABI != tracedABIs[0] || c.Number != unix.SYS_GETPRIORITY || c.Trapped() != trapped {
				t.Errorf("call %v, ABI %v, number %d, trapped %v", c.Sys, c.ABI, c.Number, c.Trapped())
			}
			for i, want := range portArgs {
				if c.Args[i] != uint64(want) {
					t.Errorf("argument %d is %#x, want %#x", i, c.Args[i], want)
				}
			}
			c.Answer(results[calls])
			calls++
		})
		var want []string
		for _, r := range results {
			want = append(want, says(r))
		}
		if got := tt.victim(t, "port-call", strconv.Itoa(len(results))); got != strings.Join(want, "\n") {
			t.Errorf("the tracee got\n%s, not\n%s", got, strings.Join(want, "\n"))
		}
	})
}

// port-5
func TestPortRunsAnotherCall(t *testing.T) {
	eachWay(t, func(t *testing.T, trapped bool) {
		got := play(t, trapped, func(c *Call) {
			c.Run(func(c *Call) {
				if int(c.Result) != c.Thread.Tgid {
					t.Errorf("getpid in the place of the call: %d, not %d", c.Result, c.Thread.Tgid)
				}
				c.Answer(42)
			}, SysGetpid)
		})
		if got != says(42) {
			t.Errorf("the tracee got %s", got)
		}
	})
}

// port-8
func TestPortRunsCallsAtTheEnd(t *testing.T) {
	got := play(t, false, func(c *Call) {
		c.Then(func(c *Call) {
			if c.Errno() != unix.EINVAL {
				t.Errorf("the call itself: %d", c.Result)
			}
			c.Run(func(c *Call) {
				if int(c.Result) != c.Thread.Tgid {
					t.Errorf("getpid after the call: %d, not %d", c.Result, c.Thread.Tgid)
				}
				if tid, errno := c.Inject(SysGettid); errno != 0 || int(tid) != c.Thread.Tid {
					t.Errorf("gettid: %d, %v, not %d", tid, errno, c.Thread.Tid)
				}
				if _, errno := c.Inject(SysClose, 999); errno != unix.EBADF {
					t.Errorf("close: %v", errno)
				}
				c.Answer(43)
			}, SysGetpid)
		})
	})
	if got != says(43) {
		t.Errorf("the tracee got %s", got)
	}
}

func TestPortChangesArguments(t *testing.T) {
	got := play(t, false, func(c *Call) {
		c.SetArg(0, unix.PRIO_PROCESS)
		c.SetArg(1, 0)
		c.Then(func(c *Call) {
			if c.Errno() != 0 {
				t.Errorf("with changed arguments: %v", c.Errno())
			}
			c.Answer(c.Result + 100)
		})
	})
	nice, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got != says(int64(nice)+100) {
		t.Errorf("the tracee got %s, the priority is %d", got, nice)
	}
}

// port-8
func TestPortScratch(t *testing.T) {
	eachWay(t, func(t *testing.T, trapped bool) {
		got := play(t, trapped, func(c *Call) {
			at, ok := c.Scratch()
			if !ok {
				return
			}
			path, buf := at, at+512
			c.Thread.WriteMemory(path, []byte("/proc/self\x00"))
			c.Run(func(c *Call) {
				text := make([]byte, max(0, c.Result))
				if errno := c.Thread.ReadMemory(buf, text); errno != 0 || string(text) != strconv.Itoa(c.Thread.Tgid) {
					t.Errorf("/proc/self is %q (%d, %v)", text, c.Result, errno)
				}
				c.Answer(44)
			}, SysReadlinkat, 1<<64+unix.AT_FDCWD, path, buf, 64)
		})
		if got != says(44) {
			t.Errorf("the tracee got %s", got)
		}
	})
}

func TestPortRestarts(t *testing.T) {
	eachWay(t, func(t *testing.T, trapped bool) {
		calls := 0
		got := play(t, trapped, func(c *Call) {
			if c.Args[0] != uint64(portArgs[0]) || c.Args[3] != uint64(portArgs[3]) {
				t.Errorf("arguments %#x", c.Args)
			}
			if calls++; calls == 3 {
				c.Answer(45)
				return
			}
			c.Run(func(c *Call) { c.Restart() }, SysGetpid)
		})
		if got != says(45) || calls != 3 {
			t.Errorf("the tracee got %s after %d calls", got, calls)
		}
	})
}

// What runs in the place of a call blocks and is interrupted: the program's own call comes back, as it was.
func TestPortInterrupted(t *testing.T) {
	for name, interrupt := range map[string]func(tid int){
		"handler": func(tid int) { unix.Tgkill(tid, tid, unix.SIGURG) }, // Go has a handler for it, with SA_RESTART
		"stop": func(tid int) {
			unix.Kill(tid, unix.SIGSTOP)
			time.Sleep(20 * time.Millisecond)
			unix.Kill(tid, unix.SIGCONT)
		},
	} {
		t.Run(name, func(t *testing.T) {
			waited := false
			got := play(t, false, func(c *Call) {
				if c.Args[0] != uint64(portArgs[0]) || c.Args[1] != uint64(portArgs[1]) {
					t.Errorf("arguments %#x", c.Args)
				}
				if waited {
					c.Answer(46)
					return
				}
				at, ok := c.Scratch()
				if !ok {
					return
				}
				waited = true
				tid := c.Thread.Tid
				time.AfterFunc(50*time.Millisecond, func() { interrupt(tid) })
				c.Run(func(c *Call) { t.Errorf("the wait ended with %d", c.Result) }, SysFutex, at, futexWait, 0, 0)
			})
			if got != says(46) {
				t.Errorf("the tracee got %s", got)
			}
		})
	}
}

// futexWait is FUTEX_WAIT: without an end, if nobody wakes it.
const futexWait = 0

func TestPortFollowsChildren(t *testing.T) {
	tt := probing(false, nil)
	var execs, children, threads int
	tt.handler = &hooks{
		call: func(c *Call) { c.Answer(47) },
		exec: func(_, _ *Thread) { execs++ },
		fork: func(_, _ *Thread, flags CloneFlags) {
			switch {
			case flags.Has(unix.CLONE_THREAD | unix.CLONE_VM):
				threads++
			case flags.Has(unix.CLONE_VFORK | unix.CLONE_VM):
				children++
			default:
				t.Errorf("a child with flags %#x", uint64(flags))
			}
		},
	}
	if got := tt.victim(t, "parent"); got != says(47) {
		t.Errorf("the tracee got %s", got)
	}
	if execs != 2 || children != 1 || threads == 0 {
		t.Errorf("%d programs, %d children, %d threads were announced", execs, children, threads)
	}
}

// Every new program, the first one too, is told who it is, and gets a filter of its own.
func TestPortNewProgram(t *testing.T) {
	later := mustFilter(t, []Rule{{Sys: portCall}}, FilterOptions{})
	execs := 0
	tt := &trial{handler: &hooks{
		call: func(c *Call) { c.Answer(20 - 5) }, // the kernel's getpriority has no negative results (getpriority(2))
		exec: func(th, _ *Thread) {
			execs++
			if err := th.AddFilter(later); err != nil {
				t.Error(err)
			}
			if errno := th.SetAuxIDs(AuxIDs{UID: 11, EUID: 12, GID: 13, EGID: 14}); errno != 0 {
				t.Error(errno)
			}
		},
	}}
	const want = "11:11 12:12 13:13 14:14 23:0 15 <nil>"
	if got := tt.victim(t, "successor"); got != want || execs != 2 {
		t.Errorf("after %d programs: %q, want %q", execs, got, want)
	}
}
