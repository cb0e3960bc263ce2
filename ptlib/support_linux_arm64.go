package ptlib

// tracedABIs are the conventions that a tracee of this platform may use, the native one first. 32-bit arm is there
// where the processor and the kernel have it (CONFIG_COMPAT).
var tracedABIs = []ABI{ABIARM64, ABIARM}

func traces(abi ABI) bool { return abi == ABIARM64 || abi == ABIARM }

// OpenLargefile is O_LARGEFILE of open(2), which 32-bit programs set, and some C libraries in 64-bit ones; x/sys has 0
// where the kernel does not ask for it.
const OpenLargefile = 0o400000
