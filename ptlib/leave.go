package ptlib

import "golang.org/x/sys/unix"

// leave is a call of exit(2) or exit_group(2) that t is about to make. Where that is the end of the command, Options.Leaving is called
// first: the process is still one that a signal can end, which it is not any more at PTRACE_EVENT_EXIT (kernel/exit.c, do_group_exit
// has set the status by then).
//
// From then on nothing that other threads of the process do is handled: they stay in their stops until the call ends them.
func (t *Thread) leave(c *Call) {
	tr := t.tracer
	t.leaving = true
	if tr.options.Leaving == nil || t.Tgid != tr.root || tr.leaver != nil || c.Sys == SysExit && tr.staysWithout(t) || t.load() != 0 {
		t.resume(0)
		return
	}
	tr.leaver = t
	args := t.regs.args(c.ABI)
	is := uint8(args[0])
	if status := tr.options.Leaving(is); status != is {
		args[0] = uint64(status)
		t.regs.setArgs(c.ABI, args)
		t.regs.setNumber(nrOf(c.ABI, SysExitGroup)) // by exit(2) older kernels tell the status of the leader, who may have gone
		t.dirty = true
	}
	t.resume(0)
}

// staysWithout reports whether the process of t has other threads, which are not about to leave it.
func (tr *Tracer) staysWithout(t *Thread) bool {
	for _, o := range tr.threads {
		if o.Tgid == t.Tgid && !o.leaving {
			return true
		}
	}
	return false
}

// overtaken reports whether t's process is about to end by a call of another thread. New children and new programs are to be known
// of nevertheless; with a new program the process stays.
func (t *Thread) overtaken(event int) bool {
	leaver := t.tracer.leaver
	return leaver != nil && leaver != t && leaver.Tgid == t.Tgid && !isForkEvent(event) && event != unix.PTRACE_EVENT_EXEC
}
