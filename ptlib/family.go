package ptlib

import (
	"bytes"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// forkStop is the moment when t has made a child, which is traced already.
func (t *Thread) forkStop(event int) {
	t.tracer.stats.Requests++
	message, errno := ptraceEventMessage(t.Tid)
	if errno == 0 {
		t.tracer.born(t, int(message), t.cloneFlags(event))
	}
	t.resume(0)
}

// cloneFlags reads from the call in progress what the child shares.
func (t *Thread) cloneFlags(event int) CloneFlags {
	var info syscallInfo
	if t.load() == 0 {
		abi := t.regs.abi()
		args := t.regs.args(abi)
		switch sysOf(abi, t.regs.number()) {
		case SysClone:
			return CloneFlags(args[0])
		case SysClone3:
			// struct clone_args begins with the flags, 64 bits on every architecture.
			var flags [8]byte
			if t.ReadMemory(args[0], flags[:]) == 0 {
				return CloneFlags(nativeEndian.Uint64(flags[:]))
			}
		}
	}
	_ = info
	if event == unix.PTRACE_EVENT_VFORK {
		return CloneFlags(unix.CLONE_VFORK | unix.CLONE_VM)
	}
	return 0
}

// born makes the Thread of a new tracee. parent may be dead already.
func (tr *Tracer) born(parent *Thread, tid int, flags CloneFlags) {
	if tr.threads[tid] != nil {
		return
	}
	child := tr.newThread(tid)
	if flags.Has(unix.CLONE_THREAD) {
		child.Tgid = parent.Tgid
	}
	if flags.Has(unix.CLONE_VM) {
		child.space = parent.space.share()
	} else {
		child.space = parent.space.copy()
		child.slot = parent.slot
	}
	tr.handler.Fork(parent, child, flags)
	if tr.embryos[tid] {
		delete(tr.embryos, tid)
		child.resume(0)
	}
}

// adoptOrphans finds the tracees whose parent was killed before it could tell of them. A thread's events come before its
// exit, so whatever is still unknown when its possible parent is gone will never be announced.
func (tr *Tracer) adoptOrphans(dead *Thread) {
	for tid := range tr.embryos {
		tgid, ppid := family(tid)
		switch {
		case tgid != 0 && tgid != tid:
			if leader := tr.threads[tgid]; leader != nil && leader != dead {
				continue // its process lives: some other thread of it may yet announce the child
			}
			tr.born(dead, tid, unix.CLONE_THREAD|unix.CLONE_VM|unix.CLONE_FS|unix.CLONE_FILES|unix.CLONE_SIGHAND)
		case tr.threads[ppid] == nil || ppid == dead.Tgid && dead.Tid == dead.Tgid:
			tr.born(dead, tid, 0)
		}
	}
}

// family reads the thread group and the parent of a thread from /proc (proc_pid_status(5)), 0 if it is gone.
func family(tid int) (tgid, ppid int) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", tid))
	if err != nil {
		return 0, 0
	}
	for line := range bytes.Lines(status) {
		if v, ok := bytes.CutPrefix(line, []byte("Tgid:")); ok {
			tgid, _ = strconv.Atoi(string(bytes.TrimSpace(v)))
		}
		if v, ok := bytes.CutPrefix(line, []byte("PPid:")); ok {
			ppid, _ = strconv.Atoi(string(bytes.TrimSpace(v)))
		}
	}
	return tgid, ppid
}

// execStop is the moment when t has a new program. If another thread than the leader called execve(2), it has taken the
// leader's id, and the former leader vanished without a report.
func (t *Thread) execStop() {
	tr := t.tracer
	tr.stats.Requests++
	former := t
	if message, errno := ptraceEventMessage(t.Tid); errno == 0 && int(message) != t.Tid {
		if f := tr.threads[int(message)]; f != nil {
			former = f
			delete(tr.threads, f.Tid)
			t.phase, f.phase = f.phase, phaseFree
			t.call, t.saved = f.call, f.saved
			t.call.Thread = t
			f.space.release(f.slot)
		}
	}
	t.space.release(t.slot)
	t.space, t.slot = newAddressSpace(), 0
	t.held, t.stopAgain = t.held[:0], false
	tr.handler.Exec(t, former)
	t.resume(0)
}
