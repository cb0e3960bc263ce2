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
//
// A thread reports its events in their order, and none but that of the child can come next for one that has just made a
// child. So a thread that reports anything else, when it is interrupted for the purpose, did not make this one; nor did
// one that is gone.
type embryo struct {
	status   unix.WaitStatus // of its first stop, in which it waits
	ppid     int             // whose child it is now
	suspects map[int]bool    // threads that may have made it
	widened  bool            // suspects are the siblings
}

// embryo handles the first stop of a tracee that is not known yet.
func (tr *Tracer) embryo(ch change) {
	if tr.killed.Load() {
		unix.Kill(ch.tid, unix.SIGKILL)
	}
	tgid, ppid := family(ch.tid)
	e := &embryo{status: ch.status, ppid: ppid, suspects: make(map[int]bool)}
	tr.embryos[ch.tid] = e
	if tgid != ch.tid {
		return // a thread dies with the one that made it
	}
	for _, thread := range parentThreads(ppid, ch.tid) {
		tr.suspect(e, tr.threads[thread])
	}
	tr.judge(ch.tid, e)
}

func (tr *Tracer) suspect(e *embryo, t *Thread) {
	if t != nil {
		e.suspects[t.Tid] = true
		t.request(unix.PTRACE_INTERRUPT, 0, 0)
	}
}

// disown is called when t is gone, or reports something else than a new child.
func (tr *Tracer) disown(t *Thread) {
	for tid, e := range tr.embryos {
		if e.suspects[t.Tid] {
			delete(e.suspects, t.Tid)
			tr.judge(tid, e)
		}
	}
}

// judge decides about an embryo when no suspect is left. It may have been made with CLONE_PARENT, by a sibling, before it
// is an orphan.
func (tr *Tracer) judge(tid int, e *embryo) {
	if len(e.suspects) == 0 && !e.widened {
		e.widened = true
		for _, t := range tr.threads {
			if _, ppid := family(t.Tgid); ppid == e.ppid {
				tr.suspect(e, t)
			}
		}
	}
	if len(e.suspects) == 0 {
		tr.bornOrphan(tid)
	}
}

// bornOrphan is born for a child whose parent is dead, most probably the last one that died. What the two shared is not
// known; scratch memory that was the parent's is given up.
func (tr *Tracer) bornOrphan(tid int) {
	stand := Thread{Tid: tr.root, Tgid: tr.root, tracer: tr, space: newAddressSpace(), lost: true}
	dead := tr.dead
	if dead == nil {
		dead = tr.threads[tr.root]
	}
	if dead != nil {
		stand.Tid, stand.Tgid, stand.Data, stand.confined = dead.Tid, dead.Tgid, dead.Data, dead.confined
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

// parentThreads returns the thread of process ppid whose child tid is (proc_tid_children(5)), or all of its threads where
// that cannot be told, for want of CONFIG_PROC_CHILDREN.
func parentThreads(ppid, tid int) []int {
	dir := fmt.Sprintf("/proc/%d/task/", ppid)
	tasks, err := os.ReadDir(dir)
	if err != nil {
		return []int{ppid}
	}
	var threads []int
	for _, task := range tasks {
		thread, _ := strconv.Atoi(task.Name())
		threads = append(threads, thread)
		children, err := os.ReadFile(dir + task.Name() + "/children")
		if err != nil {
			continue
		}
		for child := range bytes.FieldsSeq(children) {
			if string(child) == strconv.Itoa(tid) {
				return []int{thread}
			}
		}
	}
	return threads
}
