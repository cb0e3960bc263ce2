package ptlib

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib/bpf"
)

func mustFilter(t testing.TB, rules []Rule, o FilterOptions) *Filter {
	t.Helper()
	f, err := NewFilter(rules, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// What a filter says about a call, by number.
func (f *Filter) verdictOf(t *testing.T, abi ABI, nr int, args ...uint64) bpf.Action {
	t.Helper()
	d := bpf.SeccompData{NR: int32(nr), Arch: abi.AuditArch()}
	copy(d.Args[:], args)
	a, err := bpf.Run(f.insns, d)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestFilterActions(t *testing.T) {
	rules := []Rule{
		{Sys: SysFchmodat2, When: []Test{{Arg: 2, Mask: 0o6000, Not: true}}, Do: StopContested},
		{Sys: SysFchmod, When: []Test{{Arg: 1, Mask: 0o7777, Value: 0o755}}, Do: Pass},
		{Sys: SysFchmod},
		{Sys: SysIoUringSetup, Do: Deny, Errno: unix.ENOSYS},
	}
	for _, outranked := range []bool{false, true} {
		f := mustFilter(t, rules, FilterOptions{Outranked: outranked})
		for _, abi := range tracedABIs {
			stop := bpf.Trace(verdictData(filterStop, abi))
			contested := stop
			if outranked {
				contested = bpf.Trap(verdictData(filterStop, abi))
			}
			for _, c := range []struct {
				sys  Sys
				args []uint64
				want bpf.Action
			}{
				{SysFchmodat2, []uint64{0, 0, 0o4755}, contested},
				{SysFchmodat2, []uint64{0, 0, 0o755}, bpf.Allow},
				{SysFchmod, []uint64{0, 0o100755}, bpf.Allow},
				{SysFchmod, []uint64{0, 0o644}, stop},
				{SysIoUringSetup, nil, bpf.Errno(uint16(unix.ENOSYS))},
				{SysRead, nil, bpf.Allow},
			} {
				if got := f.verdictOf(t, abi, nrOf(abi, c.sys), c.args...); got != c.want {
					t.Errorf("outranked %v: %v %v%o: %v, want %v", outranked, abi, c.sys, c.args, got, c.want)
				}
			}
		}
	}
	if _, err := NewFilter([]Rule{{Sys: SysRead, Do: 99}}, FilterOptions{}); err == nil {
		t.Error("an unknown action is accepted")
	}
}

// A base filter decides about every number; a later one only about those that its rules name.
func TestFilterUnknownNumbers(t *testing.T) {
	enosys := bpf.Errno(uint16(unix.ENOSYS))
	base := mustFilter(t, nil, FilterOptions{Base: true})
	keep := mustFilter(t, nil, FilterOptions{Base: true, KeepUnknown: true})
	later := mustFilter(t, []Rule{{Sys: SysFchmod}}, FilterOptions{})
	for _, abi := range tracedABIs {
		table := abis[abi].sys
		numbers := []int{-1, len(table), len(table) + 1, 4095, abi.lastNumber()}
		for nr := range table {
			numbers = append(numbers, nr)
		}
		for _, nr := range numbers {
			want, wantKeep := enosys, bpf.Trace(verdictData(filterStop, abi))
			if nr < 0 || sysOf(abi, nr) != SysUnknown {
				want, wantKeep = bpf.Allow, bpf.Allow
			}
			if s := sysOf(abi, nr); s == SysSchedGetaffinity || s == SysSchedSetaffinity {
				want = bpf.Trace(verdictData(filterCPUs, abi))
				wantKeep = want
			}
			if got := base.verdictOf(t, abi, nr); got != want {
				t.Errorf("%v %d: %v, want %v", abi, nr, got, want)
			}
			if got := keep.verdictOf(t, abi, nr); got != wantKeep {
				t.Errorf("%v %d, kept: %v, want %v", abi, nr, got, wantKeep)
			}
			if got := later.verdictOf(t, abi, nr); sysOf(abi, nr) == SysUnknown && got != bpf.Allow {
				t.Errorf("%v %d: a later filter says %v", abi, nr, got)
			}
		}
	}
	for _, c := range []struct{ of, told ABI }{{ABIX32, ABIX32}, {ABIRISCV64, ABIUnknown}} {
		if traces(c.of) || c.of == ABIX32 && !traces(ABIAMD64) {
			continue
		}
		want := bpf.Trace(verdictData(filterRefused, c.told))
		if got := base.verdictOf(t, c.of, abis[c.of].flag|1); got != want {
			t.Errorf("%v: %v, want %v", c.of, got, want)
		}
	}
}

// What a filter says comes back whole, and nothing else is taken for it.
func TestVerdictData(t *testing.T) {
	for kind := filterStop; kind <= filterLeave; kind++ {
		for abi := range ABI(len(abis)) {
			data := uint32(verdictData(kind, abi))
			if kindOf(data) != kind || verdictABI(data) != abi {
				t.Errorf("%d %v: %#x says %d %v", kind, abi, data, kindOf(data), verdictABI(data))
			}
			if foreign := data | 1<<16; kindOf(foreign) != filterForeign || verdictABI(foreign) != ABIUnknown {
				t.Errorf("%#x is taken for ours", foreign)
			}
		}
	}
}
