package ptlib

import (
	"golang.org/x/sys/unix"
)

func isForkEvent(event int) bool {
	return event == unix.PTRACE_EVENT_FORK || event == unix.PTRACE_EVENT_VFORK || event == unix.PTRACE_EVENT_CLONE
}

// forked is the moment when t has made a child, which is traced already.
func (t *Thread) forked(event int) {
	t.tracer.stats.Requests++
	message, errno := ptraceEventMessage(t.Tid)
	if errno != 0 {
		return
	}
	flags, ok := t.cloneFlags()
	if !ok && event == unix.PTRACE_EVENT_VFORK {
		flags = unix.CLONE_VFORK | unix.CLONE_VM
	}
	t.tracer.born(t, int(message), flags)
}

// cloneFlags reads from the call in progress what the child shares; ok is false for calls that have no flags.
func (t *Thread) cloneFlags() (flags CloneFlags, ok bool) {
	if t.load() != 0 {
		return 0, false
	}
	abi := t.forkABI()
	args := t.argsInCall(abi)
	switch sysOf(abi, t.regs.number()) {
	case SysClone:
		return CloneFlags(args[0]), true
	case SysClone3:
		flags, errno := t.readCloneFlags(args[0])
		return flags, errno == 0
	}
	return 0, false
}

// born makes the Thread of a new tracee.
func (tr *Tracer) born(parent *Thread, tid int, flags CloneFlags) {
	if tr.threads[tid] != nil {
		return
	}
	if unix.Kill(tid, 0) == unix.ESRCH {
		return // it was killed before it ran, and waited for
	}
	tgid := tid
	if flags.Has(unix.CLONE_THREAD) {
		tgid = parent.Tgid
	}
	child := tr.newThread(tid, tgid)
	tr.company.born(parent, child)
	if flags.Has(unix.CLONE_VM) {
		child.space = parent.space.share()
	} else {
		child.space = parent.space.copy(parent.mappings)
		child.slot = parent.slot
	}
	child.blocked, child.mask = parent.blocked, parent.mask
	child.confined = parent.confined
	if c := &parent.call; c.changed {
		// It began with a copy of the registers that the tracer has changed for the call.
		child.inherits, child.saved, child.call.ABI = true, parent.saved, c.ABI
	}
	tr.handler.Fork(parent, child, flags)
	if e := tr.embryos[tid]; e != nil {
		delete(tr.embryos, tid)
		tr.change(change{tid, e.status})
	}
}

// gone forgets a thread.
func (tr *Tracer) gone(t *Thread, status unix.WaitStatus) {
	if t.Tid == t.Tgid && t.space.users > 1 {
		tr.sweep(t, status)
	}
	tr.company.gone(t)
	tr.forget(t.Tid)
	tr.dead = t
	t.space.release(t.slot)
	tr.handler.Exit(t, status)
	if len(tr.embryos) > 0 {
		tr.disown(t)
	}
}

// sweep ends the threads that are left of a process whose leader is gone. The kernel tells of a leader's end after that of
// all others, but for one: a thread that was killed in the middle of execve(2), when it had the leader's id already and
// was not yet at the event that says so.
func (tr *Tracer) sweep(leader *Thread, status unix.WaitStatus) {
	for _, t := range tr.threads {
		if t.Tgid == leader.Tgid && t != leader {
			tr.gone(t, status)
		}
	}
}
