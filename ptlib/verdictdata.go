package ptlib

// A filter attaches 16 bits to its verdict, which the tracer gets with the stop: what is to be done about the call, and which
// convention the call is of. The filter knows that for certain (struct seccomp_data.arch); the registers do not tell it, as
// `int $0x80` makes a call of i386 from 64-bit code, and the kernel tells it only since PTRACE_GET_SYSCALL_INFO. A byte of
// ours tells such data from those of filters that the program has installed itself.

// filterKind is what a verdict of our filters means.
type filterKind uint16

const (
	filterForeign  filterKind = iota // not ours
	filterStop                       // an ordinary stop
	filterRefused                    // an ABI that is not supported
	filterUntraced                   // clone(2) with CLONE_UNTRACED
	filterCPUs                       // a call about processors; see company.meet
	filterLeave                      // exit(2) and exit_group(2)
)

const (
	verdictMark = 0x6600
	kindShift   = 4
)

func verdictData(kind filterKind, abi ABI) uint16 {
	return verdictMark | uint16(kind)<<kindShift | uint16(abi)
}

func kindOf(data uint32) filterKind {
	if data&^0xff != verdictMark {
		return filterForeign
	}
	return filterKind(data & 0xf0 >> kindShift)
}

func verdictABI(data uint32) ABI {
	if kindOf(data) == filterForeign {
		return ABIUnknown
	}
	return ABI(data & 0x0f)
}
