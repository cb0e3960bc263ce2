package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
)

// completions are where shells look for what `feign completion` prints.
var completions = map[string]string{
	"bash": "share/bash-completion/completions/feign",
	"zsh":  "share/zsh/site-functions/_feign",
	"fish": "share/fish/vendor_completions.d/feign.fish",
}

// pack builds feign as `make build` does, to the same bytes, into a directory with manual pages and completions; and a
// directory whose bin/fakeroot is that feign, for what calls fakeroot by its name.
func pack(out, fakeroot string) error {
	if out == "" || fakeroot == "" {
		return errors.New("package: $out and $fakeroot are not set")
	}
	feign := filepath.Join(out, "bin", "feign")
	build := []string{"build", "-trimpath", "-buildvcs=false", "-o", feign, "./cmd/feign"}
	if err := command([]string{"CGO_ENABLED=0", "GOWORK=off"}, "go", build...); err != nil {
		return err
	}
	if err := command(nil, feign, "man", filepath.Join(out, "share", "man", "man1")); err != nil {
		return err
	}
	for shell, path := range completions {
		text, err := exec.Command(feign, "completion", shell).Output()
		if err != nil {
			return err
		}
		path = filepath.Join(out, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Join(fakeroot, "bin"), 0o755); err != nil {
		return err
	}
	return os.Symlink(feign, filepath.Join(fakeroot, "bin", "fakeroot"))
}
