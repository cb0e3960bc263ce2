package ptlib

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A tracer of one process and a command that is the child of another: adopter traces what its parent tells it to.
func init() {
	// adopter METHOD PID TID FILE [LEAVE]: it answers getuid(2) and geteuid(2) with 77, and writes FILE slowly when the command has ended.
	victims["adopter"] = func(args []string) int {
		pid, _ := strconv.Atoi(args[1])
		tid, _ := strconv.Atoi(args[2])
		f, err := NewFilter(stops(SysGetuid, SysGeteuid), FilterOptions{Base: true, Leave: true})
		if err != nil {
			fmt.Println(err)
			return 1
		}
		o := Options{Filter: f, Handler: &hooks{call: func(c *Call) { c.Answer(77) }}, Ending: func(last bool) {
			time.Sleep(50 * time.Millisecond)
			os.WriteFile(args[3], strconv.AppendBool(nil, last), 0o600)
		}}
		if len(args) > 4 {
			o.Leaving = func(status uint8) uint8 {
				fmt.Println("leaving with", status)
				select {} // it is killed here
			}
		}
		tr := New(o)
		attached := func() error {
			_, err := fmt.Println("attached")
			return err
		}
		var status unix.WaitStatus
		if args[0] == "adopt" {
			status, err = tr.Adopt(context.Background(), pid, tid, attached)
		} else {
			status, err = tr.TakeOver(context.Background(), pid, attached)
		}
		fmt.Printf("status %#x, %d threads, %v\n", int(status), len(tr.threads), err)
		return 0
	}
	// actor ACT...: a command that does what its arguments say.
	victims["actor"] = func(args []string) int {
		for _, act := range args {
			switch name, value, _ := strings.Cut(act, "="); name {
			case "id":
				fmt.Println(unix.Getuid())
			case "child": // waited for, unless it is to come later
				cmd := exec.Command("/proc/self/exe", "sleep="+value, "id")
				cmd.Env = append(os.Environ(), victimVariable+"=actor")
				if value != "" {
					cmd.Start()
					continue
				}
				cmd.Stdout = os.Stdout
				cmd.Run()
			case "sleep":
				d, _ := time.ParseDuration(value)
				time.Sleep(d)
			case "kill":
				unix.Kill(os.Getpid(), unix.SIGKILL)
			case "exit":
				status, _ := strconv.Atoi(value)
				return status
			}
		}
		return 0
	}
	// executor PROGRAM ARGS: it tells its process and thread, and executes the program when it is told to.
	victims["executor"] = func(args []string) int {
		result := make(chan error)
		go func() {
			runtime.LockOSThread() // any thread but the leader, as a rule
			fmt.Println(os.Getpid(), unix.Gettid())
			if _, err := os.Stdin.Read(make([]byte, 1)); err != nil {
				os.Exit(3)
			}
			result <- syscall.Exec(args[0], args, append(os.Environ(), victimVariable+"=actor"))
		}()
		fmt.Println(<-result)
		return 4
	}
}

// An adopter is a process with a tracer, and what it says.
type adopter struct {
	*exec.Cmd
	t      *testing.T
	out    *bufio.Reader
	marker string
}

func startTalker(t *testing.T, name string, args ...string) (*exec.Cmd, *bufio.Reader, io.WriteCloser) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), victimVariable+"="+name)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	guard := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	t.Cleanup(func() {
		guard.Stop()
		cmd.Process.Kill()
		cmd.Wait()
	})
	return cmd, bufio.NewReader(stdout), stdin
}

func startAdopter(t *testing.T, method string, pid, tid int, leave ...string) *adopter {
	t.Helper()
	a := &adopter{t: t, marker: filepath.Join(t.TempDir(), "ended")}
	a.Cmd, a.out, _ = startTalker(t, "adopter", append([]string{method, strconv.Itoa(pid), strconv.Itoa(tid), a.marker}, leave...)...)
	return a
}

// says reads one line.
func (a *adopter) says(want string) {
	a.t.Helper()
	line, err := a.out.ReadString('\n')
	if got := strings.TrimSpace(line); got != want {
		a.t.Errorf("the tracer says %q, %v; want %q", got, err, want)
	}
}

// wasFirst reports an end of the command that its parent saw before the tracer had done its last duty.
func (a *adopter) wasFirst(last bool) {
	a.t.Helper()
	text, err := os.ReadFile(a.marker)
	if err != nil {
		a.t.Error("the parent learned of the end before the tracer was done:", err)
	} else if string(text) != strconv.FormatBool(last) {
		a.t.Errorf("the last of the tracees: %s", text)
	}
}

// startExecutor starts a process that waits, and tells what it is.
func startExecutor(t *testing.T, argv ...string) (cmd *exec.Cmd, out *bufio.Reader, tid int, proceed func()) {
	t.Helper()
	cmd, out, stdin := startTalker(t, "executor", argv...)
	line, err := out.ReadString('\n')
	var pid int
	if _, scanErr := fmt.Sscan(line, &pid, &tid); err != nil || scanErr != nil || pid != cmd.Process.Pid {
		t.Fatalf("%q, %v, %v", line, err, scanErr)
	}
	return cmd, out, tid, func() { stdin.Write([]byte{1}) }
}

func checkWait(t *testing.T, cmd *exec.Cmd, out *bufio.Reader, want string, status int) {
	t.Helper()
	text, _ := io.ReadAll(out)
	cmd.Wait()
	if got := strings.TrimSpace(string(text)); got != want || cmd.ProcessState.ExitCode() != status {
		t.Errorf("%q, status %d; want %q, %d", got, cmd.ProcessState.ExitCode(), want, status)
	}
}

// frng-5: a process that is not the tracer's child is traced from its next program on, with what it makes, and stays its
// parent's child: that learns of its end, after the tracer.
func TestAdopt(t *testing.T) {
	cmd, out, tid, proceed := startExecutor(t, "/proc/self/exe", "id", "child", "exit=5")
	a := startAdopter(t, "adopt", cmd.Process.Pid, tid)
	a.says("attached")
	proceed()
	checkWait(t, cmd, out, "77\n77", 5)
	a.wasFirst(true)
	a.says("status 0x500, 0 threads, <nil>")
}

// The end by SIGKILL, which no tracee can announce, is seen by the tracer first too.
func TestAdoptKilled(t *testing.T) {
	cmd, out, tid, proceed := startExecutor(t, "/proc/self/exe", "id", "kill")
	a := startAdopter(t, "adopt", cmd.Process.Pid, tid)
	a.says("attached")
	proceed()
	checkWait(t, cmd, out, "77", -1)
	a.wasFirst(true)
	a.says("status 0x9, 0 threads, <nil>")
}

// frng-7: what the command leaves behind is traced to its end, while the parent goes on.
func TestAdoptLinger(t *testing.T) {
	cmd, _, tid, proceed := startExecutor(t, "/proc/self/exe", "child=200ms")
	a := startAdopter(t, "adopt", cmd.Process.Pid, tid)
	a.says("attached")
	proceed()
	cmd.Process.Wait()
	a.wasFirst(false)
	a.says("status 0x0, 0 threads, <nil>")
}

// A process that executes nothing after all ends as it would alone, and the tracer says so.
func TestAdoptNoProgram(t *testing.T) {
	cmd, out, tid, proceed := startExecutor(t, "/nowhere/program")
	a := startAdopter(t, "adopt", cmd.Process.Pid, tid)
	a.says("attached")
	proceed()
	checkWait(t, cmd, out, "no such file or directory", 4)
	a.says("status 0x0, 0 threads, " + ErrNoProgram.Error())
}

// Signals and stops before the program are the process's own.
func TestAdoptSignals(t *testing.T) {
	cmd, out, tid, proceed := startExecutor(t, "/proc/self/exe", "id")
	a := startAdopter(t, "adopt", cmd.Process.Pid, tid)
	a.says("attached")
	for range 3 {
		cmd.Process.Signal(unix.SIGSTOP)
		for stateOf(tid) != 't' && stateOf(tid) != 'T' {
			time.Sleep(time.Millisecond)
		}
		cmd.Process.Signal(unix.SIGCONT)
	}
	proceed()
	checkWait(t, cmd, out, "77", 0)
	a.says("status 0x0, 0 threads, <nil>")
}

// A tracer that is killed takes the command with it, also one that is yet to come.
func TestAdopterKilled(t *testing.T) {
	for _, begun := range []bool{false, true} {
		cmd, out, tid, proceed := startExecutor(t, "/proc/self/exe", "id", "sleep=1000s")
		a := startAdopter(t, "adopt", cmd.Process.Pid, tid)
		a.says("attached")
		if begun {
			proceed()
			if line, err := out.ReadString('\n'); line != "77\n" {
				t.Fatal(line, err)
			}
		}
		a.Process.Kill()
		cmd.Wait()
		if ws := cmd.ProcessState.Sys().(syscall.WaitStatus); !ws.Signaled() || ws.Signal() != syscall.SIGKILL {
			t.Errorf("%v", cmd.ProcessState)
		}
	}
}

// What cannot be attached to is left alone.
func TestAdoptRefused(t *testing.T) {
	_, err := New(Options{Handler: Watcher{}}).Adopt(context.Background(), 1<<30, 1<<30, func() error { t.Error("attached"); return nil })
	if !errors.Is(err, ErrNoTrace) || !errors.Is(err, unix.ESRCH) {
		t.Error(err)
	}
	cmd, out, tid, proceed := startExecutor(t, "/proc/self/exe", "id")
	first := startAdopter(t, "adopt", cmd.Process.Pid, tid)
	first.says("attached")
	second := startAdopter(t, "adopt", cmd.Process.Pid, tid)
	second.says("status 0x0, 0 threads, ptrace is not permitted: operation not permitted")
	proceed()
	checkWait(t, cmd, out, "77", 0) // by the first
}

// A command that one process starts is traced by another from its first instruction.
func TestHandOver(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.Command("/proc/self/exe", "id", "child", "exit=6")
	cmd.Env = append(os.Environ(), victimVariable+"=actor")
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	pid, err := New(Options{}).HandOver(os.Getpid(), func() (int, error) {
		err := cmd.Start()
		return cmd.Process.Pid, err
	})
	if err != nil {
		t.Fatal(err)
	}
	a := startAdopter(t, "take over", pid, pid)
	a.says("attached")
	checkWait(t, cmd, bufio.NewReader(stdout), "77\n77", 6)
	a.wasFirst(true)
	a.says("status 0x600, 0 threads, <nil>")
}
