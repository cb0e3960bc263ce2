package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// platforms are those whose imports are gathered, so that the hash is one for all systems.
var platforms = []string{"386", "amd64", "arm64", "riscv64"}

// modules fills a directory that is not there yet with a module cache (GOMODCACHE) for ./cmd/feign: what go.sum vouches
// for, and nothing that tells of the proxy or the time that it came from.
func modules(dir string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for _, arch := range platforms {
		env := []string{"GOMODCACHE=" + dir, "GOFLAGS=-mod=readonly -modcacherw", "GOSUMDB=off", "GOWORK=off", "GOOS=linux", "GOARCH=" + arch, "CGO_ENABLED=0"}
		if err := command(env, "go", "list", "-deps", "-f", `{{if .Error}}{{.Error}}{{end}}`, "./cmd/feign"); err != nil {
			return err
		}
	}
	return prune(filepath.Join(dir, "cache"))
}

// prune leaves of the cache of downloads what a build reads: each module's go.mod, and the digest of what was unpacked.
func prune(cache string) error {
	if err := os.RemoveAll(filepath.Join(cache, "download", "sumdb")); err != nil {
		return err
	}
	kept := 0
	err := filepath.WalkDir(cache, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if strings.HasSuffix(path, ".mod") || strings.HasSuffix(path, ".ziphash") {
			kept++
			return nil
		}
		return os.Remove(path)
	})
	if err == nil && kept == 0 {
		err = fmt.Errorf("%s: nothing was downloaded", cache)
	}
	return err
}
