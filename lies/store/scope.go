package store

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
)

// Scope says about which paths lies are kept. Paths are absolute and clean; each stands for itself and what is below it.
// The longest one that a path is below decides; one that is in both lists is ignored.
type Scope struct {
	Include []string // empty: everything
	Ignore  []string
}

// Keeps reports whether lies about the file at path are kept. A path that is not known, "", is in scope if nothing is
// included by name.
func (s *Scope) Keeps(path string) bool {
	included, ignored := -1, -1
	if len(s.Include) == 0 {
		included = 0
	}
	for _, p := range s.Include {
		if Below(path, p) {
			included = max(included, len(p))
		}
	}
	for _, p := range s.Ignore {
		if Below(path, p) {
			ignored = max(ignored, len(p))
		}
	}
	return included > ignored
}

// everything reports whether all paths are in scope.
func (s *Scope) everything() bool { return len(s.Include) == 0 && len(s.Ignore) == 0 }

// Below reports whether path is dir or below it: /usr/lib64 is not below /usr/lib.
func Below(path, dir string) bool {
	rest, ok := strings.CutPrefix(path, strings.TrimSuffix(dir, "/"))
	return ok && (rest == "" || rest[0] == '/')
}

// RealPath resolves the symbolic links of an absolute path, as far as it is there: states have real paths.
func RealPath(path string) string {
	path = filepath.Clean(path)
	real, err := filepath.EvalSymlinks(path)
	if err == nil {
		return real
	}
	if dir := filepath.Dir(path); errors.Is(err, fs.ErrNotExist) && dir != path {
		return filepath.Join(RealPath(dir), filepath.Base(path))
	}
	return path
}
