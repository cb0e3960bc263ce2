package ptlib

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib/bpf"
)

// unknownRanges returns what becomes of the numbers that abi's table does not know: its holes, and all that is above it.
// A newer kernel may have given them to calls that nobody has decided about. The private numbers that an ABI has beside
// its table are left alone, and so are those of x32, which differ by a bit.
func unknownRanges(abi ABI, act bpf.Action) []bpf.Range {
	table := abis[abi].sys
	var ranges []bpf.Range
	for nr := 0; nr < len(table); nr++ {
		first := nr
		for nr < len(table) && table[nr] == SysUnknown {
			nr++
		}
		if nr > first {
			ranges = append(ranges, bpf.Range{First: first, Last: nr - 1, Action: act})
		}
	}
	return append(ranges, bpf.Range{First: len(table), Last: abi.lastNumber(), Action: act})
}

// lastNumber is the highest number that could belong to a call of a's table: below the bit of x32, or below the private
// numbers of 32-bit arm (arch/arm/include/uapi/asm/unistd.h, __ARM_NR_BASE).
func (a ABI) lastNumber() int {
	if a == ABIARM {
		return armPrivate - 1
	}
	return x32Bit - 1
}

const armPrivate = 0xf0000

// unknownAction is what a Base filter does with such numbers.
func (o *FilterOptions) unknownAction(abi ABI) bpf.Action {
	if o.KeepUnknown {
		return bpf.Trace(verdictData(filterStop, abi))
	}
	return bpf.Errno(uint16(unix.ENOSYS))
}
