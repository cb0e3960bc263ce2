package ptlib

// sigaction is the kernel's struct sigaction (include/linux/signal_types.h), without SA_RESTORER: the vDSO has the code to
// return from a handler. The zero value is SIG_DFL.
type sigaction struct {
	handler uintptr
	flags   uintptr
	mask    uint64
}
