package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestNarHash: what `nix-hash --type sha256 --sri` and nix hash path say of the same trees.
func TestNarHash(t *testing.T) {
	dir := t.TempDir()
	tree := filepath.Join(dir, "tree")
	for _, d := range []string{tree, filepath.Join(tree, "empty")} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, mode := range map[string]os.FileMode{"a": 0o644, "b.sh": 0o755, "a-b": 0o600} {
		if err := os.WriteFile(filepath.Join(tree, name), []byte("hello "+name+"\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("nowhere", filepath.Join(tree, "link")); err != nil {
		t.Skip(err)
	}
	for _, tt := range []struct{ path, want string }{
		{tree, "sha256-rAFIp4GKvpdaogqfjtCH/YrkD34W1XuIKvD8f+5Ve0k="},
		{filepath.Join(tree, "a"), "sha256-WMWYCbxqmcxbKsSmheW5jdOK6XeGXrLLy0fQTnEwJ60="},
		{filepath.Join(tree, "b.sh"), "sha256-sXfmbttr6aBH7ea9Bc9vyWbaEIp/x/X8LUd0z5dyW5o="},
		{filepath.Join(tree, "link"), "sha256-e59i69zsNZ2Rf3xCXGh9S29FHYhrFgy3Ci95re5qp9s="},
	} {
		got, err := narHash(tt.path)
		if err != nil || got != tt.want {
			t.Errorf("%s: %s, %v, want %s", filepath.Base(tt.path), got, err, tt.want)
		}
	}
	if _, err := narHash(filepath.Join(dir, "none")); err == nil {
		t.Error("a path that is not there has a hash")
	}
}
