//go:build linux

// Package state tries the daemons of states with many invocations at once, at the worst moments, and with kill -9.
//
// It needs two builds of feign, one of them with the tag feigndelay, in FEIGN_BIN and FEIGN_DELAY_BIN: `make test-state`. Run by
// root, it does its work as an ordinary user.
package state

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// ordinary is the user that invocations are started as.
const ordinary = 1500

// patience is how long a single thing may take. It is no measure of anything.
const patience = time.Minute

func TestMain(m *testing.M) {
	if name := os.Getenv("FEIGN_TEST_PEER"); name != "" {
		os.Exit(peers[name](os.Args[1:]))
	}
	if os.Getenv("FEIGN_BIN") == "" || os.Getenv("FEIGN_DELAY_BIN") == "" {
		fmt.Println("test/state: needs builds of feign in FEIGN_BIN and FEIGN_DELAY_BIN: make test-state")
		return
	}
	// The ordinary user cannot enter the directory that this program is in.
	if err := copyTo(filepath.Join(filepath.Dir(os.Getenv("FEIGN_BIN")), "peer")); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// copyTo copies this program.
func copyTo(name string) error {
	program, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		return err
	}
	return os.WriteFile(name, program, 0o755)
}

// count is a number from the environment, or what it is otherwise.
func count(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// A place is a directory of the ordinary user's, with a state in it.
type place struct {
	t     *testing.T
	dir   string
	feign string
	env   []string
}

func newPlace(t *testing.T, variable string) *place {
	t.Helper()
	dir, err := os.MkdirTemp("", "feign-state-")
	if err != nil {
		t.Fatal(err)
	}
	p := &place{t: t, dir: dir, feign: os.Getenv(variable), env: append(os.Environ(), "HOME="+dir, "TMPDIR="+dir)}
	if os.Getuid() == 0 {
		if err := os.Chown(dir, ordinary, ordinary); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		_, _ = p.command("state", "stop", "state").CombinedOutput()
		os.RemoveAll(dir)
	})
	return p
}

// as makes a command one of the ordinary user's.
func (p *place) as(cmd *exec.Cmd) *exec.Cmd {
	cmd.Dir, cmd.Env = p.dir, p.env
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: ordinary, Gid: ordinary}
	}
	return cmd
}

func (p *place) command(args ...string) *exec.Cmd { return p.as(exec.Command(p.feign, args...)) }

// run is a shell script in the state.
func (p *place) run(script string, args ...string) *exec.Cmd {
	return p.command(append([]string{"run", "-s", "state", "sh", "-c", script, "sh"}, args...)...)
}

// output runs a command that must succeed, and returns what it writes.
func (p *place) output(cmd *exec.Cmd) string {
	p.t.Helper()
	out, err := watched(cmd)
	if err != nil {
		p.t.Errorf("%q: %v: %s", cmd.Args[1:], err, out)
	}
	return string(out)
}

// watched is CombinedOutput of a command that is killed if it takes too long.
func watched(cmd *exec.Cmd) ([]byte, error) {
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = patience // the daemon, too, has the end of the pipe until it has saved what was done
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	guard := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	defer guard.Stop()
	err := cmd.Wait()
	return out.Bytes(), err
}

// daemon returns the pid of the state's daemon, 0 if there is none.
func (p *place) daemon() int {
	text, err := os.ReadFile(filepath.Join(p.dir, "state", "lock"))
	if err != nil {
		return 0
	}
	first, rest, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	pid, _ := strconv.Atoi(first)
	if !strings.HasPrefix(rest, "the daemon") {
		return 0
	}
	return pid
}

// awaitNoDaemon waits until the daemon has left.
func (p *place) awaitNoDaemon() {
	p.t.Helper()
	for end := time.Now().Add(patience); p.daemon() != 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatalf("daemon %d does not leave", p.daemon())
		}
	}
}

// A step is a line of the log of a build with the tag feigndelay.
type step struct {
	pid  int
	used time.Duration // of a processor
	name string
}

// logSteps has the steps be logged.
func (p *place) logSteps(delay time.Duration) (read func() []step) {
	p.t.Helper()
	file, err := os.CreateTemp(p.dir, "steps")
	if err != nil {
		p.t.Fatal(err)
	}
	defer file.Close()
	if err := file.Chmod(0o666); err != nil {
		p.t.Fatal(err)
	}
	p.env = append(p.env, "FEIGN_STEP_LOG="+file.Name(), fmt.Sprintf("FEIGN_STEP_DELAY=%d", delay.Microseconds()))
	return func() (list []step) {
		text, err := os.ReadFile(file.Name())
		if err != nil {
			p.t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			var s step
			var used int64
			if _, err := fmt.Sscan(line, &s.pid, &used); err != nil {
				p.t.Fatalf("%q: %v", line, err)
			}
			s.used, s.name = time.Duration(used)*time.Microsecond, strings.SplitN(strings.TrimSpace(line), " ", 3)[2]
			list = append(list, s)
		}
		return list
	}
}

// checkOne sees that there was one daemon at any time: each that listens does so when the one before has begun to give back the
// lock, and before the next. It returns how many there were.
func checkOne(t *testing.T, steps []step) (daemons int) {
	t.Helper()
	alive := 0
	for _, s := range steps {
		switch s.name {
		case "listen":
			if alive != 0 {
				t.Errorf("daemon %d listens while daemon %d is there", s.pid, alive)
			}
			alive = s.pid
			daemons++
		case "closing":
			if alive != s.pid {
				t.Errorf("daemon %d leaves while daemon %d is there", s.pid, alive)
			}
			alive = 0
		}
	}
	return daemons
}

// kill ends a process at once.
func kill(pid int) { _ = unix.Kill(pid, unix.SIGKILL) }
