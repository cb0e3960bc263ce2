package ptlib

import (
	"bytes"
	"os"
	"testing"
)

// What the kernel says of one address is what the lines of proc_pid_maps(5) say.
func TestIsText(t *testing.T) {
	const own = "/proc/self/maps"
	maps, err := os.ReadFile(own)
	if err != nil {
		t.Fatal(err)
	}
	self := &Thread{Tgid: os.Getpid()}
	texts := 0
	for line := range bytes.Lines(maps) {
		first, end, rest := mapped(line)
		want := isProgram(rest)
		if want {
			texts++
		} else if !bytes.HasPrefix(rest, []byte(" r")) {
			continue // it may have changed meanwhile
		}
		if got := self.isText(first, end); got != want {
			t.Errorf("%s: %v", line, got)
		}
		if got := isTextByLines(own, first, end); got != want {
			t.Errorf("%s: %v by its line", line, got)
		}
		if self.isText(first, end+1) {
			t.Errorf("%s: more than it is text", line)
		}
	}
	if texts == 0 {
		t.Error("this program has no text")
	}
}
