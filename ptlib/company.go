package ptlib

import (
	"time"

	"golang.org/x/sys/unix"
)

// A company keeps the tracer and its tracee on one processor while they take turns.
//
// At a stop one of the two waits until the other has done, so one processor serves both. But each wakes the other while
// it still runs itself, and then the kernel chooses an idle processor for the one that is woken (kernel/sched/fair.c,
// select_idle_sibling). Waking that processor takes longer than all the rest of the stop; on a virtual machine, where the
// interrupt that does it is the hypervisor's business, ten times as long. So the tracer binds itself to the processor that
// it is on, and a tracee that it lets go to the same one, for the moment of waking up only: as soon as it is awake, it
// may run wherever it might before, and the kernel's balancing goes on.
//
// That is right as long as one tracee runs at a time. Where several do, each keeps to a processor without our help, and the
// tracer is woken on that of the one that stops, if it is not bound.
type company struct {
	all    unix.CPUSet // the tracer's own
	home   unix.CPUSet // one of them, while bound
	cpu    int         // that one
	bound  bool
	since  time.Time
	usable bool

	last  int // the thread that was let go last
	crowd int // how much speaks for several tracees running at once
	held  bool
	own   unix.CPUSet // processors of the one that is held
}

const (
	// crowdFew is how much has to speak for a crowd before the tracer believes it: after a fork(2) two run for a moment,
	// until the parent waits for its child. crowdMany is how much it may remember.
	crowdFew, crowdMany = 2, 4

	// companyTerm is how long the tracer stays on one processor before it lets the kernel choose again: another program
	// may have come to this one meanwhile. A tracee that seldom stops is never kept.
	companyTerm = 4 * time.Millisecond
)

// start takes note of the processors that there are. It is called on the tracer's thread, as everything here is.
func (c *company) start() {
	// A mask that does not fit, of more than a thousand processors, is an error.
	c.usable = unix.SchedGetaffinity(0, &c.all) == nil && c.all.Count() > 1
}

// leave gives the tracer back its processors.
func (c *company) leave() {
	if c.bound {
		c.bound = false
		_ = unix.SchedSetaffinity(0, &c.all) // fails only if none of them is left; then the kernel has chosen others
	}
}

// stopped learns that a thread stopped, and decides whether the tracer stays with it. A thread that is new says nothing
// about a crowd: that its parent still runs is only natural.
func (c *company) stopped(tid int, isNew bool) {
	if !c.usable {
		return
	}
	if tid != c.last && !isNew && isRunning(c.last) {
		c.crowd = min(c.crowd+1, crowdMany)
	} else {
		c.crowd = max(c.crowd-1, 0)
	}
	switch {
	case !c.bound && c.crowd == 0:
		c.bind(currentCPU())
	case c.bound && c.crowd >= crowdFew:
		c.crowd = crowdMany
		c.leave()
	case c.bound && time.Since(c.since) > companyTerm:
		c.leave()
	}
}

// meet makes way for a call about processors: it is made on the thread's own. And since one may change another thread's,
// nobody is held for a while.
func (c *company) meet(t *Thread, call Sys) {
	switch call {
	case SysSchedGetaffinity:
		t.roams = true
	case SysSchedSetaffinity:
		t.roams = true
		c.leave()
		c.crowd = crowdMany
	}
}

func (c *company) bind(cpu int) {
	if cpu < 0 || !c.all.IsSet(cpu) {
		return
	}
	var one unix.CPUSet
	one.Set(cpu)
	if unix.SchedSetaffinity(0, &one) == nil {
		c.home, c.cpu, c.bound, c.since = one, cpu, true, time.Now()
	}
}

// hold makes a thread that is about to be let go wake up here, and letGo, when it is awake, lets it run where it likes.
func (c *company) hold(t *Thread) {
	c.last, c.held = t.Tid, false
	if !c.bound || t.roams {
		t.roams = false
		return
	}
	if unix.SchedGetaffinity(t.Tid, &c.own) != nil || c.own == c.home {
		return
	}
	if !c.own.IsSet(c.cpu) {
		c.leave()
		return
	}
	c.held = unix.SchedSetaffinity(t.Tid, &c.home) == nil
}

func (c *company) letGo(t *Thread) {
	if c.held {
		_ = unix.SchedSetaffinity(t.Tid, &c.own) // it may be dead already
	}
}

// born gives a new thread the processors of its parent: the parent may have made it in the moment of waking up.
func (c *company) born(parent, child int) {
	var its, own unix.CPUSet
	if c.usable && unix.SchedGetaffinity(child, &its) == nil && its.Count() == 1 &&
		unix.SchedGetaffinity(parent, &own) == nil && its != own {
		_ = unix.SchedSetaffinity(child, &own)
	}
}

// isRunning reports whether a thread is running or ready to.
func isRunning(tid int) bool { return stateOf(tid) == 'R' }
