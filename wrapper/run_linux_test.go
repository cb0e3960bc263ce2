package wrapper

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// shellPlan returns the plan of a shell script that runs in a directory of its own.
func shellPlan(t *testing.T, script string, set ...string) *Plan {
	t.Helper()
	c := Defaults()
	for _, s := range set {
		if err := c.Set(s); err != nil {
			t.Fatal(err)
		}
	}
	p, err := c.Plan(Caller{Dir: t.TempDir(), Env: os.Environ()}, []string{"sh", "-c", script})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// noChildren reports processes that a run has left.
func noChildren(t *testing.T) {
	t.Helper()
	var ws unix.WaitStatus
	if pid, err := unix.Wait4(-1, &ws, unix.WALL|unix.WNOHANG, nil); err != unix.ECHILD {
		t.Errorf("process %d is left, %v", pid, err)
	}
}

func TestRunStatus(t *testing.T) {
	for script, want := range map[string]int{
		"true": 0, "exit 3": 3, "kill -9 $$": 137, "kill -TERM $$": 143,
		"(exit 4) & wait $!": 4, "sleep 0.01 & exit 6": 6,
	} {
		if status, err := Run(t.Context(), shellPlan(t, script), RunOptions{}); status != want || err != nil {
			t.Errorf("%s: %d, %v; want %d", script, status, err, want)
		}
	}
	noChildren(t)
}

// A context that is done ends the action with all its descendants, gives modes back, and writes nothing.
func TestRunCancelled(t *testing.T) {
	p := shellPlan(t, `echo x >dir/file; (sleep 1000 & sleep 1000) & : >ready; sleep 1000`, "manifest.path=out.mtree")
	dir, ready := filepath.Join(p.Dir, "dir"), filepath.Join(p.Dir, "ready")
	if err := os.Mkdir(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o755)
	because := errors.New("nobody waits any more")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
			if _, err := os.Stat(ready); err == nil {
				break
			}
		}
		cancel(because)
	}()
	status, err := Run(ctx, p, RunOptions{})
	if status != 0 || !errors.Is(err, because) || ErrorStatus(err) != StatusOwn {
		t.Errorf("%d, %v", status, err)
	}
	noChildren(t)
	if fi, err := os.Stat(dir); err != nil || fi.Mode().Perm() != 0o555 {
		t.Errorf("%v, %v", fi.Mode(), err)
	}
	if _, err := os.Stat(p.Manifest.Path); err == nil {
		t.Error("there is a manifest")
	}
	if _, err := os.Stat(ready); err != nil {
		t.Error(err)
	}
}

// A context that is done from the start: nothing is run.
func TestRunCancelledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, shellPlan(t, "sleep 1000"), RunOptions{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	noChildren(t)
}

// Several runs in one process do not know of each other.
func TestRunsAtOnce(t *testing.T) {
	done := make(chan error)
	for range 4 {
		p := shellPlan(t, `for i in 1 2 3 4 5 6 7 8 9 10; do : >f$i; chown $i:7 f$i; done; stat -c %u f* | sort -n | tr '\n' ' ' >out`)
		go func() {
			status, err := Run(t.Context(), p, RunOptions{})
			if err == nil && status != 0 {
				err = errors.New("status is not 0")
			}
			out, readErr := os.ReadFile(filepath.Join(p.Dir, "out"))
			if err == nil && string(out) != "1 2 3 4 5 6 7 8 9 10 " {
				err = errors.New("the action saw " + string(out))
			}
			done <- errors.Join(err, readErr)
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	noChildren(t)
}

// A plan of a newer feign, or a misspelt one, is refused.
func TestRunUnknownCall(t *testing.T) {
	var said []string
	p := shellPlan(t, "exit 0")
	p.Refuse = []string{"io_uring_setup", "no_such_call"}
	_, err := Run(t.Context(), p, RunOptions{Log: func(m Message) { said = append(said, m.String()) }})
	if err == nil || !strings.Contains(err.Error(), `hermetic.refuse: there is no system call "no_such_call"`) {
		t.Errorf("%v, %q", err, said)
	}
}
