//go:build linux && !amd64 && !386

package main

// abiStatSpellings and abiSubjects are what only one ABI has: these have
// nothing of the kind.
var (
	abiStatSpellings []statSpelling
	abiSubjects      []subject
)
