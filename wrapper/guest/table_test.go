package guest

import (
	"testing"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
)

// Every system call that any of the ABIs knows has been decided about, once.
func TestTableIsWhole(t *testing.T) {
	rows := make(map[ptlib.Sys][]Row)
	for _, r := range Table {
		rows[r.Sys] = append(rows[r.Sys], r)
	}
	for s := range ptlib.AllSys() {
		switch list := rows[s]; {
		case len(list) == 0:
			t.Errorf("%v: no row: decide about it in the file of its subject, or in table_passed.go or table_refused.go", s)
		case len(list) > 1:
			t.Errorf("%v: %d rows:", s, len(list))
			for _, r := range list {
				t.Errorf("\t%s, %s: %s", r.Subject, r.Decision, r.Note)
			}
		}
		delete(rows, s)
	}
	for s := range rows {
		t.Errorf("%v: a row for a call that no ABI knows", s)
	}
}

func TestRowsSayWhy(t *testing.T) {
	for _, r := range Table {
		if r.Subject == "" || r.Note == "" {
			t.Errorf("%v: subject %q, note %q: both are shown in docs/SYSCALLS.md", r.Sys, r.Subject, r.Note)
		}
		switch r.Decision {
		case Emulated:
			if r.handle == nil {
				t.Errorf("%v: emulated by nobody", r.Sys)
			}
		case Passed:
			if r.handle != nil || r.rules != nil {
				t.Errorf("%v: passed, and yet it has a handler or rules", r.Sys)
			}
		case Refused:
			if r.Errno == 0 || r.handle != nil {
				t.Errorf("%v: refused with errno %d, handled: %t", r.Sys, r.Errno, r.handle != nil)
			}
		default:
			t.Errorf("%v: decision %q", r.Sys, r.Decision)
		}
	}
}

// A call that can stop must have somebody who answers: k.table has no entry for the others.
func TestEveryStopIsHandled(t *testing.T) {
	handled := make(map[ptlib.Sys]bool)
	for _, r := range Table {
		handled[r.Sys] = r.handle != nil
	}
	check := func(filter string, rules []ptlib.Rule) {
		for _, r := range rules {
			if (r.Do == ptlib.Stop || r.Do == ptlib.StopContested) && !handled[r.Sys] {
				t.Errorf("filter %s stops %v, which nobody handles", filter, r.Sys)
			}
		}
	}
	check("dropped", droppedRules())
	check("ids", tellRules((&Kernel{}).firstCred()))
	check("passing", passingRules())
	for _, n := range []Network{NetworkAllow, NetworkLoopback, NetworkDeny} {
		k := &Kernel{config: Config{Network: n}}
		check("first", k.rules())
	}
}

// The filters that tasks may come to need compile: New does not try.
func TestFurtherFilters(t *testing.T) {
	for _, outranked := range []bool{false, true} {
		k, err := New(Config{Lies: lies.New(lies.Options{}), Outranked: outranked})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range append(k.further, k.passing, k.paths) {
			if filter, err := f.compile(); err != nil || filter.Len() == 0 {
				t.Errorf("filter %#x: %v", f.bit, err)
			}
		}
	}
}
