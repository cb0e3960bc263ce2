package bpf

import "fmt"

// A Word is one of the 32-bit words of struct seccomp_data that a rule may test. Programs handle 32 bits at a time;
// a 64-bit value takes two tests.
type Word int

const (
	Arg0 Word = iota // low half of the first argument
	Arg1
	Arg2
	Arg3
	Arg4
	Arg5
	Arg0High // high half of the first argument; 0 on a 32-bit ABI
	Arg1High
	Arg2High
	Arg3High
	Arg4High
	Arg5High
	IPLow  // low half of the address after the instruction that made the call
	IPHigh // high half of it
	numWords
)

// An Op compares.
type Op uint8

const (
	Equal Op = iota
	NotEqual
)

// A Test holds if the word, reduced to the bits of Mask, compares with Value. Mask 0 and bits of Value outside Mask
// are errors, because such a test has only one answer.
type Test struct {
	Arg         Word
	Op          Op
	Mask, Value uint32
}

// A Rule gives an action to the calls with the number NR for which every test in When holds.
type Rule struct {
	NR     int // 0 to 0x7fffffff, for x32 with bit 30
	When   []Test
	Action Action
}

// A Range gives an action to the numbers from First to Last, both included, that have no rule: those that a table of
// system calls does not know.
type Range struct {
	First, Last int // 0 to 0x7fffffff
	Action      Action
}

// ABIRules are the rules for the calls of one architecture. Of several rules for one number the first that holds
// decides; if none does, or there is neither rule nor range for the number, the call is allowed.
type ABIRules struct {
	Arch   uint32 // AUDIT_ARCH_*, of a little-endian architecture
	Rules  []Rule
	Ranges []Range // in any order; they do not overlap

	// HighBit decides the calls from 0x40000000 to 0x7fffffff that have neither rule nor range. These are the x32 ABI's
	// on x86-64, where it must be set: rules for amd64's numbers do not see them (seccomp(2), "Caveats"). Elsewhere 0
	// allows them, and the kernel answers ENOSYS.
	HighBit Action

	// Exempt lets calls pass for which all of these tests hold, whatever Rules say: see IPIn. Empty exempts none.
	// It is asked last, only when a rule would do something other than Allow.
	Exempt []Test
}

const (
	archX8664        = 0xc000003e // AUDIT_ARCH_X86_64
	archLittleEndian = 0x40000000 // __AUDIT_ARCH_LE

	x32Bit = 0x40000000 // __X32_SYSCALL_BIT
)

// IPIn returns the tests that hold for calls made by instructions which end in the size bytes from base. Size is a
// power of two and base is a multiple of it. The kernel reports the address after the instruction, so one that
// ends exactly at base counts as inside, and one that ends at base+size does not. Filters survive execve(2), and so
// would an exemption, for whatever the new program has at these addresses: whoever uses it sees to that.
func IPIn(base, size uint64) ([]Test, error) {
	if size == 0 || size&(size-1) != 0 || base&(size-1) != 0 {
		return nil, fmt.Errorf("bpf: exempt range %#x+%#x is not an aligned power of two", base, size)
	}
	mask := ^(size - 1)
	var tests []Test
	if low := uint32(mask); low != 0 {
		tests = append(tests, Test{IPLow, Equal, low, uint32(base)})
	}
	if high := uint32(mask >> 32); high != 0 {
		tests = append(tests, Test{IPHigh, Equal, high, uint32(base >> 32)})
	}
	return tests, nil
}

// check reports the first mistake in the rules.
func check(abis []ABIRules, other Action) error {
	if len(abis) == 0 {
		return fmt.Errorf("no ABI has rules")
	}
	if err := other.check(); err != nil {
		return fmt.Errorf("other architectures: %w", err)
	}
	seen := make(map[uint32]bool)
	for _, a := range abis {
		if seen[a.Arch] {
			return fmt.Errorf("architecture %s is given twice", archName(a.Arch))
		}
		seen[a.Arch] = true
		if err := a.check(); err != nil {
			return fmt.Errorf("architecture %s: %w", archName(a.Arch), err)
		}
	}
	return nil
}

func (a *ABIRules) check() error {
	if a.Arch&archLittleEndian == 0 {
		return fmt.Errorf("big-endian architectures are not supported")
	}
	if a.HighBit != 0 || a.Arch == archX8664 {
		if err := a.HighBit.check(); err != nil {
			return fmt.Errorf("numbers with bit 30 (x32): %w", err)
		}
	}
	if err := checkTests(a.Exempt); err != nil {
		return fmt.Errorf("exemption: %w", err)
	}
	for i, r := range a.Rules {
		if r.NR < 0 || int64(r.NR) > 0x7fffffff {
			return fmt.Errorf("rule %d: call number %d is out of range", i, r.NR)
		}
		if err := r.Action.check(); err != nil {
			return fmt.Errorf("rule %d for call %d: %w", i, r.NR, err)
		}
		if err := checkTests(r.When); err != nil {
			return fmt.Errorf("rule %d for call %d: %w", i, r.NR, err)
		}
	}
	return a.checkRanges()
}

func (a *ABIRules) checkRanges() error {
	for i, r := range a.Ranges {
		if r.First < 0 || r.Last < r.First || int64(r.Last) > 0x7fffffff {
			return fmt.Errorf("range %d: call numbers %d to %d are out of range", i, r.First, r.Last)
		}
		if err := r.Action.check(); err != nil {
			return fmt.Errorf("range %d of calls %d to %d: %w", i, r.First, r.Last, err)
		}
		for _, o := range a.Ranges[:i] {
			if r.First <= o.Last && o.First <= r.Last {
				return fmt.Errorf("ranges %d to %d and %d to %d overlap", o.First, o.Last, r.First, r.Last)
			}
		}
	}
	return nil
}

// unruled returns the action for a number that has no rule, as an unsigned one: negative numbers, from 0x80000000, are
// allowed, since the kernel makes no call of them.
func (a *ABIRules) unruled(nr uint32) Action {
	for _, r := range a.Ranges {
		if nr >= uint32(r.First) && nr <= uint32(r.Last) {
			return r.Action
		}
	}
	if a.HighBit != 0 && nr >= x32Bit && nr < 2*x32Bit {
		return a.HighBit
	}
	return Allow
}

func checkTests(tests []Test) error {
	for _, t := range tests {
		switch {
		case t.Arg < 0 || t.Arg >= numWords:
			return fmt.Errorf("test of word %d, which does not exist", t.Arg)
		case t.Op > NotEqual:
			return fmt.Errorf("test of %v: unknown operator %d", t.Arg, t.Op)
		case t.Mask == 0:
			return fmt.Errorf("test of %v: mask is 0 (use 0xffffffff for all bits)", t.Arg)
		case t.Value&^t.Mask != 0:
			return fmt.Errorf("test of %v: value %#x has bits outside the mask %#x", t.Arg, t.Value, t.Mask)
		}
	}
	return nil
}

// String returns "arg2", "arg2.high", "ip.low" or "ip.high".
func (w Word) String() string {
	switch {
	case w < 0 || w >= numWords:
		return fmt.Sprintf("word(%d)", int(w))
	case w < Arg0High:
		return fmt.Sprintf("arg%d", int(w-Arg0))
	case w < IPLow:
		return fmt.Sprintf("arg%d.high", int(w-Arg0High))
	case w == IPLow:
		return "ip.low"
	}
	return "ip.high"
}
