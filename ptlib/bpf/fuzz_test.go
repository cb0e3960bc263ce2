package bpf

import (
	"math/rand/v2"
	"testing"
)

// A source turns a fuzzer's bytes into choices; when they run out every choice is the first.
type source []byte

func (s *source) byte() byte {
	if len(*s) == 0 {
		return 0
	}
	b := (*s)[0]
	*s = (*s)[1:]
	return b
}

func (s *source) below(n int) int { return int(s.byte()) % n }

// rules decodes a valid ruleset. Few different numbers, words and values make rules meet.
func (s *source) rules() ([]ABIRules, Action) {
	other := s.action()
	abis := make([]ABIRules, 1+s.below(3))
	for i := range abis {
		abis[i].Arch = [...]uint32{archX8664, arch386, 0xc00000b7}[i]
		if i == 0 || s.below(4) == 0 {
			abis[i].HighBit = s.action()
		}
		if s.below(3) == 0 {
			abis[i].Exempt = s.tests(3)
		}
		abis[i].Ranges = s.ranges()
		for range s.byte() {
			if len(*s) == 0 {
				break
			}
			abis[i].Rules = append(abis[i].Rules, s.rule())
		}
	}
	return abis, other
}

// ranges come in ascending order and may touch.
func (s *source) ranges() []Range {
	var ranges []Range
	nr := 0
	for range s.below(4) {
		first := nr + s.below(20)
		last := first + s.below(20)
		if s.below(5) == 0 {
			last = x32Bit + s.below(3) - 1
		}
		if last < first {
			break
		}
		ranges = append(ranges, Range{first, last, s.action()})
		nr = last + 1
	}
	return ranges
}

func (s *source) rule() Rule {
	nr := s.below(40)
	switch s.below(8) {
	case 0:
		nr += x32Bit
	case 1:
		nr += 0x7fffffff - 39
	}
	return Rule{NR: nr, When: s.tests(4), Action: s.action()}
}

func (s *source) tests(n int) []Test {
	tests := make([]Test, s.below(n))
	for i := range tests {
		mask := [...]uint32{allBits, 1, 3, 0xff00, 0x80000000}[s.below(5)]
		tests[i] = Test{
			Arg: Word(s.below(int(numWords))), Op: Op(s.below(2)), Mask: mask,
			Value: [...]uint32{0, 1, 2, allBits, 0x1234}[s.below(5)] & mask,
		}
	}
	return tests
}

func (s *source) action() Action {
	return [...]Action{Trace(1), Allow, Errno(1), KillProcess, Trap(2), Notify, Trace(2)}[s.below(7)]
}

func checkRuleset(t *testing.T, data []byte) {
	s := source(data)
	abis, other := s.rules()
	prog, err := Compile(abis, other)
	if err != nil {
		t.Fatal(err)
	}
	verify(t, prog, abis, other)
}

// FuzzCompile: a program does what its rules say.
func FuzzCompile(f *testing.F) {
	f.Add([]byte("rules"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 2048 { // a program of valid rules may be too long
			return
		}
		checkRuleset(t, data)
	})
}

// TestRandomRules does the same with many random rulesets, without a fuzzer.
func TestRandomRules(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		data := make([]byte, rnd.IntN(1200))
		for i := range data {
			data[i] = byte(rnd.Uint32())
		}
		checkRuleset(t, data)
	}
}

// FuzzCheck: what Check accepts can be run and printed without harm.
func FuzzCheck(f *testing.F) {
	prog, err := Compile(cases(f)["same-word"], KillProcess)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(Encode(prog), []byte("call"))
	f.Fuzz(func(t *testing.T, code, call []byte) {
		var prog []Insn
		for ; len(code) >= InsnSize; code = code[InsnSize:] {
			prog = append(prog, Insn{uint16(code[0]) | uint16(code[1])<<8, code[2], code[3],
				uint32(code[4]) | uint32(code[5])<<8 | uint32(code[6])<<16 | uint32(code[7])<<24})
		}
		Listing(prog)
		s := source(call)
		d := SeccompData{NR: int32(s.byte()), Arch: uint32(s.byte()), IP: uint64(s.byte()), Args: [6]uint64{uint64(s.byte())}}
		if _, err := Run(prog, d); (err == nil) != (Check(prog) == nil) {
			t.Errorf("Run: %v, Check: %v", err, Check(prog))
		}
	})
}
