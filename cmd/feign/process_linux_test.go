package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience is how long a test waits for what has to come at once.
const patience = time.Minute

// A feignRun is a running feign, in a session and with directories of its own.
type feignRun struct {
	*exec.Cmd
	t    *testing.T
	dir  string // HOME, TMPDIR and the working directory are below
	mark string // in the environment of all its processes
	out  *bufio.Reader
}

// startFeign starts feign with the arguments and waits for the line "ready" from the action.
func startFeign(t *testing.T, args ...string) *feignRun {
	t.Helper()
	r := &feignRun{t: t, dir: t.TempDir(), mark: "FEIGN_TEST_MARK=" + strconv.FormatUint(rand.Uint64(), 36)}
	for _, d := range []string{"home", "tmp", "work"} {
		if err := os.Mkdir(filepath.Join(r.dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	r.Cmd = exec.Command("feign", args...)
	r.Dir = filepath.Join(r.dir, "work")
	r.Env = append(os.Environ(), "HOME="+r.dir+"/home", "TMPDIR="+r.dir+"/tmp", r.mark)
	r.Stderr = os.Stderr
	r.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	stdout, err := r.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, pid := range r.processes() {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
	})
	r.out = bufio.NewReader(stdout)
	r.expect("ready")
	return r
}

// expect reads one line from the action.
func (r *feignRun) expect(want string) {
	r.t.Helper()
	defer r.watch().Stop()
	line, err := r.out.ReadString('\n')
	if err != nil || strings.TrimSpace(line) != want {
		r.t.Fatalf("the action says %q, %v; want %q", line, err, want)
	}
}

// watch ends feign when a test has run out of patience.
func (r *feignRun) watch() *time.Timer {
	return time.AfterFunc(patience, func() {
		r.t.Errorf("feign hangs")
		_ = r.Process.Kill()
	})
}

func (r *feignRun) signal(sig unix.Signal) {
	r.t.Helper()
	if err := r.Process.Signal(sig); err != nil {
		r.t.Fatal(err)
	}
}

// status returns the exit status, and -1 for an end by a signal. What the action still says is rest.
func (r *feignRun) status() (status int, rest string) {
	r.t.Helper()
	defer r.watch().Stop()
	var text bytes.Buffer
	_, err := r.out.WriteTo(&text)
	if err != nil {
		r.t.Fatal(err)
	}
	_ = r.Wait() // the status says it
	return r.ProcessState.ExitCode(), text.String()
}

// processes returns the living processes that feign and the action consist of.
func (r *feignRun) processes() (pids []int) {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		if slices.Contains(strings.Split(environ(dir), "\x00"), r.mark) {
			pid, _ := strconv.Atoi(filepath.Base(dir))
			pids = append(pids, pid)
		}
	}
	return pids
}

// environ reads the environment of a process, which is empty for a zombie, for a kernel thread, and for a moment in execve(2):
// the new memory is there before its environment is. Only the last has a program, and an environment a little later.
func environ(dir string) string {
	for range 100 {
		text, err := os.ReadFile(dir + "/environ")
		if err != nil || len(text) > 0 {
			return string(text)
		}
		if _, err := os.Readlink(dir + "/exe"); err != nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	return ""
}

// gone waits until no process is left.
func (r *feignRun) gone() {
	r.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		left := r.processes()
		if len(left) == 0 {
			return
		}
		if time.Now().After(end) {
			for _, pid := range left {
				line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
				r.t.Errorf("process %d is left: %q", pid, line)
			}
			return
		}
	}
}

// files lists what is below the directories that feign could write to.
func (r *feignRun) files() (names []string) {
	r.t.Helper()
	err := filepath.WalkDir(r.dir, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(r.dir, path)
		names = append(names, rel)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return names
}

// ownIPC returns the System V objects of this machine, as far as this user sees them.
func ownIPC(t *testing.T) (names []string) {
	t.Helper()
	for _, kind := range []string{"msg", "sem", "shm"} {
		text, err := os.ReadFile("/proc/sysvipc/" + kind)
		if err != nil {
			continue // a kernel without it
		}
		for line := range strings.Lines(string(text)) {
			names = append(names, kind+" "+line)
		}
	}
	return names
}
