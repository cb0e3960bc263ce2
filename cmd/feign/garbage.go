package main

import (
	"os"
	"runtime"
	"runtime/debug"
)

// collectLate puts the first collection of garbage off until the heap has 64 MiB: the work on an ordinary tree ends before, and
// collecting from 4 MiB on is a twentieth of its processor time. A larger heap is collected as ever. Whoever sets GOGC has it so.
func collectLate() {
	if os.Getenv("GOGC") != "" {
		return
	}
	percent := debug.SetGCPercent(1600) // of the 4 MiB from which the runtime begins
	runtime.SetFinalizer(new(sentinel), func(*sentinel) { debug.SetGCPercent(percent) })
}

// A sentinel is garbage, which the first collection finds.
type sentinel struct{ _ *sentinel }
