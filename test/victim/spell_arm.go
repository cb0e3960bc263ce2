//go:build linux && arm

package main

// spell returns the call that this architecture has for the one that a case
// means: a length of 64 bits begins at an even register.
func spell(nr uintptr, args []any) (uintptr, []any) {
	if nr == sysTruncate && len(args) == 3 {
		args = []any{args[0], 0, args[1], args[2]}
	}
	return nr, args
}
