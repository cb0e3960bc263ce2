package ptlib

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// children tries whether new processes and threads are traced from their first instruction, and whether a parent can wait for
// a child whose end the tracer has seen.
func (p *probe) children(v *victim) {
	p.Fork = answerOf(v.fork(unix.PTRACE_EVENT_FORK, uint64(unix.SIGCHLD), func(child *victim) error {
		p.ParentWaits = answerOf(v.waitsFor(child))
		return nil
	}))
	p.Clone = answerOf(v.fork(unix.PTRACE_EVENT_CLONE, unix.CLONE_VM|unix.CLONE_FS|unix.CLONE_FILES, (*victim).leave))
	// The last one: the parent waits in the kernel until the child is gone.
	p.Vfork = answerOf(v.fork(unix.PTRACE_EVENT_VFORK, unix.CLONE_VFORK|unix.CLONE_VM|uint64(unix.SIGCHLD), (*victim).leave))
}

// fork makes a child of the victim, which is to be told of by an event, and to be stopped at once.
func (v *victim) fork(event int, flags uint64, then func(child *victim) error) error {
	r := v.call(SysClone, flags)
	if r.fate != "" || r.event == 0 && isError(r.result) {
		return fmt.Errorf("clone: %w", r.refusal())
	}
	if r.event != event {
		return fmt.Errorf("no event (%d)", r.event)
	}
	child := newVictim(int(r.message))
	child.base = v.base
	defer child.end()
	status, err := child.wait()
	if err != nil {
		return fmt.Errorf("wait for the child: %w", err)
	}
	if !status.Stopped() {
		return unexpected(status)
	}
	return then(child)
}

// leave makes the victim exit.
func (v *victim) leave() error {
	if r := v.call(SysExitGroup, probeStatus); r.fate != "kill" {
		return fmt.Errorf("exit: %w", errUnexpected)
	}
	return nil
}

// probeStatus is an exit status.
const probeStatus = 7

// waitsFor makes a child exit, and its parent wait for it.
func (v *victim) waitsFor(child *victim) error {
	pid := child.Tid
	if err := child.leave(); err != nil {
		return err
	}
	at := v.stackBelow()
	r := v.call(SysWait4, uint64(pid), at, unix.WALL, 0)
	if r.fate != "" || isError(r.result) {
		return fmt.Errorf("wait4: %w", r.refusal())
	}
	var raw [4]byte
	if errno := v.ReadMemory(at, raw[:]); errno != 0 {
		return errno
	}
	status := syscall.WaitStatus(nativeEndian.Uint32(raw[:]))
	if r.result != int64(pid) || !status.Exited() || status.ExitStatus() != probeStatus {
		return fmt.Errorf("wait4 returned %d, status %#x", r.result, uint32(status))
	}
	return nil
}

// stat tries the call that tells about files.
func (p *probe) stat(v *victim) {
	path := v.arguments([]any{"/"})[0]
	const cwd = ^uint64(0) - 99 // AT_FDCWD
	r := v.call(native.Stat, cwd, path, 0, unix.STATX_BASIC_STATS, v.stackBelow()-statMax)
	p.Stat = answerErrno(r.refusal())
}

// exec tries whether a new program is told of.
func (p *probe) exec(v *victim) {
	path := v.arguments([]any{p.options.Program})[0]
	argv := path + uint64(len(p.options.Program)+16)&^15
	vector := nativeEndian.AppendUint64(nil, path)
	if v.base.abi().PointerBits() == 32 {
		vector = nativeEndian.AppendUint32(nil, uint32(path))
	}
	if errno := v.WriteMemory(argv, append(vector, make([]byte, 16)...)); errno != 0 {
		p.ExecEvent = answerErrno(errno)
		return
	}
	r := v.call(SysExecve, path, argv, 0)
	p.ExecEvent = answerIf(r.event == unix.PTRACE_EVENT_EXEC, "no event, "+r.refusal().Error())
}

// The calls that filters of probe select. They have no effect, and no sandbox forbids them.
const (
	denied  = SysGetppid
	trapped = SysGetpgid
	traced  = SysGetsid
)

// filters tries what seccomp(2) can do.
func (p *probe) filters(v *victim) {
	f, err := NewFilter([]Rule{
		{Sys: denied, Do: Deny, Errno: unix.EDOM},
		{Sys: trapped, Do: StopContested},
		{Sys: traced, Do: Stop},
	}, FilterOptions{Outranked: true})
	if err != nil {
		p.Filter = answerOf(err)
		return
	}
	p.SpecAllow = answerErrno(v.install(f, unix.SECCOMP_FILTER_FLAG_SPEC_ALLOW))
	p.Filter = p.SpecAllow
	if !p.SpecAllow.OK() {
		p.Filter = answerErrno(v.install(f, 0))
	}
	if !p.Filter.OK() {
		p.SpecAllow = Answer{}
		return
	}
	r := v.call(denied)
	p.RetErrno = answerIf(r.fate == "" && r.errno() == unix.EDOM, "the call was made")
	const answer = 4242
	r = v.callWith(func(regs *registers) {
		regs.setNumber(-1)
		regs.setResult(answer)
	}, traced)
	p.RetTrace = answerIf(r.traced, "no stop")
	if r.traced {
		p.EntryFirst = answerIf(r.first, "filters are asked first")
		p.SyscallInfo = answerErrno(r.info)
		p.Skip = answerIf(r.result == answer, fmt.Sprintf("the result is %d", r.result))
	}
	var info signalInfo
	_, errno := ptracePeekSignal(v.Tid, 0, &info)
	p.PeekSignals = answerErrno(errno)
	r = v.call(trapped)
	p.RetTrap = answerIf(r.fate == "trap", "no signal")
}

// calls makes each of the calls that were asked for: without a filter of ours, with one that asks the tracer, and with one that
// sends a signal.
func (p *probe) calls() {
	p.each(nil, func(m *CallMeasured, r called) {
		m.Plain, m.Fate = r.errno(), r.fate
		m.Entry = answerIf(r.entered, "no stop")
	})
	if p.RetTrace.OK() {
		p.each(p.callFilter(false), func(m *CallMeasured, r called) { m.Trace = answerIf(r.traced, outranked(&r)) })
	}
	if p.RetTrap.OK() {
		// An outer filter that traps by itself cannot be told from ours, and need not be: the tracer gets the signal.
		p.each(p.callFilter(true), func(m *CallMeasured, r called) { m.Trap = answerIf(r.fate == "trap", outranked(&r)) })
	}
}

func outranked(r *called) string {
	switch {
	case r.fate != "":
		return "an outer filter comes first: " + r.fate
	case r.errno() != 0:
		return "an outer filter comes first: " + r.errno().Error()
	}
	return "an outer filter comes first"
}

func (p *probe) callFilter(trap bool) *Filter {
	var rules []Rule
	for _, m := range p.Calls {
		rules = append(rules, Rule{Sys: m.Call.Sys, Do: StopContested})
	}
	f, err := NewFilter(rules, FilterOptions{Outranked: trap})
	if err != nil {
		return nil // the rules have no tests: there is nothing to be wrong
	}
	return f
}

// each makes all calls in a victim with a filter. What a filter kills is replaced.
func (p *probe) each(f *Filter, tell func(*CallMeasured, called)) {
	var v *victim
	for i := range p.Calls {
		if v == nil || v.lost {
			var err error
			if v, err = startVictim(p.options.Program); err != nil {
				return
			}
			defer v.end()
			if f != nil && v.install(f, 0) != 0 {
				return
			}
		}
		m := &p.Calls[i]
		if r := v.call(m.Call.Sys, v.arguments(m.Call.Args)...); r.fate != "none" {
			tell(m, r)
		}
	}
}
