package ptlib

// tracedABIs are the conventions that a tracee of this platform may use. A 64-bit program under a 64-bit kernel is refused:
// a 32-bit tracer cannot see its registers.
var tracedABIs = []ABI{ABI386}

func traces(abi ABI) bool { return abi == ABI386 }
