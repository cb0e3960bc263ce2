//go:build linux && (amd64 || 386)

package main

// spell returns the call that this architecture has for the one that a case
// means: every case was written for this one.
func spell(nr uintptr, args []any) (uintptr, []any) { return nr, args }
