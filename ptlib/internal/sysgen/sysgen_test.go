package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The committed tables are those that the selected golang.org/x/sys gives.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	unix, err := unixDir()
	if err != nil {
		t.Skip(err)
	}
	files, err := generate(unix)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("ptlib/%s is stale: run go generate ./ptlib", name)
		}
	}
}

func TestCanonicalRefuses(t *testing.T) {
	for what, c := range map[string]struct {
		names map[string]int
		arch  arch
		want  string
	}{
		"number differs":  {map[string]int{"listns": 3}, arch{}, "listns is 3"},
		"number is taken": {map[string]int{"a": 3, "b": 3}, arch{}, "number 3"},
		"no chown32":      {map[string]int{"chown": 3}, arch{uid16: true}, "chown32 is missing"},
	} {
		if _, err := canonical(c.arch, c.names); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", what, err, c.want)
		}
	}
}

func TestIdentifier(t *testing.T) {
	for name, want := range map[string]string{
		"read": "SysRead", "io_uring_setup": "SysIoUringSetup", "_llseek": "SysLlseek", "chown16": "SysChown16",
	} {
		if got := identifier(name); got != want {
			t.Errorf("identifier(%q) = %q, want %q", name, got, want)
		}
	}
	twice := map[string]table{"A": {1: "sysctl", 2: "_sysctl"}}
	if _, err := identifiers(twice); err == nil {
		t.Error("two names for one constant are accepted")
	}
}

func TestReadNumbersNeedsNumbers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "z.go")
	if err := os.WriteFile(file, []byte("package unix\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := readNumbers(file); err == nil {
		t.Error("an empty list is accepted")
	}
}
