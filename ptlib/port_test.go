package ptlib

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/internal/unroot"
	"github.com/feign-build/feign/ptlib/internal/regcheck"
)

// What a port has to get right, by programs that need nothing of the machine but the kernel: the test binary is the
// tracee, too. docs/PORTING.md refers to this file.

// roleVariable says which of the roles a process plays.
const roleVariable = "PTLIB_TEST_ROLE"

// probe is the call that the tracees make: nothing else in them does.
const probe = SysGetpriority

// probeArgs are what they call it with. The kernel would say EINVAL.
var probeArgs = [4]uintptr{0x71, 0x72, 0x73, 0x74}

// roles are programs of a few calls. Each returns what it found.
var roles = map[string]func() string{
	"probe":      func() string { return makeProbe(1) },
	"probe-many": func() string { return makeProbe(len(portResults())) },
	"parent": func() string {
		pid, err := syscall.ForkExec(selfExe, []string{"child"}, &syscall.ProcAttr{
			Env: []string{roleVariable + "=probe"}, Files: []uintptr{0, 1, 2},
		})
		if err != nil {
			return err.Error()
		}
		var status unix.WaitStatus
		_, err = unix.Wait4(pid, &status, 0, nil)
		return fmt.Sprint("child ", pid, " ", status.ExitStatus(), " ", err)
	},
}

const selfExe = "/proc/self/exe"

func init() {
	if role, ok := roles[os.Getenv(roleVariable)]; ok {
		runtime.LockOSThread()
		fmt.Println(role())
		os.Exit(0)
	}
}

// makeProbe makes the call n times and tells the results, and which registers were changed.
func makeProbe(n int) string {
	var results []string
	for range n {
		result, changed := regcheck.Call(unix.SYS_GETPRIORITY, probeArgs)
		results = append(results, fmt.Sprintf("%d/%#x", int(result), changed))
	}
	return strings.Join(results, " ")
}

// prober counts the calls and hands them to a function.
type prober struct {
	Watcher
	calls int
	call  func(c *Call)
	forks []CloneFlags
	execs int
}

func (p *prober) Syscall(c *Call) {
	p.calls++
	p.call(c)
}

func (p *prober) Fork(_, _ *Thread, flags CloneFlags) { p.forks = append(p.forks, flags) }
func (p *prober) Exec(_, _ *Thread)                   { p.execs++ }

// play traces the test binary in a role and returns what it said.
func play(t *testing.T, role string, p *prober, trapped bool) string {
	t.Helper()
	rules := []Rule{{Sys: probe, Do: Stop}}
	if trapped {
		rules[0].Do = StopContested
	}
	filter, err := NewFilter(rules, FilterOptions{Base: true, Outranked: trapped})
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	status, err := New(Options{Filter: filter, Handler: p}).Run(ctx, func() (int, error) {
		return syscall.ForkExec(selfExe, []string{"tracee"}, &syscall.ProcAttr{
			Env: []string{roleVariable + "=" + role}, Files: []uintptr{0, w.Fd(), 2},
			Sys: &syscall.SysProcAttr{Ptrace: true, Credential: unroot.Credential()},
		})
	})
	w.Close()
	if err != nil || status.ExitStatus() != 0 {
		t.Fatalf("wait status %#x, %v", int(status), err)
	}
	said := make([]byte, 4096)
	n, err := r.Read(said)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(said[:n]))
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
		p := &prober{}
		p.call = func(c *Call) {
			if c.Sys != probe || c.ABI != tracedABIs[0] || c.Number != unix.SYS_GETPRIORITY || c.Trapped() != trapped {
				t.Errorf("call %v, ABI %v, number %d, trapped %v", c.Sys, c.ABI, c.Number, c.Trapped())
			}
			for i, want := range probeArgs {
				if c.Args[i] != uint64(want) {
					t.Errorf("argument %d is %#x, want %#x", i, c.Args[i], want)
				}
			}
			c.Answer(results[p.calls-1])
		}
		var want []string
		for _, r := range results {
			want = append(want, says(r))
		}
		if got := play(t, "probe-many", p, trapped); got != strings.Join(want, " ") {
			t.Errorf("the tracee got\n%s, not\n%s", got, strings.Join(want, " "))
		}
	})
}

// port-5
func TestPortRunsAnotherCall(t *testing.T) {
	eachWay(t, func(t *testing.T, trapped bool) {
		p := &prober{call: func(c *Call) {
			c.Run(func(c *Call) {
				if int(c.Result) != c.Thread.Tgid {
					t.Errorf("getpid in the place of the call: %d, not %d", c.Result, c.Thread.Tgid)
				}
				c.Answer(42)
			}, SysGetpid)
		}}
		if got := play(t, "probe", p, trapped); got != says(42) {
			t.Errorf("the tracee got %s", got)
		}
	})
}

// port-8
func TestPortRunsCallsAtTheEnd(t *testing.T) {
	p := &prober{call: func(c *Call) {
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
	}}
	if got := play(t, "probe", p, false); got != says(43) {
		t.Errorf("the tracee got %s", got)
	}
}

func TestPortChangesArguments(t *testing.T) {
	p := &prober{call: func(c *Call) {
		c.SetArg(0, unix.PRIO_PROCESS)
		c.SetArg(1, 0)
		c.Then(func(c *Call) {
			if c.Errno() != 0 {
				t.Errorf("with changed arguments: %v", c.Errno())
			}
			c.Answer(c.Result + 100)
		})
	}}
	nice, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := play(t, "probe", p, false); got != says(int64(nice)+100) {
		t.Errorf("the tracee got %s, the priority is %d", got, nice)
	}
}

// port-8
func TestPortScratch(t *testing.T) {
	eachWay(t, func(t *testing.T, trapped bool) {
		p := &prober{call: func(c *Call) {
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
		}}
		if got := play(t, "probe", p, trapped); got != says(44) {
			t.Errorf("the tracee got %s", got)
		}
	})
}

func TestPortRestarts(t *testing.T) {
	eachWay(t, func(t *testing.T, trapped bool) {
		p := &prober{}
		p.call = func(c *Call) {
			if c.Args[0] != uint64(probeArgs[0]) || c.Args[3] != uint64(probeArgs[3]) {
				t.Errorf("arguments %#x", c.Args)
			}
			if p.calls == 3 {
				c.Answer(45)
				return
			}
			c.Run(func(c *Call) { c.Restart() }, SysGetpid)
		}
		if got := play(t, "probe", p, trapped); got != says(45) || p.calls != 3 {
			t.Errorf("the tracee got %s after %d calls", got, p.calls)
		}
	})
}

// A call that was replaced by one that blocks is interrupted, and the program's own comes back, as it was.
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
			interrupted := false
			p := &prober{}
			p.call = func(c *Call) {
				if c.Args[0] != uint64(probeArgs[0]) || c.Args[1] != uint64(probeArgs[1]) {
					t.Errorf("call %d has arguments %#x", p.calls, c.Args)
				}
				at, ok := c.Scratch()
				if !ok {
					return
				}
				if interrupted {
					c.Answer(46)
					return
				}
				interrupted = true
				tid := c.Thread.Tid
				time.AfterFunc(50*time.Millisecond, func() { interrupt(tid) })
				c.Run(func(c *Call) { t.Errorf("the wait ended with %d", c.Result) }, SysFutex, at, futexWait, 0, 0)
			}
			if got := play(t, "probe", p, false); got != says(46) {
				t.Errorf("the tracee got %s", got)
			}
		})
	}
}

// futexWait is FUTEX_WAIT: without an end, if nobody wakes it.
const futexWait = 0

func TestPortFollowsChildren(t *testing.T) {
	p := &prober{call: func(c *Call) { c.Answer(47) }}
	got := play(t, "parent", p, false)
	if !strings.HasPrefix(got, says(47)+"\nchild ") || !strings.HasSuffix(got, " 0 <nil>") {
		t.Errorf("the tracees got %s", got)
	}
	if p.execs != 2 {
		t.Errorf("%d programs were announced", p.execs)
	}
	children, threads := 0, 0
	for _, flags := range p.forks {
		switch {
		case flags.Has(unix.CLONE_THREAD | unix.CLONE_VM):
			threads++
		case flags.Has(unix.CLONE_VFORK | unix.CLONE_VM):
			children++
		default:
			t.Errorf("a child with flags %#x", uint64(flags))
		}
	}
	if children != 1 || threads == 0 {
		t.Errorf("%d children, %d threads", children, threads)
	}
}
