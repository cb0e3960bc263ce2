//go:build !riscv64

package ptlib

// sigaction is the kernel's struct sigaction, on the architectures that have sa_restorer. The zero value is SIG_DFL.
type sigaction struct {
	handler  uintptr
	flags    uintptr
	restorer uintptr
	mask     uint64
}
