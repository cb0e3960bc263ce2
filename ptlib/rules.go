package ptlib

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib/bpf"
)

// NumSys is one more than the largest Sys, for tables by call.
const NumSys = int(numSys)

// An Action is what becomes of a call that a rule selects.
type Action uint8

const (
	// Stop hands the call to the Handler, at PTRACE_EVENT_SECCOMP.
	Stop Action = iota
	// StopContested hands the call to the Handler in a way that a filter outside of ours cannot outrank. A sandbox that
	// forbids a call with SECCOMP_RET_ERRNO wins over a tracer that asks with SECCOMP_RET_TRACE, but SECCOMP_RET_TRAP wins
	// over both (seccomp(2), precedence). It costs more, and is used only where Options.Outranked says that there is an
	// outer filter; otherwise it is Stop.
	StopContested
	// Deny fails the call with Rule.Errno, without a stop. With no error the call, which is not made, returns 0
	// (kernel/seccomp.c, SECCOMP_RET_ERRNO).
	Deny
	// Pass lets the call run without a stop; it is what happens to a call without rules, and serves to except some
	// arguments from a later rule.
	Pass
)

// A Test holds for a call when its argument number Arg, of which only the low 32 bits are looked at (flags, ids, modes
// and commands fit), masked with Mask, equals Value, or differs if Not is set.
type Test struct {
	Arg         int
	Mask, Value uint32
	Not         bool
}

// A Rule selects calls by name and arguments. All tests must hold. Of the rules for one call the first that holds wins.
type Rule struct {
	Sys   Sys
	When  []Test
	Do    Action
	Errno unix.Errno // for Deny
}

// A Filter is a compiled rule set: a seccomp program for every ABI that a tracee of this platform can use. It is
// immutable.
type Filter struct {
	insns []bpf.Insn
	code  []byte
	base  bool
}

// FilterOptions say how rules are compiled.
type FilterOptions struct {
	// Outranked tells that the tracees run under a filter of somebody else; see StopContested.
	Outranked bool
	// Base marks the first filter of a tracee, which also decides about what no rule can name: numbers that no table
	// knows (a newer kernel's calls) fail with ENOSYS, so that programs fall back to calls that are known, and ABIs
	// that are not supported are handed to Handler.Refused. A later filter leaves these alone.
	Base bool
	// KeepUnknown lets calls of unknown number stop, as SysUnknown, instead of failing them.
	KeepUnknown bool
	// Shortcut lets the calls pass that a Shortcut makes.
	Shortcut bool
	// Leave has the calls stop that end a process, for Options.Leaving: one stop more for each process and thread. It is for Base.
	Leave bool
}

// baseRules select what every Base filter must: clone(2) with CLONE_UNTRACED, lest the child be nobody's tracee while it has
// our filter, and the call that install makes to see how the kernel orders its stops. (The flags of clone3(2) are in
// memory, where a filter cannot see them.)
func baseRules(abi ABI) []bpf.Rule {
	return []bpf.Rule{
		{NR: nrOf(abi, SysClone), Action: bpf.Trace(verdictData(filterUntraced, abi)),
			When: []bpf.Test{{Arg: bpf.Arg0, Mask: unix.CLONE_UNTRACED, Value: unix.CLONE_UNTRACED}}},
		{NR: nrOf(abi, SysPrctl), Action: bpf.Trace(verdictData(filterStop, abi)),
			When: []bpf.Test{{Arg: bpf.Arg0, Mask: 0xffffffff, Value: probeOption}}},
	}
}

// lastRules select what a Base filter must see to be exact about processors, unless the Handler has rules of its own for it.
func lastRules(abi ABI) []bpf.Rule {
	return []bpf.Rule{
		{NR: nrOf(abi, SysSchedGetaffinity), Action: bpf.Trace(verdictData(filterCPUs, abi))},
		{NR: nrOf(abi, SysSchedSetaffinity), Action: bpf.Trace(verdictData(filterCPUs, abi))},
	}
}

// leaveRules select the calls that end a thread or a process.
func leaveRules(abi ABI) []bpf.Rule {
	verdict := bpf.Trace(verdictData(filterLeave, abi))
	return []bpf.Rule{{NR: nrOf(abi, SysExit), Action: verdict}, {NR: nrOf(abi, SysExitGroup), Action: verdict}}
}

// NewFilter compiles rules.
func NewFilter(rules []Rule, o FilterOptions) (*Filter, error) {
	other := bpf.Allow
	if o.Base {
		other = bpf.Trace(verdictData(filterRefused, ABIUnknown))
	}
	var abis []bpf.ABIRules
	for _, abi := range tracedABIs {
		set := bpf.ABIRules{Arch: abi.AuditArch()}
		if o.Shortcut {
			set.Exempt = shortcutTests(abi)
		}
		if o.Base {
			set.Rules = baseRules(abi)
			set.Ranges = unknownRanges(abi, o.unknownAction(abi))
		}
		for i := range rules {
			r, ok, err := rules[i].compile(abi, o)
			if err != nil {
				return nil, err
			}
			if ok {
				set.Rules = append(set.Rules, r)
			}
		}
		if o.Base {
			set.Rules = append(set.Rules, lastRules(abi)...)
		}
		if o.Leave {
			set.Rules = append(set.Rules, leaveRules(abi)...)
		}
		if abi == ABIAMD64 { // and numbers of x32
			set.HighBit = other
			if o.Base {
				set.HighBit = bpf.Trace(verdictData(filterRefused, ABIX32))
			}
		}
		abis = append(abis, set)
	}
	insns, err := bpf.Compile(abis, other)
	if err != nil {
		return nil, fmt.Errorf("compile %d rules: %w", len(rules), err)
	}
	return &Filter{insns: insns, code: bpf.Encode(insns), base: o.Base}, nil
}

// String lists the program, one instruction per line.
func (f *Filter) String() string { return bpf.Listing(f.insns) }

// Len returns the number of instructions.
func (f *Filter) Len() int { return len(f.insns) }

func (r *Rule) compile(abi ABI, o FilterOptions) (bpf.Rule, bool, error) {
	nr := nrOf(abi, r.Sys)
	if nr < 0 {
		return bpf.Rule{}, false, nil
	}
	out := bpf.Rule{NR: nr}
	switch {
	case r.Do == Stop, r.Do == StopContested && !o.Outranked:
		out.Action = bpf.Trace(verdictData(filterStop, abi))
	case r.Do == StopContested:
		out.Action = bpf.Trap(verdictData(filterStop, abi))
	case r.Do == Deny:
		out.Action = bpf.Errno(uint16(r.Errno))
	case r.Do == Pass:
		out.Action = bpf.Allow
	default:
		return out, false, fmt.Errorf("rule for %v: unknown action %d", r.Sys, r.Do)
	}
	for _, t := range r.When {
		op := bpf.Equal
		if t.Not {
			op = bpf.NotEqual
		}
		out.When = append(out.When, bpf.Test{Arg: bpf.Word(t.Arg), Op: op, Mask: t.Mask, Value: t.Value})
	}
	return out, true, nil
}
