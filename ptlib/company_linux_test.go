package ptlib

import (
	"fmt"
	"math/bits"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// processors returns a thread's own, 0 for the calling one.
func processors(t testing.TB, tid int) (set unix.CPUSet) {
	t.Helper()
	if err := unix.SchedGetaffinity(tid, &set); err != nil {
		t.Fatal(err)
	}
	return set
}

// isBound reports whether a term is on.
func isBound(c *company) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bound
}

// needTwo skips where the tracer has only one processor to choose from: nothing is chosen then.
func needTwo(t testing.TB) unix.CPUSet {
	t.Helper()
	all := processors(t, 0)
	if all.Count() < 2 {
		t.Skip("one processor")
	}
	return all
}

func init() {
	victims["processors"] = victimProcessors
	victims["spin"] = func([]string) int {
		tellThread()
		for i := 0; i >= 0; i++ { // for some hundred years
		}
		return 0
	}
	victims["doze"] = func([]string) int {
		tellThread()
		_ = unix.Pause()
		return 0
	}
}

// tellThread stays on this thread and prints its id.
func tellThread() {
	runtime.LockOSThread()
	fmt.Println(unix.Gettid())
}

// victimProcessors stops many times and sees whether it has the processors that it had: all of them first, its new threads
// too, and then only the last one.
func victimProcessors([]string) int {
	runtime.LockOSThread()
	var own unix.CPUSet
	if err := unix.SchedGetaffinity(0, &own); err != nil {
		fmt.Println(err)
		return 1
	}
	for phase := range 2 {
		for i := range 200 {
			for range 10 { // to look at processors is to leave the company, for a few stops
				unix.Getuid()
			}
			// (The runtime makes threads from one that nobody has changed.)
			if got := ownProcessors(phase == 0 && i%50 == 0); got != own {
				fmt.Printf("round %d: processors %x, want %x\n", i, got[0], own[0])
				return 1
			}
		}
		last := len(own)*bits.UintSize - 1
		for !own.IsSet(last) {
			last--
		}
		own.Zero()
		own.Set(last)
		if err := unix.SchedSetaffinity(0, &own); err != nil {
			fmt.Println(err)
			return 1
		}
	}
	return 0
}

// ownProcessors are those of the calling thread, or of a new one that it makes.
func ownProcessors(ofNewThread bool) (set unix.CPUSet) {
	if !ofNewThread {
		_ = unix.SchedGetaffinity(0, &set)
		return set
	}
	done := make(chan unix.CPUSet)
	go func() {
		runtime.LockOSThread() // and so it ends with the goroutine
		done <- ownProcessors(false)
	}()
	return <-done
}

// What a tracee sees of its processors is its own, and the tracer's are what they were when it has done.
func TestCompanyIsNotSeen(t *testing.T) {
	all := needTwo(t)
	calls, bound := 0, 0
	tt := &trial{rules: stops(SysGetuid), handler: &hooks{call: func(c *Call) {
		company := &c.Thread.tracer.company
		if calls++; calls == 1 {
			company.mu.Lock()
			company.span = time.Hour // on a slow machine a stop takes longer than a term
			company.mu.Unlock()
		}
		if isBound(company) {
			bound++
		}
		if calls%100 == 0 && calls < 2000 {
			c.Thread.tracer.Disperse()
			if own := processors(t, c.Thread.Tid); own != all {
				t.Errorf("processors %x after Disperse", own[0])
			}
		}
		c.Answer(0)
	}}}
	tt.env = []string{victimVariable + "=processors"}
	tt.run(t, os.Args[0])
	if tt.err != nil || tt.status != 0 || calls != 4000 || bound < 1000 {
		t.Errorf("%v, status %x: %s; %d calls, %d in company", tt.err, tt.status, tt.stdout, calls, bound)
	}
	threads, _ := filepath.Glob("/proc/self/task/*")
	for _, dir := range threads {
		var tid int
		_, _ = fmt.Sscan(filepath.Base(dir), &tid)
		var own unix.CPUSet
		if unix.SchedGetaffinity(tid, &own) == nil && own != all {
			t.Errorf("thread %d has processors %x of %x", tid, own[0], all[0])
		}
	}
}

// childVictim starts a program of this one and returns the thread that it tells.
func childVictim(t *testing.T, name string) (tid int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	// A goroutine that is locked to its thread waits for another thread each time when it is preempted.
	cmd.Env = []string{victimVariable + "=" + name, "GODEBUG=asyncpreemptoff=1"}
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if _, err := fmt.Fscan(stdout, &tid); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); isRunning(tid) != (name == "spin"); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("thread %d does not %s", tid, name)
		}
	}
	return tid
}

// The tracer stays with one that runs, changes over to one that runs after it, and leaves when several run at once.
func TestCompanyCrowd(t *testing.T) {
	all := needTwo(t)
	runtime.LockOSThread() // and never unlocked: its processors may be left changed
	var c company
	c.start()
	c.span = time.Hour
	defer c.leave()
	asleep, awake := childVictim(t, "doze"), childVictim(t, "spin")
	steps := []struct {
		name      string
		last, tid int
		bound     bool
	}{
		{"the first stop", 0, asleep, true},
		{"again", asleep, asleep, true},
		{"another, while that one waits", asleep, awake, true},
		{"another, while that one runs", awake, asleep, true},
		{"and once more", awake, asleep, false},
		{"one alone", asleep, asleep, false},
		{"one alone", asleep, asleep, false},
		{"one alone", asleep, asleep, false},
		{"for long enough", asleep, asleep, true},
	}
	for i, step := range steps {
		c.last = step.last
		c.stopped(step.tid, false)
		now := processors(t, 0)
		if isBound(&c) != step.bound || (now != all) != step.bound {
			t.Errorf("step %d, %s: bound %v with processors %x", i, step.name, isBound(&c), now[0])
		}
	}
	c.leave()
	c.span = time.Millisecond
	c.stopped(asleep, false)
	for end := time.Now().Add(patience); processors(t, 0) != all; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the term has no end")
		}
	}
}

// isRunning tells a thread that runs from one that waits and one that is gone.
func TestIsRunning(t *testing.T) {
	asleep, awake := childVictim(t, "doze"), childVictim(t, "spin")
	got := []bool{isRunning(awake), isRunning(asleep), isRunning(0), isRunning(-1)}
	if want := []bool{true, false, false, false}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
