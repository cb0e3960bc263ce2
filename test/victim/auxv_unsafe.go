//go:build linux

package main

import (
	_ "unsafe" // for linkname
)

// auxv is the auxiliary vector as the kernel left it on the stack, in pairs.
// /proc/self/auxv will not do: a process that dropped cannot always open it.
//
//go:linkname auxv runtime.getAuxv
func auxv() []uintptr
