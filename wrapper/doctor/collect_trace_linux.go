package doctor

import (
	"os"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
)

// probe makes the experiments that need a tracer.
func (f *Facts) probe() {
	o := ptlib.ProbeOptions{Program: "/proc/self/exe"}
	if !f.Proc {
		if exe, err := os.Executable(); err == nil {
			o.Program = exe
		}
	}
	for _, q := range questions {
		o.Calls = append(o.Calls, ptlib.ProbeCall{Sys: q.call(), Args: q.args})
	}
	m := ptlib.Probe(o)
	f.Experiments = map[string]Answer{
		"traceme": answer(m.Traceme), "execTrap": answer(m.ExecTrap), "seize": answer(m.Seize), "sigmask": answer(m.Sigmask),
		"start": answer(m.Start), "listen": answer(m.Listen), "read": answer(m.Read), "write": answer(m.Write),
		"words": answer(m.Words), "procMem": answer(m.ProcMem), "poke": answer(m.Poke),
		"fork": answer(m.Fork), "vfork": answer(m.Vfork), "clone": answer(m.Clone), "exec": answer(m.ExecEvent),
		"parentWaits": answer(m.ParentWaits),
		"filter":      answer(m.Filter), "specAllow": answer(m.SpecAllow), "retErrno": answer(m.RetErrno),
		"retTrap": answer(m.RetTrap), "retTrace": answer(m.RetTrace), "entryFirst": answer(m.EntryFirst),
		"syscallInfo": answer(m.SyscallInfo), "peekSignals": answer(m.PeekSignals), "skip": answer(m.Skip),
	}
	platform := ptlib.Native()
	for _, c := range platform.Compare(m) {
		f.Platform = append(f.Platform, Constant{
			Name: c.Name, Compiled: c.Compiled, Measured: c.Measured,
			Asked: c.Verdict != ptlib.NotAsked, Same: c.Verdict == ptlib.Works,
		})
	}
	for i, c := range m.Calls {
		f.Calls = append(f.Calls, callOf(questions[i].call().String(), &c))
	}
}

// call is the call that a question is about.
func (q *question) call() ptlib.Sys {
	name := q.name
	if q.sys != "" {
		name = q.sys
	}
	sys, _ := ptlib.ParseSys(name)
	return sys
}

func callOf(name string, c *ptlib.CallMeasured) Call {
	out := Call{Name: name, Made: c.Fate != "none", Answer: c.Fate, Trace: answer(c.Trace), Trap: answer(c.Trap)}
	if c.Fate == "" {
		out.Answer = "success"
		if c.Plain != 0 {
			out.Answer = unix.ErrnoName(c.Plain)
		}
		out.Missing = c.Plain == unix.ENOSYS
	}
	return out
}

func answer(a ptlib.Answer) Answer {
	return Answer{Asked: a.Verdict != ptlib.NotAsked, OK: a.OK(), Why: a.Why}
}
