package ptlib

import (
	"runtime"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// port-4: what this package takes for granted is what the machine that runs the tests does.
func TestProbe(t *testing.T) {
	m := Probe(ProbeOptions{Calls: []ProbeCall{
		{SysFchmodat, []any{uint64(unix.AT_FDCWD & 0xffffffff), "", uint64(0o4755)}},
		{SysFsetxattr, []any{^uint64(0), "security.capability", "value", uint64(5), uint64(0)}},
		{missingCall(t), nil},
	}})
	for name, a := range map[string]Answer{
		"traceme": m.Traceme, "trap after exec": m.ExecTrap, "seize": m.Seize, "listen": m.Listen, "signal mask": m.Sigmask, "start": m.Start,
		"read": m.Read, "write": m.Write, "/proc/pid/mem": m.ProcMem, "poke": m.Poke,
		"filter": m.Filter, "errno": m.RetErrno, "trap": m.RetTrap, "trace": m.RetTrace, "entry first": m.EntryFirst, "skip": m.Skip,
		"fork": m.Fork, "vfork": m.Vfork, "clone": m.Clone, "exec": m.ExecEvent, "parent waits": m.ParentWaits,
		"peek": m.PeekSignals, "stat": m.Stat,
	} {
		if !a.OK() {
			t.Errorf("%s: %+v", name, a)
		}
	}
	for i, want := range []unix.Errno{unix.ENOENT, unix.EBADF} {
		c := m.Calls[i]
		if c.Plain != want || c.Fate != "" || !c.Entry.OK() || !c.Trace.OK() || !c.Trap.OK() {
			t.Errorf("%v: %+v, want %v", c.Call.Sys, c, want)
		}
	}
	if c := m.Calls[2]; c.Fate != "none" {
		t.Errorf("a call that this ABI lacks: %+v", c)
	}
}

func TestTry(t *testing.T) {
	calls, err := Try([]ProbeCall{
		{SysFchown, []any{^uint64(0), uint64(0), uint64(0)}},
		{SysFaccessat, []any{uint64(unix.AT_FDCWD & 0xffffffff), "/none", uint64(0)}},
		{SysExitGroup, []any{uint64(1)}},
		{SysFchown, nil},
	})
	if err != nil {
		t.Fatal(err)
	}
	if calls[0].Plain != unix.EBADF || calls[1].Plain != unix.ENOENT || calls[0].Fate != "" {
		t.Errorf("%+v", calls)
	}
	if calls[2].Fate != "kill" || calls[3].Fate != "none" {
		t.Errorf("after its end: %+v", calls)
	}
}

// port-3, port-4: what is compiled in is what is measured, constant by constant; and a kernel that is otherwise is told from it.
func TestPlatformCompare(t *testing.T) {
	p, m := Native(), Probe(ProbeOptions{})
	for _, c := range p.Compare(m) {
		if c.Verdict != Works || c.Measured == "" {
			t.Errorf("%+v", c)
		}
	}
	other := *m
	other.Native, other.StateSize = ABIUnknown, p.StateSize+8
	other.Vfork, other.Skip, other.Stat = answerErrno(unix.EPERM), Answer{}, answerErrno(unix.ENOSYS)
	q := p
	q.ParentCanWait = false
	want := map[string]string{
		"Tracees": "", "Nop": "", "SupportsVfork": "false (operation not permitted)", "ParentCanWait": "true",
		"StateSize": strconv.Itoa(p.StateSize + 8), "Stat, Lstat, Fstat, Fstatat": "none (function not implemented)",
	}
	for _, c := range q.Compare(&other) {
		measured, differs := want[c.Name]
		if differs && (c.Verdict == Works || c.Measured != measured) || !differs && c.Verdict != Works {
			t.Errorf("%+v, want %q", c, measured)
		}
	}
}

// missingCall is a call that the native ABI lacks.
func missingCall(t *testing.T) Sys {
	for s := range AllSys() {
		if nrOf(tracedABIs[0], s) < 0 {
			return s
		}
	}
	t.Fatal("every call is there")
	return SysUnknown
}

func TestProbeProgram(t *testing.T) {
	if m := Probe(ProbeOptions{Program: t.TempDir() + "/none"}); m.Traceme.OK() || m.Seize.Verdict != NotAsked {
		t.Errorf("without a program: %+v", m)
	}
	// Nothing is left behind.
	if _, err := unix.Wait4(-1, nil, unix.WNOHANG|unix.WALL, nil); err != unix.ECHILD {
		t.Errorf("children are left: %v", err)
	}
}

// A child that does not come to an end is cut short.
func TestVictimGuard(t *testing.T) {
	runtime.LockOSThread() // never unlocked: the thread is a tracer
	v, err := startVictim("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	defer v.end()
	v.guard.Reset(time.Millisecond)
	if r := v.call(SysPpoll, 0, 0, 0, 0, 0); r.fate != "kill" {
		t.Errorf("ppoll(2) came to an end: %+v", r)
	}
}
