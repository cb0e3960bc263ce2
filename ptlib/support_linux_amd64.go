package ptlib

// tracedABIs are the conventions that a tracee of this platform may use, the native one first.
var tracedABIs = []ABI{ABIAMD64, ABI386}

func traces(abi ABI) bool { return abi == ABIAMD64 || abi == ABI386 }

// OpenLargefile is O_LARGEFILE of open(2), which 32-bit programs set, and some C libraries in 64-bit ones; x/sys has 0
// where the kernel does not ask for it.
const OpenLargefile = 0o100000
