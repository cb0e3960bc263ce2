package ptlib

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A company keeps the tracer and its tracee on one processor while they take turns.
//
// At a stop one of the two waits until the other has done, so one processor serves both. But each wakes the other while
// it still runs itself, and then the kernel chooses an idle processor for the one that is woken (kernel/sched/fair.c,
// select_idle_sibling). Waking that processor takes longer than all the rest of the stop; on a virtual machine, where the
// interrupt that does it is the hypervisor's business, ten times as long. So for a term the tracer binds itself to the
// processor that it is on, and so it does a tracee that it lets go. Their own processors are given back at the end of the
// term, whether somebody stops or not, and before anybody looks.
//
// That is right as long as one tracee runs at a time. Where several do, each keeps to a processor without our help, and the
// tracer is woken on that of the one that stops, if it is not bound.
type company struct {
	usable bool
	span   time.Duration // of a term

	mu      sync.Mutex  // what follows; a term ends in a goroutine of its own
	all     unix.CPUSet // the tracer's own processors
	home    unix.CPUSet // one of them, while bound
	cpu     int         // that one
	tracer  int         // the tracer's thread
	bound   bool
	since   time.Time // when it was bound
	members []*Thread // those that are bound too; some may be gone
	watch   *time.Timer
	watched bool // watch is running
	last    int  // the thread that was let go last
	crowd   int  // how much speaks for several tracees running at once
}

// companion is what a company knows of a thread.
type companion struct {
	kept bool        // it is bound to the tracer's processor
	own  unix.CPUSet // where it may run otherwise
}

const (
	// crowdFew is how much has to speak for a crowd before the tracer believes it: after a fork(2) two run for a moment,
	// until the parent waits for its child. crowdMany is how much it may remember.
	crowdFew, crowdMany = 2, 4

	// companyTerm is how long the tracer stays on one processor before it lets the kernel choose again: another program
	// may have come to this one meanwhile.
	companyTerm = 4 * time.Millisecond

	// companyTerms is how many terms it takes until somebody looks whether the tracee has found other work than to stop. To wake one
	// of the runtime's threads for that costs more than a stop; but until then two that have found it may share one processor.
	companyTerms = 2
)

// start takes note of the processors that there are. It is called on the tracer's thread.
func (c *company) start() {
	// A mask that does not fit, of more than a thousand processors, is an error.
	c.usable = unix.SchedGetaffinity(0, &c.all) == nil && c.all.Count() > 1
	c.tracer, c.span = unix.Gettid(), companyTerm
}

// leave ends a term, if there is one: everybody gets back what is theirs. It is called from any goroutine.
func (c *company) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.scatter()
	if c.watched {
		c.watch.Stop()
		c.watched = false
	}
}

// scatter ends a term, with mu held.
func (c *company) scatter() {
	if !c.bound {
		return
	}
	c.bound = false
	// It fails only if none of them is left; then the kernel has chosen others.
	_ = unix.SchedSetaffinity(c.tracer, &c.all)
	for _, t := range c.members {
		var now unix.CPUSet
		// Somebody else may have changed it meanwhile, who then knows better.
		if t.kept && unix.SchedGetaffinity(t.Tid, &now) == nil && now == c.home {
			_ = unix.SchedSetaffinity(t.Tid, &t.own)
		}
		t.kept = false
	}
	clear(c.members)
	c.members = c.members[:0]
}

// stopped learns that a thread stopped, and decides whether the tracer stays with it. A thread that is new says nothing
// about a crowd: that its parent still runs is only natural.
func (c *company) stopped(tid int, isNew bool) {
	if !c.usable {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
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
		c.scatter()
	case c.bound && time.Since(c.since) > c.span:
		c.scatter()
	}
}

// bind begins a term.
func (c *company) bind(cpu int) {
	if cpu < 0 || !c.all.IsSet(cpu) {
		return
	}
	c.home.Zero()
	c.home.Set(cpu)
	if unix.SchedSetaffinity(0, &c.home) != nil {
		return
	}
	c.cpu, c.bound, c.since = cpu, true, time.Now()
	if !c.watched {
		c.watchFor(companyTerms * c.span)
	}
}

// watchFor sees to it that silence calls silent.
func (c *company) watchFor(silence time.Duration) {
	c.watched = true
	if c.watch == nil {
		c.watch = time.AfterFunc(silence, c.silent)
	} else {
		c.watch.Reset(silence)
	}
}

// silent ends a term in which nobody has stopped for long. It is called in a goroutine of its own.
func (c *company) silent() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watched = false
	if left := companyTerms*c.span - time.Since(c.since); c.bound && left > 0 {
		c.watchFor(left)
	} else {
		c.scatter()
	}
}

// keep binds a thread that is about to be let go.
func (c *company) keep(t *Thread) {
	if !c.usable {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = t.Tid
	switch {
	case !c.bound || t.kept || unix.SchedGetaffinity(t.Tid, &t.own) != nil || t.own == c.home:
	case !t.own.IsSet(c.cpu):
		c.scatter()
	case unix.SchedSetaffinity(t.Tid, &c.home) == nil:
		c.join(t)
	}
}

func (c *company) join(t *Thread) {
	t.kept = true
	c.members = append(c.members, t)
}

// born is told of a new thread, which began with its parent's processors.
func (c *company) born(parent, child *Thread) {
	if !c.usable {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if parent.kept {
		child.own = parent.own
		c.join(child)
		return
	}
	// The parent may have been let out of the company only after it had made the child.
	var its, own unix.CPUSet
	if unix.SchedGetaffinity(child.Tid, &its) == nil && its.Count() == 1 &&
		unix.SchedGetaffinity(parent.Tid, &own) == nil && its != own {
		_ = unix.SchedSetaffinity(child.Tid, &own)
	}
}

// replaced is told that the leader t is what f was until now.
func (c *company) replaced(t, f *Thread) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept := f.kept
	t.own, t.kept, f.kept = f.own, false, false
	if kept {
		c.join(t)
	}
}

// gone is told of the end of a thread, whose id may be somebody else's from now on.
func (c *company) gone(t *Thread) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t.kept = false
}

// meet makes way for a call about processors: everybody has their own ones when it is made.
func (c *company) meet(call Sys) {
	if call == SysSchedGetaffinity || call == SysSchedSetaffinity {
		c.disperse()
	}
}

// disperse is leave, and nobody is kept for the next few stops.
func (c *company) disperse() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.scatter()
	c.crowd = crowdMany
}

// isRunning reports whether a thread is running or ready to.
func isRunning(tid int) bool { return stateOf(tid) == 'R' }

// Disperse gives every tracee its own processors back, for a while: the tracer keeps a tracee that stops often on the
// processor that it is on itself. A Handler calls it before it looks where a tracee may run (Cpus_allowed in
// proc_pid_status(5)). The calls by which a tracee asks see what is its own anyway.
func (tr *Tracer) Disperse() { tr.company.disperse() }
