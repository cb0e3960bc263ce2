package bpf

import (
	"math/rand/v2"
	"testing"
)

// verify runs prog for every call that could matter and compares with Evaluate; it checks the promises of the package
// document on the way.
func verify(t *testing.T, prog []Insn, abis []ABIRules, other Action) {
	t.Helper()
	if err := Check(prog); err != nil {
		t.Fatalf("%v\n%s", err, Listing(prog))
	}
	if pc := unreachable(prog); pc >= 0 {
		t.Fatalf("instruction %d is never reached\n%s", pc, Listing(prog))
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range abis {
		a := &abis[i]
		values := interestingValues(a)
		for _, nr := range interestingNumbers(a) {
			d := SeccompData{NR: nr, Arch: a.Arch}
			if alwaysAllowed(a, nr) && !constAllow(prog, a.Arch, nr) {
				t.Fatalf("call %d of %s would not be in the constant-allow bitmap\n%s", nr, archName(a.Arch), Listing(prog))
			}
			for range 8 {
				d.IP = pick(rnd, values)
				for i := range d.Args {
					d.Args[i] = pick(rnd, values)
				}
				compareOne(t, prog, abis, other, d)
			}
		}
	}
	for _, arch := range []uint32{0, archX8664, arch386, 0xffffffff} {
		compareOne(t, prog, abis, other, SeccompData{Arch: arch})
	}
}

func compareOne(t *testing.T, prog []Insn, abis []ABIRules, other Action, d SeccompData) {
	t.Helper()
	if got, want := run(prog, &d), Evaluate(abis, other, d); got != want {
		t.Fatalf("%+v: program answers %v, rules %v\n%s", d, got, want, Listing(prog))
	}
}

func interestingNumbers(a *ABIRules) []int32 {
	nrs := []int32{-1, -x32Bit, 0, 1, x32Bit - 1, x32Bit, x32Bit + 1, 2*x32Bit - 1, -2 * x32Bit}
	for _, r := range a.Rules {
		nrs = append(nrs, int32(r.NR)-1, int32(r.NR), int32(r.NR)+1)
	}
	for _, r := range a.Ranges {
		nrs = append(nrs, int32(r.First)-1, int32(r.First), int32(r.First)+1, int32(r.Last)-1, int32(r.Last), int32(r.Last)+1)
	}
	return nrs
}

// interestingValues returns the 32-bit values that tests compare with, and some beside them.
func interestingValues(a *ABIRules) []uint32 {
	values := []uint32{0, 1, allBits}
	add := func(tests []Test) {
		for _, t := range tests {
			values = append(values, t.Value, t.Value|^t.Mask, t.Value^t.Mask&-t.Mask)
		}
	}
	add(a.Exempt)
	for _, r := range a.Rules {
		add(r.When)
	}
	return values
}

// pick makes a 64-bit value of two.
func pick(rnd *rand.Rand, values []uint32) uint64 {
	return uint64(values[rnd.IntN(len(values))]) | uint64(values[rnd.IntN(len(values))])<<32
}

// alwaysAllowed tells whether no rule does anything but allow the number.
func alwaysAllowed(a *ABIRules, nr int32) bool {
	has := false
	for _, r := range a.Rules {
		if int32(r.NR) == nr {
			has = true
			if r.Action != Allow {
				return false
			}
		}
	}
	return has || a.unruled(uint32(nr)) == Allow
}

// constAllow is the kernel's seccomp_is_const_allow: it follows the program for a number with arguments unknown.
func constAllow(prog []Insn, arch uint32, nr int32) bool {
	var a uint32
	for pc := 0; pc < len(prog); pc++ {
		in := prog[pc]
		switch in.Code {
		case opLoad:
			switch in.K {
			case offNR:
				a = uint32(nr)
			case offArch:
				a = arch
			default:
				return false
			}
		case opRet:
			return Action(in.K) == Allow
		case opJump:
			pc += int(in.K)
		case opJeq, opJge, opJset:
			if in.holds(a) {
				pc += int(in.Jt)
			} else {
				pc += int(in.Jf)
			}
		case opAnd:
			a &= in.K
		default:
			return false
		}
	}
	return false
}

// unreachable returns an instruction that no path leads to, -1 if there is none.
func unreachable(prog []Insn) int {
	reached := make([]bool, len(prog)+1)
	reached[0] = true
	for pc, in := range prog {
		switch {
		case !reached[pc]:
			return pc
		case in.Code == opJump:
			reached[pc+1+int(in.K)] = true
		case in.Code == opLoad || in.Code == opAnd:
			reached[pc+1] = true
		case in.Code != opRet:
			reached[pc+1+int(in.Jt)], reached[pc+1+int(in.Jf)] = true, true
		}
	}
	return -1
}
