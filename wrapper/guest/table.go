package guest

import (
	"slices"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

// A Decision is what becomes of a system call.
type Decision string

const (
	Emulated Decision = "emulated" // answered, or its answer corrected, from what is remembered
	Passed   Decision = "passed"   // the real kernel's answer is the right one
	Refused  Decision = "refused"  // fails with an error for which programs have another way
)

// A Row is what was decided about one system call, and why.
type Row struct {
	Sys      ptlib.Sys
	Decision Decision
	Subject  string     // the file of this package, or the group that it was passed with
	Note     string     // what is emulated, or why it is passed or refused
	Errno    unix.Errno // of a refused call

	handle handler
	rules  []ptlib.Rule            // nil: every call stops
	tells  func(*cred.Cred) uint32 // what the call returns, if that is an id
}

// Table has a row for every system call that is known, in the order of ptlib.AllSys.
var Table = makeTable()

// makeTable is part of each start: it counts instead of sorting.
func makeTable() []Row {
	groups := [][]Row{
		statRows, ownRows, modeRows, nodeRows, createRows, linkRows, xattrRows, idRows, capRows, execRows,
		dacRows, droppedRows, otherRows, anonymousRows, procRows, direntRows, sockRows, hostRows, chrootRows, mountRows, refusedRows, passedRows(),
	}
	var place [ptlib.NumSys + 1]int // of each call's first row, once the counts are summed up
	for _, g := range groups {
		for i := range g {
			place[g[i].Sys+1]++
		}
	}
	for s := range ptlib.NumSys {
		place[s+1] += place[s]
	}
	rows := make([]Row, place[ptlib.NumSys])
	for _, g := range groups {
		for i := range g {
			n := &place[g[i].Sys]
			rows[*n] = g[i]
			*n++
		}
	}
	return rows
}

// rules returns what the first filter of the action selects.
func (k *Kernel) rules() []ptlib.Rule {
	rules, first := networkRules(k.config.Network), k.firstCred()
	for _, s := range k.config.Refuse {
		rules = append(rules, ptlib.Rule{Sys: s, Do: ptlib.Deny, Errno: unix.ENOSYS})
	}
	if k.config.Policy != nil {
		for _, r := range k.config.Policy.Errnos {
			rules = append(rules, ptlib.Rule{Sys: r.Sys, Do: ptlib.Deny, Errno: r.Errno})
		}
	}
	for _, r := range Table {
		switch {
		case r.Decision == Refused:
			rules = append(rules, ptlib.Rule{Sys: r.Sys, Do: ptlib.Deny, Errno: r.Errno})
		case r.Decision == Passed || r.handle == nil:
		case r.constant(first):
			rules = append(rules, ptlib.Rule{Sys: r.Sys, Do: ptlib.Deny}) // with no error: it returns 0
		case r.rules == nil:
			rules = append(rules, ptlib.Rule{Sys: r.Sys, Do: k.stop(r)})
		default:
			for _, rule := range r.rules {
				rule.Sys = r.Sys
				if k.real != nil && (r.Subject == "chroot" || r.Subject == "mount") {
					rule.Do = ptlib.Stop // the kernel is to do them
				}
				rules = append(rules, rule)
			}
		}
	}
	if k.pathPolicy() {
		rules = append(rules, pathRules()...)
	}
	return rules
}

// Filter compiles the action's first filter.
func (k *Kernel) Filter() (*ptlib.Filter, error) {
	return ptlib.NewFilter(k.rules(), ptlib.FilterOptions{Base: true, Outranked: k.config.Outranked, KeepUnknown: k.config.Strict,
		Shortcut: k.shortcut != nil, Leave: k.config.Leave})
}

// emulate makes rows of calls that one function handles.
func emulate(subject, note string, h handler, calls ...ptlib.Sys) []Row {
	return emulateWhere(subject, note, h, nil, calls...)
}

// emulateWhere is emulate for calls that stop only where one of the rules holds; the rules' Sys is filled in.
func emulateWhere(subject, note string, h handler, rules []ptlib.Rule, calls ...ptlib.Sys) []Row {
	var rows []Row
	for _, s := range calls {
		rows = append(rows, Row{Sys: s, Decision: Emulated, Subject: subject, Note: note, handle: h, rules: rules})
	}
	return rows
}

// pass makes rows of calls that are the real kernel's.
func pass(subject, note string, calls ...ptlib.Sys) []Row {
	var rows []Row
	for _, s := range calls {
		rows = append(rows, Row{Sys: s, Decision: Passed, Subject: subject, Note: note})
	}
	return rows
}

// refuse makes rows of calls that fail.
func refuse(subject, note string, errno unix.Errno, calls ...ptlib.Sys) []Row {
	var rows []Row
	for _, s := range calls {
		rows = append(rows, Row{Sys: s, Decision: Refused, Subject: subject, Note: note, Errno: errno})
	}
	return rows
}

// contested is the rule for a call that sandboxes forbid: it stops so that an outer filter has no say.
var contested = []ptlib.Rule{{Do: ptlib.StopContested}}

// where is a rule that holds if an argument, masked, equals a value.
func where(arg int, mask, value uint32) ptlib.Rule {
	return ptlib.Rule{When: []ptlib.Test{{Arg: arg, Mask: mask, Value: value}}}
}

// whereAny is a rule that holds if an argument has any of the bits.
func whereAny(arg int, bits uint32) ptlib.Rule {
	return ptlib.Rule{When: []ptlib.Test{{Arg: arg, Mask: bits, Value: 0, Not: true}}}
}

// flat joins groups of rows.
func flat(groups ...[]Row) []Row { return slices.Concat(groups...) }
