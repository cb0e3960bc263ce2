package store

import (
	"path/filepath"
	"strings"

	"github.com/feign-build/feign/lies"
)

// A resolver makes the paths that programs used the real ones, by which a state is searched and scopes are meant: programs
// go by way of symbolic links. Directories are resolved once. It is to be closed.
type resolver struct {
	dirs map[string]string // with a slash at the end, both
	last directory         // that was resolved

	dir, to string // that was asked for last, and what it is: mostly the next file is beside
}

// real is path with its directory resolved.
func (r *resolver) real(path string) string {
	if !filepath.IsAbs(path) {
		return path
	}
	dir, name := filepath.Split(path)
	if name == "" || name == "." || name == ".." {
		dir, name = filepath.Split(filepath.Clean(path))
	}
	real, ok := r.to, dir == r.dir
	if !ok {
		real, ok = r.dirs[dir]
	}
	if !ok {
		if real = r.last.open(dir); !strings.HasSuffix(real, string(filepath.Separator)) {
			real += string(filepath.Separator)
		}
		if r.dirs == nil {
			r.dirs = make(map[string]string)
		}
		r.dirs[dir] = real
	}
	r.dir, r.to = dir, real
	if len(real)+len(name) == len(path) && strings.HasPrefix(path, real) {
		return path
	}
	return real + name
}

// file is the path of a lie's file: what it links to, if the lie was told by way of a link.
func (r *resolver) file(l *lies.Lie) string {
	path := r.real(l.Path)
	if l.Direct || l.Type&typeMask == typeLink || !r.last.isLink(path, l.Path) {
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

func (r *resolver) close() { r.last.close() }

const typeLink = 0o120000
