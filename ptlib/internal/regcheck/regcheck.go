//go:build linux && (386 || amd64 || arm64 || riscv64)

// Package regcheck makes a system call with a known pattern in every register,
// and tells which of them the kernel, or a tracer, gave back changed. It is for
// the tests of ptlib: whatever a tracer does in the middle of a call, the
// program finds its registers as it left them.
package regcheck

// Call makes the call nr with the first four arguments given and patterns in the
// other argument registers, and returns its result. In changed, bit N says that
// register number N of the list in regcheck_GOARCH.s came back changed.
func Call(nr uintptr, args [4]uintptr) (result, changed uintptr) {
	return call(nr, args[0], args[1], args[2], args[3])
}

//go:noescape
func call(nr, a, b, c, d uintptr) (result, changed uintptr)
