package store

import (
	"os"
	"path/filepath"

	"github.com/feign-build/feign/lies"
)

// A resolver makes the paths that programs used the real ones, by which a state is searched and scopes are meant: programs
// go by way of symbolic links. Directories are resolved once.
type resolver struct{ dirs map[string]string }

// real is path with its directory resolved.
func (r *resolver) real(path string) string {
	if !filepath.IsAbs(path) {
		return path
	}
	path = filepath.Clean(path)
	dir, name := filepath.Split(path)
	real, ok := r.dirs[dir]
	if !ok {
		real = RealPath(dir)
		if r.dirs == nil {
			r.dirs = make(map[string]string)
		}
		r.dirs[dir] = real
	}
	return filepath.Join(real, name)
}

// file is the path of a lie's file: what it links to, if the lie was told by way of a link.
func (r *resolver) file(l *lies.Lie) string {
	path := r.real(l.Path)
	if l.Type&typeMask == typeLink {
		return path
	}
	if _, err := os.Readlink(path); err != nil { // it is no link: to ask that takes less than to ask what it is
		return path
	}
	if key, id, err := lies.Identify(path); err != nil || key == l.Key || id.Type != typeLink {
		return path
	}
	if target := RealPath(path); target != path {
		if key, _, err := lies.Identify(target); err == nil && key == l.Key {
			return target
		}
	}
	return path
}

const typeLink = 0o120000
