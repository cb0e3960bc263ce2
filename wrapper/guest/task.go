package guest

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// A task is a traced thread with its faked identity.
type task struct {
	thread *ptlib.Thread
	cred   *cred.Cred // immutable; replaced when it changes
	fs     *fsContext
	proc   *process
	nice   niceness

	filtered uint8        // which of the Kernel's further filters the thread has
	places   [2]vfs.Place // where the paths of the present call lead, if they are looked at
	readOnly bool         // the first of them leads to where nothing may be changed
	follows  bool         // a link at the end of the present call's path is followed, though it does not say so
	named    string       // the first of them, as the call has it
	near     bool         // finds the files that the tracer finds, and is shown the same of them; see isNear
	plan     *execPlan    // what the present execve(2) executes, if it is not what the call says
	held     []*os.File   // files of the tracer that its present call names

	retry retry // of calls that a mode was in the way of

	withoutStatx bool // calls of ours make do without statx(2); see lacksStatx
}

// Bits of task.filtered.
const (
	filteredDropped = 1 << iota
	filteredIDs
	filteredPassing
	filteredPaths
	filteredNodes
)

// fsContext is what CLONE_FS shares, as far as it is faked.
type fsContext struct {
	// umaskHidden are the owner's bits of the umask that the action set. Files made with them would be of no use to
	// the action, which is not really root, so the real umask lacks them.
	umaskHidden uint32
	// root is the root directory, a virtual path of the Kernel's namespace; "" where paths are not looked at.
	root string
}

// process is what the threads of one process share.
type process struct {
	undumpable bool   // the action set PR_SET_DUMPABLE to 0
	name       string // of the program; "" until somebody asks

	program vfs.Place // the program's file, where the kernel knows another one; see execPlan
}

func taskOf(t *ptlib.Thread) *task { return t.Data.(*task) }

// Syscall implements ptlib.Handler.
func (k *Kernel) Syscall(c *ptlib.Call) {
	k.settleWrites()
	h, t := k.table[c.Sys], taskOf(c.Thread)
	if t.viewed() {
		k.syscallViewed(t, c, h)
		return
	}
	if h == nil {
		k.undecided(c)
		return
	}
	h(k, t, c)
}

// undecided is a call that stopped though no row asked for it: one of a number that no table knows.
func (k *Kernel) undecided(c *ptlib.Call) {
	if k.config.Strict && k.err == nil {
		k.err = fmt.Errorf("system call %v of process %d: nobody has decided what it means for the lies (run without strict to refuse it)", c.Sys, c.Thread.Tgid)
		c.Thread.Tracer().Kill()
	}
	c.Fail(unix.ENOSYS)
}

// Refused implements ptlib.Handler.
func (k *Kernel) Refused(t *ptlib.Thread, abi ptlib.ABI, nr int) {
	k.tell(fmt.Sprintf("process %d: system call %#x of the %v ABI: not supported (use a 64-bit or i386 program)", t.Tgid, nr, abi))
}

// Fork implements ptlib.Handler: a child starts with its parent's identity (kernel/cred.c, copy_creds).
func (k *Kernel) Fork(parent, child *ptlib.Thread, flags ptlib.CloneFlags) {
	p := taskOf(parent)
	t := &task{thread: child, cred: p.cred, fs: p.fs, proc: p.proc, nice: p.nice, filtered: p.filtered, near: p.near, withoutStatx: p.withoutStatx}
	if !flags.Has(unix.CLONE_FS) {
		fs := *p.fs
		t.fs = &fs
	}
	if !flags.Has(unix.CLONE_THREAD) {
		proc := *p.proc
		t.proc = &proc
	}
	child.Data = t
}

// Exit implements ptlib.Handler.
func (k *Kernel) Exit(t *ptlib.Thread, _ unix.WaitStatus) {
	k.settleWrites()
	taskOf(t).letGo()
	k.left(t)
}

// start makes the task of the action's first process.
func (k *Kernel) start(t *ptlib.Thread) *task {
	first := &task{thread: t, cred: k.firstCred(), fs: &fsContext{}, proc: &process{}, near: k.real == nil && isNear(t.Tid), withoutStatx: k.withoutStatx}
	if k.pathPolicy() {
		first.fs.root, first.filtered = "/", filteredPaths // the first filter selects paths too
		first.plan = k.first
	}
	t.Data = first
	return first
}

// filter puts a further filter into the task at the end of a call, once.
func (k *Kernel) filter(t *task, c *ptlib.Call, f furtherFilter) unix.Errno {
	return k.filterBy(t, c, f, func(filter *ptlib.Filter) ([]*ptlib.Thread, error) { return nil, c.AddFilter(filter) })
}

// filterAll is filter for all threads of the task's process, which share what the filter is about.
func (k *Kernel) filterAll(t *task, c *ptlib.Call, f furtherFilter) unix.Errno {
	return k.filterBy(t, c, f, c.AddFilterToProcess)
}

// filterBy adds a further filter to the task, and to the others that add returns.
func (k *Kernel) filterBy(t *task, c *ptlib.Call, f furtherFilter, add func(*ptlib.Filter) (others []*ptlib.Thread, err error)) unix.Errno {
	if t.filtered&f.bit != 0 {
		return 0
	}
	filter, err := f.compile()
	var others []*ptlib.Thread
	if err == nil {
		others, err = add(filter)
	}
	if err != nil {
		k.tell(fmt.Sprintf("process %d: %v (the call %v is refused)", c.Thread.Tgid, err, c.Sys))
		return unix.EPERM
	}
	t.filtered |= f.bit
	for _, o := range others {
		taskOf(o).filtered |= f.bit
	}
	return 0
}
