//go:build linux

package main

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Steps that run programs.

// program is the copy of this program in the tree, or this one.
func (w *walker) program(d *dice) string {
	switch d.below(8) {
	case 0:
		return "/proc/self/exe"
	case 1, 2:
		return w.original
	}
	return filepath.Join(w.base, "v")
}

// stepChild has a child make some steps of its own.
func stepChild(w *walker, d *dice) {
	if w.depth > 2 {
		say("no child")
		return
	}
	c := walker{seed: d.next(), original: w.original, base: w.base, depth: w.depth + 1}
	steps := make([]int, 1+d.below(6))
	for i := range steps {
		steps[i] = i
	}
	program := w.program(d)
	say("child of %s", filepath.Base(program))
	c.child(program, steps)
}

// stepExec becomes another program, which makes the rest of the steps.
func stepExec(w *walker, d *dice) {
	program := w.program(d)
	say("exec of %s", filepath.Base(program))
	if len(w.rest) == 0 {
		return
	}
	err := unix.Exec(program, w.args("walker", w.seed, w.depth, w.rest), os.Environ())
	say("   exec: %s", errno(err))
}
