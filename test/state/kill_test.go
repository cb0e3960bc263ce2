//go:build linux

package state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A job is a script that changes what is claimed about files of its own. $1 is a number that differs each time. It leaves what
// look prints as the number has it.
type job struct {
	script string
	look   string // prints one line
	want   func(n int) string
}

var jobs = []job{
	{`[ -e a ] || : >a; chown $1:7 a`, `stat -c %u:%g a`, func(n int) string { return fmt.Sprintf("%d:7", n) }},
	{`rm -f dev; mknod dev c 1 $(($1 % 200))`, `stat -c %F,%t:%T dev`, func(n int) string {
		return fmt.Sprintf("character special file,1:%x", n%200)
	}},
	{`[ -e x -o -e y ] || : >x; if [ -e x ]; then mv x y; else mv y x; fi; chown $1:8 [xy]`, `stat -c %u:%g [xy]`, func(n int) string {
		return fmt.Sprintf("%d:8", n)
	}},
	{`rm -f u; : >u; chown $1:9 u; chmod 4755 u`, `stat -c %u:%g:%a u`, func(n int) string { return fmt.Sprintf("%d:9:4755", n) }},
}

// ps-2, ps-3: the daemon is killed at any moment of about every third request, while scripts change owners, make devices, rename
// and unlink in parallel. What a script that ended well has claimed is there for all that come later; the scripts that the
// daemon traced end with it; the databases are whole; and nothing has to be cleared by hand (ps-1).
func TestKill(t *testing.T) {
	rounds := count("KILLS", 1000)
	for i := range 4 {
		t.Run(fmt.Sprintf("state-%d", i), func(t *testing.T) {
			t.Parallel()
			killRounds(t, rounds/4)
		})
	}
}

func killRounds(t *testing.T, rounds int) {
	p := newPlace(t, "FEIGN_BIN")
	known := map[int]string{} // what the last job of each kind that ended well has left, by its index
	var ended, died, left int
	check := func() {
		for i, want := range known {
			cmd := p.run(jobs[i].look)
			cmd.Stderr = nil
			var out bytes.Buffer
			cmd.Stdout = &out
			if err := cmd.Run(); err != nil || strings.TrimSpace(out.String()) != want {
				t.Errorf("%s: %q, %v; want %q", jobs[i].look, &out, err, want)
			}
		}
	}
	for round := range rounds {
		var (
			all sync.WaitGroup
			mu  sync.Mutex
		)
		for i, j := range jobs {
			if rand.IntN(4) == 0 {
				continue
			}
			all.Go(func() {
				out, err := watched(p.run("set -e; "+j.script, fmt.Sprint(round+1)))
				mu.Lock()
				defer mu.Unlock()
				left += bytes.Count(out, []byte("ended without giving it back"))
				if err == nil {
					ended++
					known[i] = j.want(round + 1)
					return
				}
				delete(known, i) // half of it may have been done
				died++
				if !wasKilled(err) {
					t.Errorf("round %d: %v: %s", round, err, out)
				}
			})
		}
		for range 100 { // until there is one
			if p.daemon() != 0 {
				break
			}
			time.Sleep(2 * time.Millisecond)
		}
		time.Sleep(time.Duration(rand.IntN(100)) * time.Millisecond)
		if pid := p.daemon(); pid != 0 {
			kill(pid)
		}
		all.Wait()
		if round%25 == 24 {
			check()
		}
	}
	check()
	t.Logf("%d rounds: %d scripts ended well, %d were killed; %d times the next one said so", rounds, ended, died, left)
	if ended == 0 || died == 0 || left == 0 {
		t.Error("this has not tried what it is to try")
	}
	// It does PRAGMA integrity_check on both.
	if out := p.output(p.command("state", "recover", "state")); !strings.Contains(out, "nothing is damaged") {
		t.Error(out)
	}
	for _, name := range []string{"files.db", "log.db"} {
		if _, err := os.Stat(p.dir + "/state/" + name); err != nil {
			t.Error(err)
		}
	}
}

// ps-2: the daemon is killed exactly when a command ends, with delays at each step of that. A command that ends well has all that it
// has claimed saved; else it is the command that was killed.
func TestKillAtTheEnd(t *testing.T) {
	for i := range 4 {
		t.Run(fmt.Sprintf("state-%d", i), func(t *testing.T) {
			t.Parallel()
			killAtTheEnd(t, count("ENDS", 200)/4)
		})
	}
}

func killAtTheEnd(t *testing.T, rounds int) {
	p := newPlace(t, "FEIGN_DELAY_BIN")
	steps := p.logSteps(3 * time.Millisecond)
	p.output(p.run(": >f; chown 0:7 f"))
	p.awaitNoDaemon()
	var ended, died int
	was := 0
	for round := range rounds {
		seen := howOften(steps(), "commit")
		done := make(chan error, 1)
		now := round + 1
		go func() {
			out, err := watched(p.run("chown $1 f", fmt.Sprint(now)))
			if err != nil && !wasKilled(err) {
				t.Errorf("round %d: %v: %s", round, err, out)
			}
			done <- err
		}()
		for end := time.Now().Add(patience); howOften(steps(), "commit") == seen && time.Now().Before(end); {
			time.Sleep(200 * time.Microsecond)
		}
		time.Sleep(time.Duration(rand.IntN(12)) * time.Millisecond)
		if pid := p.daemon(); pid != 0 {
			kill(pid)
		}
		err := <-done
		var saved struct{ UID int }
		if err := json.Unmarshal([]byte(p.output(p.command("state", "ls", "--json", "state"))), &saved); err != nil {
			t.Fatal(err)
		}
		if err == nil {
			ended++
		} else {
			died++
		}
		// What was killed may have been saved all the same.
		if saved.UID != now && (err == nil || saved.UID != was) {
			t.Errorf("round %d: %v; the state has owner %d, and had %d before", round, err, saved.UID, was)
		}
		was = saved.UID
	}
	t.Logf("%d rounds: %d commands ended well, %d were killed", rounds, ended, died)
	if rounds >= 40 && (ended == 0 || died == 0) {
		t.Error("this has not tried what it is to try")
	}
}

// wasKilled reports whether a command ended by SIGKILL.
func wasKilled(err error) bool {
	var ws syscall.WaitStatus
	if e, ok := err.(*exec.ExitError); ok {
		ws, _ = e.Sys().(syscall.WaitStatus)
	}
	return ws.Signaled() && ws.Signal() == syscall.SIGKILL
}

// A daemon that is told to end ends what it traces, and saves what is claimed. Who comes meanwhile gets another one.
func TestStop(t *testing.T) {
	p := newPlace(t, "FEIGN_BIN")
	start := func(script string) (wait func() error) {
		cmd := p.run(": >a; chown 5:6 a; " + script + "; : >ready; while :; do sleep 0.01; done")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		awaitFile(t, p.dir+"/ready")
		os.Remove(p.dir + "/ready")
		return cmd.Wait
	}
	for _, tt := range []struct {
		script string
		signal syscall.Signal
	}{
		{":", syscall.SIGTERM},
		{"trap '' TERM", syscall.SIGKILL}, // after two seconds
	} {
		wait := start(tt.script)
		if out := p.output(p.command("state", "stop", "state")); !strings.Contains(out, "the daemon has ended") {
			t.Errorf("%q", out)
		}
		err := wait()
		var ws syscall.WaitStatus
		if e, ok := err.(*exec.ExitError); ok {
			ws, _ = e.Sys().(syscall.WaitStatus)
		}
		if !ws.Signaled() || ws.Signal() != tt.signal {
			t.Errorf("%s: %v", tt.script, err)
		}
		if p.daemon() != 0 {
			t.Error("the daemon is there")
		}
		if out := p.output(p.run("stat -c %u:%g a")); out != "5:6\n" {
			t.Errorf("%q", out)
		}
	}
	// SIGTERM is the same.
	wait := start(":")
	if err := syscall.Kill(p.daemon(), syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	_ = wait()
	p.awaitNoDaemon()
}

func awaitFile(t *testing.T, name string) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		if _, err := os.Stat(name); err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatal(name, "does not come")
		}
	}
}
