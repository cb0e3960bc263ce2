package ptlib

// tracedABIs are the conventions that a tracee of this platform may use.
var tracedABIs = []ABI{ABIRISCV64}

func traces(abi ABI) bool { return abi == ABIRISCV64 }

// OpenLargefile is O_LARGEFILE of open(2), which some C libraries set in 64-bit programs; x/sys has 0 where the kernel does
// not ask for it.
const OpenLargefile = 0o100000
