package ptlib

import (
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// tortureRounds is how many rounds TestTorture is to do, instead of a few, as the variable TORTURE says.
func tortureRounds() int {
	n, err := strconv.Atoi(os.Getenv("TORTURE"))
	if err != nil {
		return 0
	}
	return n
}

// A torturer makes random programs, in which processes and threads do everything at once. A process ends by itself at the
// latest when its alarm clock rings, and those that nobody waits for are left to the first process.
type torturer struct {
	*script
	rnd     *rand.Rand
	targets []uint64 // names of programs to execute
	left    int      // processes that may still be made
}

// body is what one process does.
func (s *torturer) body(depth int) {
	s.clock()
	for range 1 + s.rnd.IntN(4) {
		s.step(depth)
	}
}

// clock ends the process a little later, whatever it is about.
func (s *torturer) clock() {
	s.call(SysSetitimer, 0, s.words(0, 0, 0, uint64(20000+s.rnd.IntN(60000))), 0)
}

func (s *torturer) step(depth int) {
	switch s.rnd.IntN(9) {
	case 0, 1:
		s.times(1+s.rnd.IntN(12), s.getuid)
	case 2:
		s.call(SysNanosleep, s.words(0, uint64(s.rnd.IntN(2e6))), 0)
	case 3:
		s.call(SysKill, 0, 0)
		s.call(SysSchedYield)
	case 4:
		s.thread()
	default:
		s.process(depth)
	}
}

// process makes a child, and perhaps waits for one.
func (s *torturer) process(depth int) {
	if depth == 0 || s.left == 0 {
		s.getuid()
		return
	}
	s.left--
	child := func() {
		s.body(depth - 1)
		s.end()
	}
	sigchld := uint64(unix.SIGCHLD)
	switch s.rnd.IntN(6) {
	case 0:
		s.call(SysFork)
		s.ifZero(child)
	case 1:
		s.call(SysVfork)
		s.ifZero(func() {
			s.clock()
			s.getuid()
			s.end()
		})
	case 2:
		s.clone(sigchld, child)
	case 3:
		s.clone(unix.CLONE_VM|sigchld, child)
	case 4:
		s.clone(unix.CLONE_PARENT|sigchld, child)
	case 5:
		s.clone(unix.CLONE_VM|unix.CLONE_VFORK|sigchld, child)
	}
	if s.rnd.IntN(2) == 0 {
		s.call(SysWait4, ^uint64(0), 0, unix.WALL, 0)
	}
}

// thread makes a thread, which may end or replace the whole process.
func (s *torturer) thread() {
	s.clone(cloneThread, func() {
		s.times(1+s.rnd.IntN(20), s.getuid)
		switch s.rnd.IntN(4) {
		case 0:
			s.end()
		case 1:
			s.call(SysPause)
		}
		s.call(SysExit, 0)
	})
	if s.rnd.IntN(4) == 0 {
		s.times(1+s.rnd.IntN(10), s.getuid)
		s.call(SysExit, 0) // the leader, before the others
	}
}

// end is the end of a process, or of its program.
func (s *torturer) end() {
	switch s.rnd.IntN(4) {
	case 0:
		s.call(SysExecve, s.targets[s.rnd.IntN(len(s.targets))], s.words(s.str("x"), 0), 0)
	case 1:
		s.call(SysPause)
	case 2:
		s.call(SysKill, 0, 0)
	}
	s.exit(0)
}

// tortureScript is the program of one round. Its first process stops, continues and kills its children while they work,
// and waits for whatever is left of them.
//
// It continues them to the end: a thread that has taken SIGSTOP, and is killed by an execve(2) of another while its tracer
// is told of the signal, puts it back into the queue (kernel/signal.c, ptrace_signal), where a SIGCONT that came meanwhile
// does not find it. So the new program stops, though it was continued last.
func tortureScript(rnd *rand.Rand, targets []string) *script {
	s := &torturer{script: newScript(ABIAMD64), rnd: rnd, left: 25}
	for _, path := range targets {
		s.targets = append(s.targets, s.str(path))
	}
	s.want(0, SysPrctl, unix.PR_SET_CHILD_SUBREAPER, 1)
	var children []int
	for range 4 {
		children = append(children, s.call(SysFork))
		s.ifZero(func() {
			s.body(3)
			s.end()
		})
	}
	for range 10 {
		child := children[rnd.IntN(len(children))]
		s.call(SysNanosleep, s.words(0, uint64(rnd.IntN(1e6))), 0)
		switch rnd.IntN(3) {
		case 0:
			s.callWith(0, child, SysKill, 0, uint64(unix.SIGKILL))
		default:
			s.callWith(0, child, SysKill, 0, uint64(unix.SIGSTOP))
			s.getuid()
			s.callWith(0, child, SysKill, 0, uint64(unix.SIGCONT))
		}
	}
	top := s.next()
	for _, child := range children {
		s.callWith(0, child, SysKill, 0, uint64(unix.SIGCONT))
	}
	s.call(SysNanosleep, s.words(0, 5e6), 0)
	s.call(SysWait4, ^uint64(0), 0, unix.WALL|unix.WNOHANG, 0)
	s.add(opAdd, s.at(len(s.entries)-1, 7), 10) // ECHILD
	s.add(opCopy, s.at(len(s.entries), 7), s.at(len(s.entries)-2, 7))
	s.ifZero(func() { s.exit(0) })
	s.add(opJump, top)
	return s.script
}

// frng-1: rounds of processes and threads that are born, stopped, killed and replaced at random moments, some of them by
// the tracer in the middle of its own calls, without a leak, a hang or a zombie.
func TestTorture(t *testing.T) {
	rounds := max(10, tortureRounds())
	var targets []string
	for _, abi := range tracedABIs {
		s := newScript(abi)
		s.times(5, s.getuid)
		s.exit(0)
		targets = append(targets, s.write(t))
	}
	before := resources(t)
	seed := rand.Uint64()
	var stats Stats
	for round := range rounds {
		rnd := rand.New(rand.NewPCG(seed, uint64(round)))
		b := newBusy(t)
		murders := rnd.IntN(2) == 0
		kill := func(c *Call) {
			if murders && rnd.IntN(60) == 0 && c.Thread.Tgid != c.Thread.Tracer().root {
				unix.Kill(c.Thread.Tgid, unix.SIGKILL)
			}
		}
		b.before = kill
		b.hooks.call = func(c *Call) {
			kill(c)
			c.Then(func(c *Call) { kill(c) })
		}
		rules := stops(SysGetuid, SysExecve, SysKill, SysWait4, SysNanosleep, SysClone)
		rules[0].Do = StopContested
		tt := &trial{rules: rules, filter: FilterOptions{Outranked: rnd.IntN(2) == 0}, handler: b}
		tt.succeed(t, tortureScript(rnd, targets).write(t))
		b.finish()
		stats.Threads += tt.tracer.Stats().Threads
		stats.Stops += tt.tracer.Stats().Stops
		if t.Failed() {
			t.Fatalf("round %d of seed %d", round, seed)
		}
	}
	t.Logf("%d rounds, %d threads, %d stops", rounds, stats.Threads, stats.Stops)
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) { // what is garbage is not closed at once
		after := resources(t)
		if after.files <= before.files && after.tasks <= before.tasks+8 && after.heap <= before.heap+4<<20 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("before %+v, after %+v", before, after)
		}
	}
}

// usage is what this process holds.
type usage struct{ files, tasks, heap int }

func resources(t *testing.T) usage {
	t.Helper()
	count := func(dir string) int {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{count("/proc/self/fd"), count("/proc/self/task"), int(m.HeapAlloc)}
}

// Death in the middle of a call of the tracer's, of a process with one thread and with several.
func TestDeathInInjection(t *testing.T) {
	for name, threads := range map[string]int{"alone": 0, "with threads": 3} {
		t.Run(name, func(t *testing.T) {
			eachABI(t, func(t *testing.T, abi ABI) {
				s := newScript(abi)
				s.times(20, func() {
					s.call(SysFork)
					s.ifZero(func() {
						var joins []int
						for range threads {
							s.clone(cloneThread, func() { joins = append(joins, s.add(opJump)) })
						}
						top := s.next()
						for _, join := range joins {
							s.entries[join][1] = top
						}
						s.getuid()
						s.add(opJump, top)
					})
					s.wait(uint64(unix.SIGKILL))
				})
				s.exit(0)
				b := newBusy(t)
				n := 0
				b.before = func(c *Call) {
					if n++; n%7 == 0 {
						unix.Kill(c.Thread.Tgid, unix.SIGKILL)
					}
				}
				tt := &trial{rules: stops(SysGetuid), handler: b}
				tt.succeed(t, s.write(t))
				b.finish()
			})
		})
	}
}
