package ptlib

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// A program is given the shortcut when it has made more calls than the shortcut is patient with, or at once if one of its file did
// so before; also where the Handler does not ask to see the end of the calls.
func TestShortcutPatience(t *testing.T) {
	f := emptyFile(t)
	program := shortcutProgram(t)
	id := fileID{7, 42}
	// The program makes lstat in three rounds, from one place.
	for _, tt := range []struct {
		name            string
		patience, stops int
		known, learns   bool
		letGo           bool
	}{
		{name: "none", stops: 1, learns: true},
		{name: "one", patience: 1, stops: 2, learns: true},
		{name: "one, but known", patience: 1, known: true, stops: 1, learns: true},
		{name: "one, let go", patience: 1, stops: 2, learns: true, letGo: true},
		{name: "none, let go", stops: 1, learns: true, letGo: true},
		{name: "much", patience: 100, stops: 3},
		{name: "much, let go", patience: 100, stops: 3, letGo: true},
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
					if !tt.letGo {
						c.Then(func(*Call) {})
					}
				},
				exit: func(t *Thread, _ unix.WaitStatus) { learned = t.tracer.curious.find(id) != nil },
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
	if c.find(fileID{}) != nil || c.find(fileID{1, 2}) != nil {
		t.Error("something is known from the start")
	}
	c.add(fileID{1, 2})
	if c.find(fileID{1, 2}) == nil || c.find(fileID{2, 1}) != nil {
		t.Error("not what was learned is known")
	}
}

// A program that was seen to make its calls from a place is given the shortcut there before its first instruction. Places where
// nothing of the kind is are forgotten.
func TestShortcutForeseen(t *testing.T) {
	f := emptyFile(t)
	program := shortcutProgram(t)
	id := fileID{7, 42}
	run := func(before habit) (stopped int, after habit) {
		cut, err := NewShortcut(ShortcutOptions{UID: uint32(os.Getuid()), GID: uint32(os.Getgid())})
		if err != nil {
			t.Fatal(err)
		}
		defer cut.Close()
		h := &hooks{
			exec: func(t, _ *Thread) {
				t.Recognize(id.dev, id.ino)
				*t.tracer.curious.at(id) = before
				t.foresee() // of the command itself nothing can be known yet
			},
			call: func(c *Call) {
				stopped++
				c.Then(func(*Call) {})
			},
			exit: func(t *Thread, _ unix.WaitStatus) { after = *t.tracer.curious.at(id) },
		}
		(&trial{rules: stops(SysLstat), filter: FilterOptions{Shortcut: true}, handler: h, stdin: f, shortcut: cut}).succeed(t, program)
		return stopped, after
	}
	stopped, learned := run(habit{program: id})
	if stopped != 1 || learned.n != 1 {
		t.Fatalf("%d stops, want 1; learned: %+v", stopped, learned)
	}
	known := learned
	known.learn(place{1 << 40, 6})
	known.learn(place{learned.places[0].ip + 1, 6})
	stopped, after := run(known)
	if stopped != 0 || after.n != 1 || after.places[0] != learned.places[0] {
		t.Errorf("%d stops, want none; known: %+v, want %+v", stopped, after, learned)
	}
}
