package ptlib

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func init() {
	victims["given"] = func([]string) int {
		fd, err := unix.Getsid(0)
		if err != nil {
			fmt.Println(err)
			return 1
		}
		text, err := io.ReadAll(os.NewFile(uintptr(fd), "given"))
		fmt.Printf("%s %v\n", text, err)
		_, err = unix.Write(fd, []byte("x"))
		fmt.Println(err)
		return 0
	}
	victims["filtered"] = func([]string) int {
		others := make(chan error)
		ask := make(chan bool)
		go func() {
			runtime.LockOSThread()
			for range ask {
				_, err := unix.Getsid(0)
				others <- err
			}
		}()
		runtime.LockOSThread()
		ask <- true
		fmt.Println(<-others)
		unix.Getpgid(0)
		_, own := unix.Getsid(0)
		ask <- true
		fmt.Println(own, <-others)
		return 0
	}
	victims["started"] = func(args []string) int {
		exe, _ := os.Readlink("/proc/self/exe")
		dir, err := os.Getwd()
		fmt.Println(exe, args, os.Getenv("WORD"), dir, err)
		err = syscall.Exec("/proc/self/exe", []string{"successor"}, []string{victimVariable + "=identity"})
		fmt.Println(err)
		return 1
	}
	victims["substituted"] = func([]string) int {
		err := os.Chdir("/none")
		dir, _ := os.Getwd()
		fmt.Println(err, dir)
		return 0
	}
}

func TestStart(t *testing.T) {
	dir := t.TempDir()
	another := dir + "/another"
	self, err := os.ReadFile("/proc/self/exe")
	if err == nil {
		err = os.WriteFile(another, self, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	tt := trial{env: []string{"WORD=of the environment"}, start: func(s *Start) (string, error) {
		if _, errno := s.Call(SysChdir, dir+"/none"); errno != unix.ENOENT {
			t.Errorf("chdir to nowhere: %v", errno)
		}
		if _, errno := s.Call(SysChdir, 1.5); errno != unix.EINVAL {
			t.Errorf("an argument of no kind: %v", errno)
		}
		if _, errno := s.Call(SysChdir, strings.Repeat("x", maxStartArgs)); errno != unix.E2BIG {
			t.Errorf("an argument that is too long: %v", errno)
		}
		if pid, errno := s.Call(SysGetpid); errno != 0 || pid != int64(s.PID()) {
			t.Errorf("getpid: %d, %v", pid, errno)
		}
		_, errno := s.Call(SysChdir, dir)
		if errno != 0 {
			return "", errno
		}
		return another, nil
	}}
	want := another + " [first second] of the environment " + dir + " <nil>\n"
	if got := tt.victim(t, "started", "first", "second"); !strings.HasPrefix(got, want) || len(got) == len(want) {
		t.Errorf("%q, not %q and what a further program says", got, want)
	}
}

// A command that cannot be traced is not asked to make calls.
func TestStartRefused(t *testing.T) {
	if !foreignPrograms(t) {
		t.Skip("the machine's programs can be traced")
	}
	tr := New(Options{Filter: mustFilter(t, nil, FilterOptions{Base: true}), Handler: Watcher{}, Start: func(*Start) (string, error) {
		t.Error("the command is to be prepared")
		return "", nil
	}})
	_, err := tr.Run(context.Background(), startTrue)
	if !errors.Is(err, ErrNoTrace) || !strings.Contains(err.Error(), "a program for amd64") {
		t.Error(err)
	}
}

func TestStartFails(t *testing.T) {
	own := errors.New("not today")
	for _, test := range []struct {
		path string
		err  error
		want error
	}{{"/none/none", nil, unix.ENOENT}, {os.TempDir(), nil, unix.EACCES}, {"", own, own}} {
		tr := New(Options{Filter: mustFilter(t, nil, FilterOptions{Base: true}), Handler: Watcher{}, Start: func(*Start) (string, error) {
			return test.path, test.err
		}})
		_, err := tr.Run(context.Background(), func() (int, error) {
			return syscall.ForkExec("/proc/self/exe", []string{"nothing"}, &syscall.ProcAttr{
				Env: []string{victimVariable + "=nothing"}, Sys: &syscall.SysProcAttr{Ptrace: true}})
		})
		if !errors.Is(err, test.want) {
			t.Errorf("%q, %v: %v", test.path, test.err, err)
		}
		var refused *StartError
		if errors.As(err, &refused) != (test.err == nil) {
			t.Errorf("%q, %v: %T", test.path, test.err, err)
		}
	}
}

// needsGive skips a test where Call.Give cannot be had.
func needsGive(t *testing.T) {
	t.Helper()
	if _, err := unix.PidfdGetfd(-1, 0, 0); err == unix.ENOSYS {
		t.Skip("no pidfd_getfd(2)")
	}
}

func TestGive(t *testing.T) {
	needsGive(t)
	name := t.TempDir() + "/file"
	if err := os.WriteFile(name, []byte("content"), 0o644); err != nil {
		t.Fatal(err)
	}
	tt := trial{rules: stops(SysGetsid), handler: &hooks{call: func(c *Call) {
		if _, errno := c.Give(0); errno != unix.EBUSY {
			t.Errorf("at the entry: %v", errno)
		}
		file, err := os.Open(name)
		if err != nil {
			t.Error(err)
			return
		}
		c.Then(func(c *Call) {
			defer file.Close()
			fd, errno := c.Give(int(file.Fd()))
			if errno != 0 {
				c.Fail(errno)
				return
			}
			c.Answer(int64(fd))
		})
	}}}
	if got := tt.victim(t, "given"); got != "content <nil>\nbad file descriptor" {
		t.Errorf("%q", got)
	}
}

func TestAddFilterToProcess(t *testing.T) {
	deny := mustFilter(t, []Rule{{Sys: SysGetsid, Do: Deny, Errno: unix.ENOTNAM}}, FilterOptions{})
	tt := trial{rules: stops(SysGetpgid), handler: &hooks{call: func(c *Call) {
		c.Then(func(c *Call) {
			others, err := c.AddFilterToProcess(deny)
			if err != nil || len(others) == 0 {
				t.Errorf("%d other threads, %v", len(others), err)
			}
			for _, o := range others {
				if o == c.Thread || o.Tgid != c.Thread.Tgid {
					t.Errorf("thread %d of process %d", o.Tid, o.Tgid)
				}
			}
		})
	}}}
	want := fmt.Sprintf("<nil>\n%v %v", unix.ENOTNAM, unix.ENOTNAM)
	if got := tt.victim(t, "filtered"); got != want {
		t.Errorf("%q, not %q", got, want)
	}
}

func TestSubstitute(t *testing.T) {
	tt := trial{rules: stops(SysChdir), handler: &hooks{call: func(c *Call) {
		scratch, ok := c.Scratch()
		if !ok {
			return
		}
		if errno := c.Thread.WriteMemory(scratch, []byte("/\x00")); errno != 0 {
			t.Error(errno)
		}
		own := c.Args[0]
		c.Substitute(0, scratch)
		if c.Args[0] != scratch {
			t.Errorf("the argument is %#x", c.Args[0])
		}
		c.Then(func(c *Call) {
			if c.Errno() != 0 || c.Args[0] != scratch || own == scratch {
				t.Errorf("%v, argument %#x, before %#x", c.Errno(), c.Args[0], own)
			}
		})
	}}}
	if got := tt.victim(t, "substituted"); got != "<nil> /" {
		t.Errorf("%q", got)
	}
}
