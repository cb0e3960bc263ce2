//go:build linux

package state

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// frng-10, ps-12: invocations that are started at once share one daemon, whoever of them starts it, and none is lost.
func TestManyAtOnce(t *testing.T) {
	p := newPlace(t, "FEIGN_DELAY_BIN")
	steps := p.logSteps(0)
	invocations := count("INVOCATIONS", 200)
	if err := os.Mkdir(p.dir+"/gate", 0o700); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range invocations {
		all.Go(func() {
			out := p.output(p.run(`: >f$1 && chown $1:7 f$1 && stat -c %u:%g f$1`, fmt.Sprint(i)))
			if want := fmt.Sprintf("%d:7\n", i); out != want {
				t.Errorf("%q, want %q", out, want)
			}
		})
	}
	all.Wait()
	p.awaitNoDaemon()
	list := steps()
	daemons, again := checkOne(t, list), howOften(list, "start over")
	t.Logf("%d invocations, %d daemons, %d beginnings", invocations, daemons, again)
	if again > 2*invocations {
		t.Errorf("%d invocations began %d times", invocations, again)
	}
	// All is known to the next.
	out := p.output(p.run(`stat -c %u:%g f*`))
	if got := strings.Count(out, ":7\n"); got != invocations {
		t.Errorf("%d of %d lies are left", got, invocations)
	}
}

func howOften(list []step, name string) (n int) {
	for _, s := range list {
		if s.name == name {
			n++
		}
	}
	return n
}

// frng-11: an invocation that starts exactly while the daemon leaves, with delays at every step of both sides. No invocation is
// lost, there is one daemon at any time, and nobody waits busily: neither by asking again and again, nor by the processor.
func TestStartWhileLeaving(t *testing.T) {
	rounds := count("ROUNDS", 1000)
	// One shell alone starts each invocation when the daemon of the last one is about to leave; two of them meet in all ways.
	for i, shells := range []int{1, 1, 2, 2} {
		t.Run(fmt.Sprintf("state-%d", i), func(t *testing.T) {
			t.Parallel()
			startWhileLeaving(t, shells, rounds/4)
		})
	}
}

func startWhileLeaving(t *testing.T, shells, rounds int) {
	p := newPlace(t, "FEIGN_DELAY_BIN")
	steps := p.logSteps(2 * time.Millisecond)
	var all sync.WaitGroup
	for shell := range shells {
		all.Go(func() {
			name := fmt.Sprintf("f%d", shell)
			was := "0"
			for round := range rounds / shells {
				// Each one begins when the one before has just ended, and sees what that has claimed.
				is := fmt.Sprint(round + 1)
				out := p.output(p.run(`[ -e $1 ] || : >$1; stat -c %u $1; chown $2 $1`, name, is))
				if out != was+"\n" {
					t.Errorf("%s, round %d: %q, want %q", name, round, out, was)
					return
				}
				was = is
			}
		})
	}
	all.Wait()
	p.awaitNoDaemon()
	list := steps()
	daemons, again := checkOne(t, list), howOften(list, "start over")
	used := map[int]time.Duration{} // by process; what is logged last counts
	for _, s := range list {
		used[s.pid] = max(used[s.pid], s.used)
	}
	var most, total time.Duration
	for _, d := range used {
		most, total = max(most, d), total+d
	}
	t.Logf("%d invocations of %d shells, %d daemons, %d beginnings; %v of processors, at most %v by one process",
		rounds, shells, daemons, again, total, most)
	if shells == 1 && daemons < rounds/4 {
		t.Errorf("only %d daemons: this has not tried what it is to try", daemons)
	}
	// Who meets a daemon that leaves begins again, once for each that leaves before it is served.
	if again > 3*rounds {
		t.Errorf("%d invocations began %d times", rounds, again)
	}
	// What a process does between its steps takes some milliseconds; to wait busily for the others would take far more.
	if average := total / time.Duration(len(used)); average > 100*time.Millisecond {
		t.Errorf("a process used %v on average", average)
	}
}
