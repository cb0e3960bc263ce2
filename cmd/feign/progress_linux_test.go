package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/feign-build/feign/archive"
)

// A pack that takes over a second says on a terminal how far it is, and takes that away; a quick one says nothing.
func TestTerminalProgress(t *testing.T) {
	t.Parallel()
	x := openTerminal(t)
	tree := filepath.Join(x.shell.Dir, "tree")
	if err := os.Mkdir(tree, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b", "c", "d"} {
		if err := os.WriteFile(filepath.Join(tree, name), make([]byte, 2<<20), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	x.types("feign run -m m.mtree --root tree -- true; feign pack -m m.mtree -C tree -o out.tar; echo quick $?\n")
	if shown := x.expects(`quick \d`); strings.Contains(shown, "files") || !strings.HasSuffix(shown, "quick 0") {
		t.Errorf("a quick pack: %q", shown)
	}
	// The reader waits, and the pipe is full meanwhile.
	x.types("feign pack -m m.mtree -C tree -o - --format tar | (sleep 1.3; cat >/dev/null); echo slow $?\n")
	shown := x.expects(`slow \d`)
	line := regexp.MustCompile(`\rfeign: pack: \d of 4 files, \d\.\d of 8\.4 MB, \d+\.\d MB/s\x1b\[K`)
	if !line.MatchString(shown) || !regexp.MustCompile(`\r\x1b\[Kslow 0$`).MatchString(shown) {
		t.Errorf("a slow pack: %q", shown)
	}
	// Nor when somebody else reads the messages.
	x.types("feign pack --log-format json -m m.mtree -C tree -o - --format tar | (sleep 1.3; cat >/dev/null); echo json $?\n")
	if shown := x.expects(`json \d`); strings.Contains(shown, "files") {
		t.Errorf("with --log-format json: %q", shown)
	}
}

func TestProgressText(t *testing.T) {
	a := archive.Progress{Files: 3, AllFiles: 20000, Bytes: 1234567, AllBytes: 146_000_000}
	if got, want := progressText(a, 2*time.Second), "feign: pack: 3 of 20000 files, 1.2 of 146.0 MB, 0.6 MB/s"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
