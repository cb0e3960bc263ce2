package bpf

import (
	"bytes"
	"strings"
	"testing"
)

var allowAll = Insn{Code: opRet, K: uint32(Allow)}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		prog []Insn
		want string // "" for a program that is accepted
	}{
		"return":            {[]Insn{allowAll}, ""},
		"last word":         {[]Insn{{Code: opLoad, K: 60}, allowAll}, ""},
		"jump to the last":  {[]Insn{{Code: opJump, K: 0}, allowAll}, ""},
		"empty":             {nil, "empty"},
		"longest":           {append(make([]Insn, 0), repeat(allowAll, MaxInsns)...), ""},
		"too long":          {repeat(allowAll, MaxInsns+1), "needs 4097 instructions"},
		"no return":         {[]Insn{{Code: opAnd, K: 1}}, "no return"},
		"load beyond":       {[]Insn{{Code: opLoad, K: 64}, allowAll}, "instruction 0: load of offset 64"},
		"load unaligned":    {[]Insn{{Code: opLoad, K: 6}, allowAll}, "load of offset 6"},
		"load of a byte":    {[]Insn{{Code: 0x30}, allowAll}, "unknown code 0x30"},
		"jump beyond":       {[]Insn{{Code: opJump, K: 1}, allowAll}, "jump by 1 with 1 left"},
		"jump by 2^32-1":    {[]Insn{{Code: opJump, K: allBits}, allowAll}, "jump by"},
		"true jump beyond":  {[]Insn{{Code: opJeq, Jt: 1}, allowAll}, "jump by 1 or 0"},
		"false jump beyond": {[]Insn{{Code: opJset, Jf: 1}, allowAll}, "jump by 0 or 1"},
		"return of A":       {[]Insn{{Code: 0x16}}, "unknown code 0x16"},
	} {
		err := Check(c.prog)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
		if _, runErr := Run(c.prog, SeccompData{}); (runErr == nil) != (err == nil) {
			t.Errorf("%s: Run says %v, Check %v", name, runErr, err)
		}
	}
}

func repeat(in Insn, n int) []Insn {
	prog := make([]Insn, n)
	for i := range prog {
		prog[i] = in
	}
	return prog
}

func TestRun(t *testing.T) {
	d := SeccompData{NR: -1, Arch: 7, IP: 0x1122334455667788, Args: [6]uint64{5: 0xaabbccdd00000001}}
	for _, c := range []struct {
		off, want uint32
	}{
		{0, allBits}, {4, 7}, {8, 0x55667788}, {12, 0x11223344}, {16, 0}, {56, 1}, {60, 0xaabbccdd},
	} {
		prog := []Insn{{Code: opLoad, K: c.off}, {Code: opJeq, Jf: 1, K: c.want}, allowAll, {Code: opRet, K: uint32(KillProcess)}}
		if got, err := Run(prog, d); got != Allow || err != nil {
			t.Errorf("word at %d is not %#x (%v, %v)", c.off, c.want, got, err)
		}
	}
	for _, c := range []struct {
		code uint16
		k    uint32
		want bool
	}{
		{opJeq, 7, true}, {opJeq, 6, false}, {opJge, 7, true}, {opJge, 8, false},
		{opJset, 8, false}, {opJset, 4, true},
	} {
		if got := (Insn{Code: c.code, K: c.k}).holds(7); got != c.want {
			t.Errorf("code %#x: 7 against %d is %v", c.code, c.k, got)
		}
	}
}

func TestEncode(t *testing.T) {
	got := Encode([]Insn{{Code: 0x0115, Jt: 2, Jf: 3, K: 0x04050607}, {Code: opRet}})
	want := []byte{0x15, 0x01, 2, 3, 7, 6, 5, 4, opRet, 0, 0, 0, 0, 0, 0, 0}
	if !bytes.Equal(got, want) {
		t.Errorf("got % x, want % x", got, want)
	}
}

func TestActions(t *testing.T) {
	for _, c := range []struct {
		action Action
		value  uint32
		text   string
	}{
		{Allow, 0x7fff0000, "allow"},
		{Notify, 0x7fc00000, "notify"},
		{KillProcess, 0x80000000, "kill process"},
		{Trace(7), 0x7ff00007, "trace(7)"},
		{Trap(8), 0x00030008, "trap(8)"},
		{Errno(38), 0x00050026, "errno(38)"},
		{0, 0, "action(0x0)"},
	} {
		if uint32(c.action) != c.value || c.action.String() != c.text {
			t.Errorf("%v is %#x, want %s %#x", c.action, uint32(c.action), c.text, c.value)
		}
	}
}

func TestListingOfBadProgram(t *testing.T) {
	got := Listing([]Insn{{Code: opJeq, Jt: 9, K: 1}, {Code: 0xffff, K: 2}, {Code: opJump, K: 1 << 31}, {Code: opLoad, K: 3}})
	for _, want := range []string{"if value == 0x1 goto 10 else 1", "code 0xffff 0 0 0x2", "goto 2147483651", "load value"} {
		if !strings.Contains(got, want) {
			t.Errorf("listing lacks %q:\n%s", want, got)
		}
	}
}
