package ptlib

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// A program is given the shortcut when it has made more calls than the shortcut is patient with, or at once if one of its file did
// so before.
func TestShortcutPatience(t *testing.T) {
	f := emptyFile(t)
	program := shortcutProgram(t)
	id := fileID{7, 42}
	// The program makes lstat in three rounds, from one place.
	for _, tt := range []struct {
		name            string
		patience, stops int
		known, learns   bool
	}{
		{name: "none", stops: 1, learns: true},
		{name: "one", patience: 1, stops: 2, learns: true},
		{name: "one, but known", patience: 1, known: true, stops: 1, learns: true},
		{name: "much", patience: 100, stops: 3},
		{name: "much, but known", patience: 100, known: true, stops: 1, learns: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cut, err := NewShortcut(ShortcutOptions{UID: uint32(os.Getuid()), GID: uint32(os.Getgid()), Patience: tt.patience})
			if err != nil {
				t.Fatal(err)
			}
			defer cut.Close()
			stopped, learned := 0, false
			h := &hooks{
				exec: func(t, _ *Thread) {
					t.Recognize(id.dev, id.ino)
					if tt.known {
						t.tracer.curious.add(id)
					}
				},
				call: func(c *Call) {
					stopped++
					c.Then(func(*Call) {})
				},
				exit: func(t *Thread, _ unix.WaitStatus) { learned = t.tracer.curious.has(id) },
			}
			run := &trial{rules: stops(SysLstat), filter: FilterOptions{Shortcut: true}, handler: h, stdin: f, shortcut: cut}
			run.succeed(t, program)
			if stopped != tt.stops || learned != tt.learns {
				t.Errorf("lstat stopped %d times, want %d; learned: %v, want %v", stopped, tt.stops, learned, tt.learns)
			}
		})
	}
}

func TestCurious(t *testing.T) {
	var c curious
	if c.has(fileID{}) || c.has(fileID{1, 2}) {
		t.Error("something is known from the start")
	}
	c.add(fileID{1, 2})
	if !c.has(fileID{1, 2}) || c.has(fileID{2, 1}) {
		t.Error("not what was learned is known")
	}
}
