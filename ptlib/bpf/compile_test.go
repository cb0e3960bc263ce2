package bpf

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/golden")

const arch386 = 0x40000003

// word is shorthand for a test of all bits, bits for one that these bits are set.
func word(arg Word, value uint32) Test { return Test{arg, Equal, allBits, value} }
func bits(arg Word, set uint32) Test   { return Test{arg, Equal, set, set} }
func unset(arg Word, bits uint32) Test { return Test{arg, Equal, bits, 0} }

func mustIPIn(t testing.TB, base, size uint64) []Test {
	tests, err := IPIn(base, size)
	if err != nil {
		t.Fatal(err)
	}
	return tests
}

// amd64Rules is a ruleset like those of an action: neighbours, flags in arguments, a number with several rules.
func amd64Rules() []Rule {
	rules := []Rule{
		{NR: 2, When: []Test{bits(Arg1, 0x40)}, Action: Trace(1)},                         // open with O_CREAT
		{NR: 4, Action: Trace(2)},                                                         // stat
		{NR: 5, Action: Trace(2)},                                                         // fstat
		{NR: 6, Action: Trace(2)},                                                         // lstat
		{NR: 41, When: []Test{word(Arg0, 16)}, Action: Errno(97)},                         // socket(AF_NETLINK)
		{NR: 41, When: []Test{{Arg0, NotEqual, allBits, 1}}, Action: Trace(4)},            // but AF_UNIX
		{NR: 257, When: []Test{bits(Arg2, 0x40)}, Action: Trace(1)},                       // openat with O_CREAT
		{NR: 262, Action: Trace(2)},                                                       // newfstatat
		{NR: 425, Action: Errno(38)},                                                      // io_uring_setup
		{NR: 452, When: []Test{{Arg2, NotEqual, 0o6000, 0}}, Action: Trap(5)},             // fchmodat2 with suid or sgid
		{NR: 452, When: []Test{unset(Arg2, 0o777), bits(Arg3, 0x1000)}, Action: Trace(5)}, // or no permission at all
	}
	for nr := 90; nr <= 94; nr++ {
		rules = append(rules, Rule{NR: nr, Action: Trace(3)}) // chmod fchmod chown fchown lchown
	}
	return rules
}

func cases(t testing.TB) map[string][]ABIRules {
	x86 := ABIRules{Arch: archX8664, HighBit: Errno(38), Rules: amd64Rules()}
	i386 := ABIRules{Arch: arch386, Rules: []Rule{
		{NR: 5, When: []Test{bits(Arg1, 0x40)}, Action: Trace(1)},
		{NR: 182, Action: Trace(3)},
		{NR: 295, When: []Test{bits(Arg2, 0x40)}, Action: Trace(1)},
	}}
	exempt := x86
	exempt.Exempt = mustIPIn(t, 0x6fff_0000_0000, 0x1000)
	return map[string][]ABIRules{
		"empty":    {{Arch: arch386}},
		"one-call": {{Arch: arch386, Rules: []Rule{{NR: 182, Action: Trace(3)}}}},
		"amd64":    {x86},
		"two-abis": {x86, i386},
		"exempt":   {exempt, i386},
		"x32-rules": {{Arch: archX8664, HighBit: KillProcess, Rules: []Rule{
			{NR: x32Bit, Action: Allow},
			{NR: x32Bit + 1, When: []Test{word(Arg0, 2)}, Action: Allow},
			{NR: math.MaxInt32, Action: Errno(1)},
		}}},
		"same-word": {{Arch: arch386, Rules: []Rule{
			{NR: 7, When: []Test{bits(Arg1, 0x3), bits(Arg1, 0x8), word(Arg1High, 0)}, Action: Errno(1)},
			{NR: 7, When: []Test{bits(Arg1, 0x3)}, Action: Errno(2)},
			{NR: 7, When: []Test{{Arg1, Equal, 0x3, 0x1}}, Action: Errno(3)},
			{NR: 8, When: []Test{word(Arg0, 5)}, Action: Errno(1)},
			{NR: 8, When: []Test{word(Arg0, 6)}, Action: Errno(2)},
			{NR: 8, When: []Test{bits(Arg0, 0x30)}, Action: Errno(3)},
		}}},
		// A table that ends at 470 and has a hole from 335 to 423; one known call is inside the hole.
		"unknown": {{Arch: archX8664, HighBit: Trace(1), Rules: []Rule{
			{NR: 90, Action: Trace(2)},
			{NR: 400, When: []Test{word(Arg0, 1)}, Action: Trace(2)},
			{NR: 425, Action: Errno(38)},
		}, Ranges: []Range{{470, x32Bit - 1, Errno(38)}, {335, 423, Errno(38)}}}},
		"allow-first": {{Arch: arch386, Rules: []Rule{
			{NR: 1, When: []Test{word(Arg0, 1)}, Action: Allow},
			{NR: 1, Action: Trace(1)},
			{NR: 2, When: []Test{word(Arg0, 1)}, Action: Allow},
		}}},
	}
}

func TestGolden(t *testing.T) {
	for name, abis := range cases(t) {
		t.Run(name, func(t *testing.T) {
			prog, err := Compile(abis, KillProcess)
			if err != nil {
				t.Fatal(err)
			}
			got := Listing(prog)
			file := filepath.Join("testdata", "golden", name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("listing differs from %s:\n%s", file, got)
			}
		})
	}
}

func TestCompileRefuses(t *testing.T) {
	rule := func(r Rule) []ABIRules { return []ABIRules{{Arch: arch386, Rules: []Rule{r}}} }
	test := func(tt Test) []ABIRules { return rule(Rule{When: []Test{tt}, Action: Allow}) }
	for name, c := range map[string]struct {
		abis  []ABIRules
		other Action
		want  string
	}{
		"no ABI":            {nil, Allow, "no ABI has rules"},
		"no other action":   {rule(Rule{Action: Allow}), 0, "other architectures: action is missing"},
		"ABI twice":         {[]ABIRules{{Arch: arch386}, {Arch: arch386}}, Allow, "386 is given twice"},
		"big endian":        {[]ABIRules{{Arch: 0x80000016}}, Allow, "big-endian"},
		"x32 undecided":     {[]ABIRules{{Arch: archX8664}}, Allow, "x32): action is missing"},
		"negative number":   {rule(Rule{NR: -1, Action: Allow}), Allow, "call number -1"},
		"no action":         {rule(Rule{NR: 7}), Allow, "rule 0 for call 7: action is missing"},
		"strange action":    {rule(Rule{Action: 0x12340000}), Allow, "unknown action 0x12340000"},
		"errno too high":    {rule(Rule{Action: Errno(4096)}), Allow, "above 4095"},
		"no such word":      {test(Test{numWords, Equal, 1, 1}), Allow, "does not exist"},
		"negative word":     {test(Test{-1, Equal, 1, 1}), Allow, "does not exist"},
		"no such operator":  {test(Test{Arg0, 2, 1, 1}), Allow, "unknown operator 2"},
		"no mask":           {test(Test{Arg3, Equal, 0, 0}), Allow, "test of arg3: mask is 0"},
		"value beyond mask": {test(Test{Arg3, Equal, 2, 3}), Allow, "outside the mask"},
		"negative range":    {[]ABIRules{{Arch: arch386, Ranges: []Range{{-1, 3, Allow}}}}, Allow, "numbers -1 to 3"},
		"backward range":    {[]ABIRules{{Arch: arch386, Ranges: []Range{{3, 2, Allow}}}}, Allow, "3 to 2"},
		"range, no action":  {[]ABIRules{{Arch: arch386, Ranges: []Range{{3, 4, 0}}}}, Allow, "calls 3 to 4: action is missing"},
		"ranges overlap":    {[]ABIRules{{Arch: arch386, Ranges: []Range{{3, 5, Allow}, {5, 5, Errno(1)}}}}, Allow, "3 to 5 and 5 to 5 overlap"},
		"bad exemption":     {[]ABIRules{{Arch: arch386, Exempt: []Test{{}}}}, Allow, "exemption: test of arg0"},
	} {
		if _, err := Compile(c.abis, c.other); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

// manyRules returns n rules that share nothing, each of several instructions.
func manyRules(n int) []Rule {
	rules := make([]Rule, n)
	for i := range rules {
		rules[i] = Rule{NR: 600 + i*2, Action: Errno(uint16(i % 100)),
			When: []Test{word(Arg0, uint32(i)), {Arg1, Equal, 0xff00, uint32(i) << 8 & 0xff00}}}
	}
	return rules
}

// Programs whose parts are more than 255 instructions apart, up to the longest.
func TestLongPrograms(t *testing.T) {
	for _, n := range []int{50, 100, 400, 505} {
		abis := []ABIRules{{Arch: archX8664, HighBit: Errno(38), Rules: manyRules(n)}}
		prog, err := Compile(abis, KillProcess)
		if err != nil {
			t.Fatalf("%d rules: %v", n, err)
		}
		t.Logf("%d rules: %d instructions", n, len(prog))
		verify(t, prog, abis, KillProcess)
	}
	_, err := Compile([]ABIRules{{Arch: arch386, Rules: manyRules(1000)}}, Allow)
	if err == nil || !strings.Contains(err.Error(), "the kernel takes 4096") {
		t.Errorf("a program that is too long: %v", err)
	}
}

// A chain of rules for one number: every return is far from most of the jumps to it.
func TestLongChain(t *testing.T) {
	var rules []Rule
	for i := range 1500 {
		rules = append(rules, Rule{NR: 700, When: []Test{word(Word(i%6), uint32(i))}, Action: Trace(uint16(i % 3))})
	}
	abis := []ABIRules{{Arch: arch386, Rules: rules}}
	prog, err := Compile(abis, KillProcess)
	if err != nil {
		t.Fatal(err)
	}
	verify(t, prog, abis, KillProcess)
}

func TestCompileIsDeterministic(t *testing.T) {
	for name, abis := range cases(t) {
		first, _ := Compile(abis, KillProcess)
		for range 5 {
			again, _ := Compile(abis, KillProcess)
			if Listing(again) != Listing(first) {
				t.Errorf("%s: two programs for the same rules", name)
			}
		}
	}
}

func TestIPIn(t *testing.T) {
	for _, c := range []struct {
		base, size uint64
		tests      int
	}{
		{0x7000_0000_1000, 0x1000, 2}, {0x1000, 1, 2}, {1 << 32, 1 << 32, 1}, {1 << 40, 1 << 40, 1},
	} {
		tests := mustIPIn(t, c.base, c.size)
		if len(tests) != c.tests {
			t.Errorf("%#x+%#x: %d tests, want %d", c.base, c.size, len(tests), c.tests)
		}
		for ip, want := range map[uint64]bool{
			c.base: true, c.base + c.size - 1: true, c.base - 1: false, c.base + c.size: false, c.base ^ 1<<62: false,
		} {
			if got := all(tests, &SeccompData{IP: ip}); got != want {
				t.Errorf("%#x in %#x+%#x: %v", ip, c.base, c.size, got)
			}
		}
	}
	for _, c := range [][2]uint64{{0, 0}, {0x1000, 3}, {0x1800, 0x1000}} {
		if _, err := IPIn(c[0], c[1]); err == nil {
			t.Errorf("%#x+%#x is accepted", c[0], c[1])
		}
	}
}
