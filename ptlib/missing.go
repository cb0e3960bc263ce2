package ptlib

import "golang.org/x/sys/unix"

// Missing returns those of the calls that fail with ENOSYS here: the kernel is older than they are, or a filter that this
// process is under says so. They are tried by being made, with arguments of which none is valid (a descriptor that is not
// open, addresses outside of user space, flags that do not exist): only calls that refuse those may be asked about.
func Missing(calls ...Sys) []Sys {
	const invalid = ^uintptr(0)
	var missing []Sys
	for _, s := range calls {
		nr := nrOf(native.Tracees[0], s)
		if nr >= 0 {
			_, _, errno := unix.RawSyscall6(uintptr(nr), invalid, invalid, invalid, invalid, invalid, invalid)
			if errno != unix.ENOSYS {
				continue
			}
		}
		missing = append(missing, s)
	}
	return missing
}
