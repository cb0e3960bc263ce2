package vfs

import (
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// HasOpenat2 reports whether there is openat2(2): not before Linux 5.6, in gVisor, and under filters that do not know it.
var HasOpenat2 = sync.OnceValue(func() bool {
	_, err := unix.Openat2(-1, "", &unix.OpenHow{})
	return err == unix.ENOENT
})

// walkPlain is Walk for most paths: those that have no "." and no "..", and lead through no link. Where they lead can be read off
// them, and whether they are such the kernel tells in one call, where to go down them takes one for each name. ok is false for
// all others, and for those that lead to nothing.
func (w *Walker) walkPlain(base Place, path string, end Ending) (r Result, ok bool) {
	if w.Visit != nil || w.NoCrossing || !HasOpenat2() {
		return r, false
	}
	start, names, same := base, path, true
	if strings.HasPrefix(path, "/") {
		start, names = w.RootPlace(), path[1:]
		same = start.Host == "/"
	}
	names, slash := strings.CutSuffix(names, "/")
	if start.Virtual == "" || !isPlain(names) {
		return r, false
	}
	virtual := join(start.Virtual, names)
	host, mount := w.Namespace.Host(virtual)
	if _, from := w.Namespace.Host(start.Virtual); mount != from && parent(mount.To) != start.Virtual {
		return r, false // the way to the mount may lead through links
	}
	switch checked := host; {
	case end == Follow, end == Self && slash:
		ok = isWithoutLinks(checked, 0)
	case strings.Contains(names, "/"):
		checked, _ = w.Namespace.Host(parent(virtual))
		ok = isWithoutLinks(checked, unix.O_DIRECTORY)
	default:
		ok = true
	}
	same = same && host == join(start.Host, names)
	return Result{Place: Place{virtual, host}, Slash: slash, Same: same, Mount: mount}, ok
}

// isPlain reports whether names, with slashes between them, are all those of entries of directories.
func isPlain(names string) bool {
	for {
		name, rest, more := strings.Cut(names, "/")
		if name == "" || name == "." || name == ".." {
			return false
		}
		if !more {
			return true
		}
		names = rest
	}
}

// isWithoutLinks reports whether a host path leads to a file, and through no link.
func isWithoutLinks(host string, flags uint64) bool {
	if len(host) >= unix.PathMax {
		return false
	}
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC | flags, Resolve: unix.RESOLVE_NO_SYMLINKS}
	fd, err := unix.Openat2(unix.AT_FDCWD, host, &how)
	if err != nil {
		return false
	}
	unix.Close(fd)
	return true
}
