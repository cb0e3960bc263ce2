package vfs

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// An Ending is what a walk makes of the last component of a path.
type Ending uint8

const (
	Follow Ending = iota // a link is followed: the file is meant
	Self                 // a link is not followed, unless a slash is behind it: the file is meant
	Name                 // a link is not followed: an entry of the directory is meant (fs/namei.c, filename_parentat)
)

// A Place is where a walk begins or ends.
type Place struct {
	Virtual string // "" outside of what the namespace shows
	Host    string
}

// A Walker goes down paths as a process would.
type Walker struct {
	Namespace *Namespace
	Root      string // the process's root directory, a virtual path
	// Process and Task are what "self" and "thread-self" in /proc mean.
	Process, Task int

	// Visit is called with the host path of each directory that a name is looked up in; the walk ends with its error. It may
	// be nil.
	Visit func(dir string) unix.Errno
	// Proc tells what a link of /proc leads to that is about a process, by its host path, where that is another file than
	// the kernel says. It may be nil.
	Proc func(link string) (Place, bool)
	// NoCrossing ends the walk with EXDEV where it would come from one mount into another (openat2(2), RESOLVE_NO_XDEV).
	NoCrossing bool
	// MaxLinks is how many links may be followed; 0 is none.
	MaxLinks int
}

// MaxLinks is how many symbolic links a path may lead through (include/linux/namei.h, MAXSYMLINKS).
const MaxLinks = 40

// A Result is where a path leads.
type Result struct {
	Place // of the last component, which need not be there
	Slash bool
	// Same tells that the kernel comes to the same file by the path as it is, from its own root directory.
	Same  bool
	Mount Mount // that the file is in
	Links int   // that were followed
	// Missing tells that the file was looked for, and is not there, or a directory on the way. There tells that it is there, and
	// neither a link nor named with a slash behind it. Not every walk looks.
	Missing, There bool
}

// walk is the state of a walk.
type walk struct {
	*Walker
	at      Place
	rest    []string
	slash   bool
	links   int
	strays  bool // the kernel, left alone, would go elsewhere
	rooted  bool // the walk has had to do with the root directory before
	crossed bool // it has come into another mount
	missing bool // see Result

	rootHost string
}

// RootPlace is the process's root directory.
func (w *Walker) RootPlace() Place {
	host, _ := w.Namespace.Host(w.Root)
	return Place{w.Root, host}
}

// PlaceOf is the place of a file of the host.
func (w *Walker) PlaceOf(host string) Place {
	virtual, _ := w.Namespace.Virtual(host, w.Root)
	return Place{virtual, host}
}

// Shown is a place by the path that the process knows it by; "" if it is outside of its root.
func (w *Walker) Shown(p Place) string {
	if p.Virtual == "" || !IsWithin(p.Virtual, w.Root) {
		return ""
	}
	if w.Root == "/" {
		return p.Virtual
	}
	return "/" + strings.TrimPrefix(p.Virtual[len(w.Root):], "/")
}

// Walk goes down path, from base if it is relative. What the kernel would say of the path itself is no error: the result is
// then a path of the host with which it says the same. errno is ELOOP, for too many links, or what Visit returned.
func (w *Walker) Walk(base Place, path string, end Ending) (Result, unix.Errno) {
	if r, ok := w.walkPlain(base, path, end); ok {
		return r, 0
	}
	return w.walkByNames(base, path, end)
}

// walkByNames is Walk for any path.
func (w *Walker) walkByNames(base Place, path string, end Ending) (Result, unix.Errno) {
	s := &walk{Walker: w, at: base, rootHost: w.RootPlace().Host, rooted: strings.HasPrefix(path, "/")}
	if strings.HasPrefix(path, "/") {
		s.toRoot()
	}
	s.slash = strings.HasSuffix(path, "/")
	s.push(path)
	errno := s.run(end)
	r := Result{Place: s.at, Slash: s.slash, Same: !s.strays, Links: s.links, Missing: s.missing}
	if s.at.Virtual != "" {
		_, r.Mount = w.Namespace.Host(s.at.Virtual)
	}
	return r, errno
}

// toRoot goes to the process's root directory.
func (s *walk) toRoot() {
	s.at = s.RootPlace()
	s.strays = s.strays || s.rootHost != "/"
}

func (s *walk) push(path string) {
	var parts []string
	for part := range strings.SplitSeq(path, "/") {
		if part != "" {
			parts = append(parts, part)
		}
	}
	s.rest = append(parts, s.rest...)
}

func (s *walk) run(end Ending) unix.Errno {
	for len(s.rest) > 0 {
		if s.crossed && s.NoCrossing {
			return unix.EXDEV
		}
		name, last := s.rest[0], len(s.rest) == 1
		if s.Visit != nil {
			if errno := s.Visit(s.at.Host); errno != 0 {
				return errno
			}
		}
		if last && end == Name {
			s.enter(name)
			return 0
		}
		s.rest = s.rest[1:]
		switch name {
		case ".", "..":
			if !s.isDirectory() {
				s.giveUp(name)
				return 0
			}
			if name == ".." {
				s.up()
			}
			continue
		}
		if done, errno := s.step(name, last && end == Self && !s.slash, last); done || errno != 0 {
			return errno
		}
	}
	if s.crossed && s.NoCrossing {
		return unix.EXDEV
	}
	return 0
}

// isDirectory reports whether there is a directory where the walk stands, which may be searched.
func (s *walk) isDirectory() bool {
	var b [1]byte
	_, err := readlink(s.at.Host+"/.", b[:])
	return err == unix.EINVAL
}

// giveUp ends the walk where the kernel will say what is wrong.
func (s *walk) giveUp(name string) {
	s.at.Host = join(s.at.Host, strings.Join(append([]string{name}, s.rest...), "/"))
	s.at.Virtual = ""
}

// up goes to the directory above, but not above the root directory, nor out of a mount but by its place.
func (s *walk) up() {
	s.rooted = true
	if s.at.Virtual == "" {
		s.at = s.PlaceOf(parent(s.at.Host))
		s.at.Virtual = "" // who is outside stays there, until a link or the path leads to the root directory
		return
	}
	if s.at.Virtual == s.Root {
		s.strays = s.strays || s.rootHost != "/"
		return
	}
	if _, mounted := s.Namespace.At(s.at.Virtual); mounted {
		s.crossed = true
	}
	above := parent(s.at.Virtual)
	host, _ := s.Namespace.Host(above)
	s.strays = s.strays || host != parent(s.at.Host)
	s.at = Place{above, host}
}

// enter goes to a name in the directory, whatever it is.
func (s *walk) enter(name string) {
	next := Place{Host: join(s.at.Host, name)}
	if s.at.Virtual != "" {
		next.Virtual = join(s.at.Virtual, name)
		host, _ := s.Namespace.Host(next.Virtual)
		if _, mounted := s.Namespace.At(next.Virtual); mounted {
			s.crossed = true
		}
		s.strays = s.strays || host != next.Host
		next.Host = host
	}
	s.at = next
}

// step looks up a name, and goes there or where it leads. done tells that the walk is at its end.
func (s *walk) step(name string, keepLink, last bool) (done bool, errno unix.Errno) {
	dir := s.at
	s.enter(name)
	if s.at.Virtual != "" {
		if _, mounted := s.Namespace.At(s.at.Virtual); mounted {
			return false, 0
		}
	}
	if keepLink {
		return true, 0
	}
	var buf [unix.PathMax]byte
	n, err := readlink(s.at.Host, buf[:])
	switch err {
	case nil:
	case unix.EINVAL:
		return false, 0 // no link
	default:
		s.missing = err == unix.ENOENT
		if len(s.rest) > 0 {
			host := s.at.Host
			s.at.Host = join(host, strings.Join(s.rest, "/"))
			s.at.Virtual = ""
		}
		return true, 0
	}
	if s.links++; s.links > s.MaxLinks {
		return true, unix.ELOOP
	}
	text := string(buf[:n])
	if strings.HasPrefix(s.at.Host, procDir) {
		if done, known := s.stepProc(dir, text, last); known {
			return done, 0
		}
	}
	s.at = dir
	if strings.HasPrefix(text, "/") {
		if !s.rooted {
			s.crossed = true // even where it is the same mount (fs/namei.c, nd_jump_root)
		}
		s.rooted = true
		s.toRoot()
	}
	if last && strings.HasSuffix(text, "/") {
		s.slash = true
	}
	s.push(text)
	return false, 0
}

// procDir is where /proc is on the host.
const procDir = "/proc/"

// stepProc follows a link of /proc. "self" means the process; links about processes lead to a file whatever its path is
// (proc_pid_fd(5)), so the last one is left to the kernel.
func (s *walk) stepProc(dir Place, text string, last bool) (done, known bool) {
	link := s.at.Host
	switch link {
	case procDir + "self":
		s.at = dir
		s.push(strconv.Itoa(s.Process))
		return false, true
	case procDir + "thread-self":
		s.at = dir
		s.push(strconv.Itoa(s.Process) + "/task/" + strconv.Itoa(s.Task))
		return false, true
	}
	if !IsProcessLink(link) {
		return false, false
	}
	if s.Proc != nil {
		if to, ok := s.Proc(link); ok {
			s.at, s.strays = to, true
			return false, true
		}
	}
	if last {
		return true, true
	}
	if !strings.HasPrefix(text, "/") || strings.HasSuffix(text, " (deleted)") {
		s.at.Host = join(s.at.Host, strings.Join(s.rest, "/"))
		s.at.Virtual = ""
		return true, true
	}
	s.at = s.PlaceOf(text)
	return false, true
}

// IsProcessLink reports whether a host path is that of something in the directory of a process in /proc. The links there
// lead to files, not to paths.
func IsProcessLink(link string) bool {
	rest, ok := strings.CutPrefix(link, procDir)
	return ok && rest != "" && rest[0] >= '0' && rest[0] <= '9'
}

// Path is the host path with a slash behind it, if there was one.
func (r *Result) Path() string {
	if r.Slash && r.Host != "/" {
		return r.Host + "/"
	}
	return r.Host
}
