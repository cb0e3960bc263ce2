package vfs

import (
	"slices"
	"strings"
	"unicode"
)

// A Mount puts a file or directory of the host at a place in a Namespace. Both paths are absolute, clean and without links.
type Mount struct {
	To       string // virtual path
	From     string // host path
	ReadOnly bool
	Tree     bool // file systems are mounted below From, and so below To: it is busy
	// Names: other names of the directory that begin with To's, and go on with anything but a letter or a digit, belong to it too: To + "-"
	// is From + "-". If To's begins with ".#", what a temporary name begins with, they may go on with anything. If it is a Template, they
	// are those that mkstemp(3) makes of it.
	Names bool
}

// Template is the end of a name for mkstemp(3), which puts letters and digits in its place.
const Template = "XXXXXX"

// sibling returns what is beside from where path is beside to; these are the places of a mount with Names, or the other way round.
func (m *Mount) sibling(path, to, from string) (string, bool) {
	if !m.Names {
		return "", false
	}
	to, isTemplate := strings.CutSuffix(to, Template)
	more, ok := strings.CutPrefix(path, to)
	if !ok || more == "" || strings.Contains(more, "/") {
		return "", false
	}
	if isTemplate {
		return strings.TrimSuffix(from, Template) + more, len(more) == len(Template) && strings.IndexFunc(more, isOther) < 0
	}
	return from + more, !isAlphanumeric(more[0]) || strings.HasPrefix(to[strings.LastIndexByte(to, '/')+1:], ".#")
}

func isOther(r rune) bool { return r > unicode.MaxASCII || !isAlphanumeric(byte(r)) }

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// A Namespace is a table of mounts. Where none is, a virtual path is the host's own. The zero value is the host as it is.
type Namespace struct {
	mounts []Mount // those that are nearer to the root first; of one place, the older first
}

// Mount adds a mount, over what is at its place already.
func (n *Namespace) Mount(m Mount) {
	i := len(n.mounts)
	for i > 0 && len(n.mounts[i-1].To) > len(m.To) {
		i--
	}
	n.mounts = slices.Insert(n.mounts, i, m)
}

// Unmount takes away the last mount at a place, and reports whether there was one. busy tells that there are mounts below
// it, or that came with it, which then stays unless force is set, which takes them away too.
func (n *Namespace) Unmount(to string, force bool) (found, busy bool) {
	at := n.index(to)
	if at < 0 {
		return false, false
	}
	below := func(m Mount) bool { return m.To != to && IsWithin(m.To, to) }
	if n.mounts[at].Tree && !force {
		return true, true
	}
	if slices.ContainsFunc(n.mounts, below) {
		if !force {
			return true, true
		}
		n.mounts = slices.DeleteFunc(n.mounts, below)
	}
	n.mounts = slices.Delete(n.mounts, at, at+1)
	return true, false
}

// At returns the mount whose place is exactly the virtual path.
func (n *Namespace) At(virtual string) (Mount, bool) {
	if i := n.index(virtual); i >= 0 {
		return n.mounts[i], true
	}
	return Mount{}, false
}

// SetReadOnly changes the mount at a place, and reports whether there is one.
func (n *Namespace) SetReadOnly(to string, readOnly bool) bool {
	i := n.index(to)
	if i >= 0 {
		n.mounts[i].ReadOnly = readOnly
	}
	return i >= 0
}

// Mounts returns the table, those that are nearer to the root first.
func (n *Namespace) Mounts() []Mount { return n.mounts }

func (n *Namespace) index(to string) int {
	for i := len(n.mounts) - 1; i >= 0; i-- {
		if n.mounts[i].To == to {
			return i
		}
	}
	return -1
}

// Host tells where a virtual path without links is on the host, and by which mount; none has no place.
func (n *Namespace) Host(virtual string) (string, Mount) {
	for i := len(n.mounts) - 1; i >= 0; i-- {
		if m := &n.mounts[i]; IsWithin(virtual, m.To) {
			return join(m.From, strings.TrimPrefix(virtual[len(m.To):], "/")), *m
		} else if beside, ok := m.sibling(virtual, m.To, m.From); ok {
			return beside, *m
		}
	}
	return virtual, Mount{}
}

// Virtual tells a virtual path below root by which a file of the host can be named: that of the mount that is nearest to the
// file. ok is false, if there is none.
func (n *Namespace) Virtual(host, root string) (virtual string, ok bool) {
	nearest := -1
	for i := len(n.mounts) - 1; i >= 0; i-- {
		m := &n.mounts[i]
		if beside, ok := m.sibling(host, m.From, m.To); ok && IsWithin(m.To, root) {
			return beside, true
		}
		if !IsWithin(host, m.From) || nearest >= len(m.From) {
			continue
		}
		at := join(m.To, strings.TrimPrefix(host[len(m.From):], "/"))
		if n.shows(at, host) && IsWithin(at, root) {
			nearest, virtual = len(m.From), at
		}
	}
	if nearest < 0 && n.shows(host, host) && IsWithin(host, root) {
		return host, true
	}
	return virtual, nearest >= 0
}

// shows reports whether a virtual path is that of a file of the host.
func (n *Namespace) shows(virtual, host string) bool {
	back, _ := n.Host(virtual)
	return back == host
}

// IsWithin reports whether a path is a directory or something below it.
func IsWithin(path, dir string) bool {
	if dir == "/" {
		return true
	}
	return strings.HasPrefix(path, dir) && (len(path) == len(dir) || path[len(dir)] == '/')
}

// join puts names behind a path.
func join(dir, names string) string {
	switch {
	case names == "":
		return dir
	case dir == "/":
		return "/" + names
	}
	return dir + "/" + names
}

// parent is the path of the directory that a path is in.
func parent(path string) string {
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		return path[:i]
	}
	return "/"
}
