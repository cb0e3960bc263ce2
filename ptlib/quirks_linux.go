//go:build !riscv64

package ptlib

// required says what a port needs of a kernel beyond what feign needs anywhere, if it is not there.
func (t *Thread) required() error { return nil }

// argsInCall are the arguments of the call that t is in the middle of, at a stop that is not that of its entry.
func (t *Thread) argsInCall(abi ABI) [6]uint64 { return t.regs.args(abi) }
