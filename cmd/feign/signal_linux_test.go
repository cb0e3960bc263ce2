package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A signal for feign is the action's, and the status tells of it.
func TestSignalsReachTheAction(t *testing.T) {
	for _, sig := range []unix.Signal{unix.SIGTERM, unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGUSR1, unix.SIGUSR2} {
		name := strings.TrimPrefix(unix.SignalName(sig), "SIG")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := startFeign(t, "run", "sh", "-c", "ulimit -c 0; echo ready; exec sleep 1000")
			r.signal(sig)
			if status, _ := r.status(); status != 128+int(sig) {
				t.Errorf("status %d, want %d", status, 128+int(sig))
			}
			r.gone()

			r = startFeign(t, "run", "sh", "-c", fmt.Sprintf(`trap "echo caught; exit 9" %s; echo ready; while :; do sleep 0.01; done`, name))
			r.signal(sig)
			if status, rest := r.status(); status != 9 || rest != "caught\n" {
				t.Errorf("caught: status %d, %q", status, rest)
			}
			r.gone()
		})
	}
}

// frng-7: what outlives the command gets the signals when the command is gone, and the status stays the command's.
func TestSignalsReachWhatLingers(t *testing.T) {
	t.Parallel()
	r := startFeign(t, "run", "sh", "-c", `victim daemon sh -c "while kill -0 $$ 2>/dev/null; do sleep 0.01; done; echo ready; exec sleep 1000"; exit 3`)
	r.signal(unix.SIGTERM)
	if status, _ := r.status(); status != 3 {
		t.Errorf("status %d, want 3", status)
	}
	r.gone()
}

// Who stops feign alone stops the action at its next call that needs an answer; SIGCONT lets both go on.
func TestStopAndContinue(t *testing.T) {
	t.Parallel()
	r := startFeign(t, "run", "sh", "-c", "echo ready; while :; do stat -c tick .; done")
	r.signal(unix.SIGSTOP)
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		if stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", r.Process.Pid)); strings.Contains(string(stat), ") T ") {
			break
		}
		if time.Now().After(end) {
			t.Fatal("feign does not stop")
		}
	}
	// What was said before fits into the pipe; the rest does not come.
	time.Sleep(50 * time.Millisecond)
	said := r.out.Buffered()
	r.signal(unix.SIGCONT)
	for range said/len("tick\n") + 100 {
		r.expect("tick")
	}
	r.signal(unix.SIGTERM)
	if status, _ := r.status(); status != 128+int(unix.SIGTERM) {
		t.Errorf("status %d", status)
	}
	r.gone()
}

// Where nobody does job control, a command that stops may be continued by a process of its own.
func TestStopWithoutAShell(t *testing.T) {
	t.Parallel()
	r := startFeign(t, "run", "sh", "-c", "(until [ -e awake ]; do sleep 0.1; kill -CONT $$; done) & echo ready; kill -STOP $$; : >awake; wait; exit 5")
	if status, _ := r.status(); status != 5 {
		t.Errorf("status %d", status)
	}
	r.gone()
}
