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
// all others.
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
	r = Result{Place: Place{virtual, host}, Slash: slash, Same: same && host == join(start.Host, names), Mount: mount}
	if end != Name {
		switch errno := openPlain(host, 0); {
		case errno == 0:
			r.There = !slash // with a slash, it may not be what is asked for
			return r, true
		case errno == unix.ENOENT && virtual != mount.To:
			r.Missing = true
		case errno != unix.ELOOP || end == Follow || slash:
			return r, false
		}
	}
	if !strings.Contains(names, "/") {
		return r, true
	}
	above, _ := w.Namespace.Host(parent(virtual))
	errno := openPlain(above, unix.O_DIRECTORY)
	if errno == unix.ENOENT && r.Missing {
		r.Virtual, r.Mount = "", Mount{} // it is a directory on the way that is missing
		return r, true
	}
	return r, errno == 0
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

// openPlain opens a host path that leads through no link, and tells what became of it. errno is ELOOP if it leads through one.
func openPlain(host string, flags uint64) unix.Errno {
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC | flags, Resolve: unix.RESOLVE_NO_SYMLINKS}
	fd, err := unix.Openat2(unix.AT_FDCWD, host, &how)
	if err != nil {
		return err.(unix.Errno)
	}
	unix.Close(fd)
	return 0
}
