package ptlib

// tracedABIs are the conventions that a tracee of this platform may use, the native one first.
var tracedABIs = []ABI{ABIAMD64, ABI386}

func traces(abi ABI) bool { return abi == ABIAMD64 || abi == ABI386 }
