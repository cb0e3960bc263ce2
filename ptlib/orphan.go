package ptlib

import (
	"bytes"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// An embryo is a new tracee that stopped before its parent's event told who it is. Usually that event is the next thing
// to be waited for. But a parent that is killed on its way there never tells, and its child becomes somebody else's.
type embryo struct {
	status unix.WaitStatus // of its first stop, in which it waits
	// parent is the thread whose child it is now. It is the one that made it, or one that inherited it.
	parent int
}

// embryo handles the first stop of a tracee that is not known yet.
//
// A thread reports its events in their order, and none but that of the child can come next for one that has just made a
// child. So a parent that reports anything else, when it is interrupted for the purpose, did not make this one.
func (tr *Tracer) embryo(ch change) {
	if tr.killed.Load() {
		unix.Kill(ch.tid, unix.SIGKILL)
	}
	tgid, ppid := family(ch.tid)
	e := &embryo{status: ch.status}
	tr.embryos[ch.tid] = e
	if tgid != ch.tid {
		return // a thread dies with the one that made it
	}
	e.parent = parentThread(ppid, ch.tid)
	parent := tr.threads[e.parent]
	if parent == nil {
		tr.bornOrphan(ch.tid)
		return
	}
	parent.request(unix.PTRACE_INTERRUPT, 0, 0)
}

// disown is called when t is gone, or reports something else than a new child: those that wait for it to tell of them
// were left by another thread, which is dead.
func (tr *Tracer) disown(t *Thread) {
	for tid, e := range tr.embryos {
		if e.parent == t.Tid {
			tr.bornOrphan(tid)
		}
	}
}

// bornOrphan is born for a child whose parent is dead, most probably the last one that died. What the two shared is not
// known; scratch memory that was the parent's is given up.
func (tr *Tracer) bornOrphan(tid int) {
	stand := Thread{Tid: tr.root, Tgid: tr.root, tracer: tr, space: newAddressSpace()}
	dead := tr.dead
	if dead == nil {
		dead = tr.threads[tr.root]
	}
	if dead != nil {
		stand.Tid, stand.Tgid, stand.Data = dead.Tid, dead.Tgid, dead.Data
	}
	tr.born(&stand, tid, 0)
}

// family returns the thread group and the parent of a thread, 0 if it is gone.
func family(tid int) (tgid, ppid int) {
	status := readStatus(strconv.Itoa(tid))
	return status.number("Tgid:"), status.number("PPid:")
}

// tracerOf returns who traces a process, 0 for nobody.
func tracerOf(pid string) int { return readStatus(pid).number("TracerPid:") }

// status is the text of proc_pid_status(5).
type status []byte

func readStatus(pid string) status {
	text, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return nil // it is gone
	}
	return text
}

func (s status) number(key string) int {
	for line := range bytes.Lines(s) {
		if v, ok := bytes.CutPrefix(line, []byte(key)); ok {
			n, _ := strconv.Atoi(string(bytes.TrimSpace(v)))
			return n
		}
	}
	return 0
}

// parentThread returns the thread of process ppid whose child tid is (proc_tid_children(5)); without CONFIG_PROC_CHILDREN
// its leader.
func parentThread(ppid, tid int) int {
	dir := fmt.Sprintf("/proc/%d/task", ppid)
	threads, err := os.ReadDir(dir)
	if err != nil || len(threads) == 1 {
		return ppid
	}
	for _, thread := range threads {
		children, err := os.ReadFile(dir + "/" + thread.Name() + "/children")
		if err != nil {
			continue
		}
		for child := range bytes.FieldsSeq(children) {
			if string(child) == strconv.Itoa(tid) {
				parent, _ := strconv.Atoi(thread.Name())
				return parent
			}
		}
	}
	return ppid
}
