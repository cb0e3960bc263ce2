package ptlib

// tracedABIs are the conventions that a tracee of this platform may use, the native one first. 32-bit arm is there
// where the processor and the kernel have it (CONFIG_COMPAT).
var tracedABIs = []ABI{ABIARM64, ABIARM}

func traces(abi ABI) bool { return abi == ABIARM64 || abi == ABIARM }
