package guest

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
)

// A walk goes down the path of a tracee's call from directory to directory, as fs/namei.c link_path_walk does, but in the
// tracer and with the caller's rights. Links that are absolute are followed from the tracer's root.
type walk struct {
	dir   int      // O_PATH descriptor of where it is; at the end of the file itself, if it is there
	rest  []string // components to go
	last  string   // the last component, once it was reached
	slash bool     // the path ends with a slash
	links int      // how many more may be followed

	thread  *ptlib.Thread // whose path it is
	root    string        // its root directory, as the tracer can open it
	procDev uint64        // device number of /proc
	resolve uint64        // RESOLVE_* of openat2(2)
	depth   int           // directories below where it began
}

// maxLinks is how many symbolic links a path may lead through (include/linux/namei.h, MAXSYMLINKS).
const maxLinks = 40

// newWalk stands at the beginning of the target's path. false: the path cannot be walked here, or is empty and names no
// file.
func (k *Kernel) newWalk(c *ptlib.Call, tg target) (*walk, bool) {
	root := k.rootDir(c.Thread)
	base, path := root, ""
	if tg.byFD {
		base = procFD(c.Thread.Tid, tg.dirfd)
	} else {
		p, errno := c.Thread.ReadPath(tg.path)
		if errno != 0 {
			return nil, false
		}
		if len(p) == 0 && tg.flags&unix.AT_EMPTY_PATH == 0 {
			return nil, false
		}
		path = string(p)
		if !strings.HasPrefix(path, "/") {
			base = procFD(c.Thread.Tid, tg.dirfd)
		} else if tg.resolve&unix.RESOLVE_BENEATH != 0 {
			return nil, false
		} else if t := taskOf(c.Thread); t.viewed() {
			base, path = k.belowMount(path)
		}
	}
	fd, err := unix.Open(base, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, false
	}
	w := &walk{dir: fd, links: maxLinks, thread: c.Thread, root: root, procDev: k.procDev, resolve: tg.resolve}
	if tg.resolve&unix.RESOLVE_NO_SYMLINKS != 0 {
		w.links = 0
	}
	w.push(path)
	return w, true
}

// processPath names a thread by its id where a path says "self", which is the tracer for the tracer.
func processPath(t *ptlib.Thread, path string) string {
	tgid := strconv.Itoa(t.Tgid)
	if rest, ok := strings.CutPrefix(path, "/proc/self/"); ok {
		return "/proc/" + tgid + "/" + rest
	}
	if rest, ok := strings.CutPrefix(path, "/proc/thread-self/"); ok {
		return "/proc/" + tgid + "/task/" + strconv.Itoa(t.Tid) + "/" + rest
	}
	return path
}

func (w *walk) close() { unix.Close(w.dir) }

func (w *walk) move(fd int) {
	unix.Close(w.dir)
	w.dir = fd
}

// push puts a path before what is left to go. A "." is kept: who names it must be allowed to search the directory.
func (w *walk) push(path string) {
	var parts []string
	for part := range strings.SplitSeq(path, "/") {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if len(w.rest) == 0 {
		w.slash = w.slash || strings.HasSuffix(path, "/")
	}
	w.rest = append(parts, w.rest...)
}

// run walks to the end. visit is called for every directory that is searched on the way, with whether it is the one that
// the last component is looked up in. The error is visit's, or the kernel's; ENOENT for the last component leaves the
// walk at its directory.
func (w *walk) run(follow bool, visit func(dir int, last bool) unix.Errno) unix.Errno {
	for len(w.rest) > 0 {
		name, last := w.rest[0], len(w.rest) == 1
		if errno := visit(w.dir, last); errno != 0 {
			return errno
		}
		w.rest = w.rest[1:]
		if last {
			w.last = name
		}
		if name == ".." && w.resolve&unix.RESOLVE_BENEATH != 0 && w.depth == 0 {
			return unix.EXDEV
		}
		fd, err := unix.Openat(w.dir, name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err != nil {
			return err.(unix.Errno)
		}
		var st unix.Stat_t
		if err := unix.Fstat(fd, &st); err != nil {
			unix.Close(fd)
			return err.(unix.Errno)
		}
		if st.Mode&unix.S_IFMT == unix.S_IFLNK && (!last || follow) {
			unix.Close(fd)
			follow := w.followLink
			if st.Dev == w.procDev {
				follow = w.followProc
			}
			if errno := follow(name); errno != 0 {
				return errno
			}
			continue
		}
		w.move(fd)
		switch name {
		case ".":
		case "..":
			w.depth--
		default:
			w.depth++
		}
	}
	return 0
}

// followProc follows a link of /proc. Most lead to a file whatever its path is (proc_pid_fd(5)), and not by their text.
// "self" means the process whose path it is.
func (w *walk) followProc(name string) unix.Errno {
	if w.resolve&(unix.RESOLVE_NO_SYMLINKS|unix.RESOLVE_NO_MAGICLINKS|unix.RESOLVE_BENEATH) != 0 {
		return unix.ELOOP
	}
	tgid := strconv.Itoa(w.thread.Tgid)
	switch name {
	case "self":
		w.push(tgid)
		return 0
	case "thread-self":
		w.push(tgid + "/task/" + strconv.Itoa(w.thread.Tid))
		return 0
	}
	fd, err := unix.Openat(w.dir, name, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return err.(unix.Errno)
	}
	w.move(fd)
	return 0
}

func (w *walk) followLink(name string) unix.Errno {
	var buf [unix.PathMax]byte
	n, err := unix.Readlinkat(w.dir, name, buf[:])
	if err != nil {
		return err.(unix.Errno)
	}
	if w.links == 0 {
		return unix.ELOOP
	}
	w.links--
	dest := string(buf[:n])
	if strings.HasPrefix(dest, "/") {
		if w.resolve&unix.RESOLVE_BENEATH != 0 {
			return unix.EXDEV
		}
		root, err := unix.Open(w.root, unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			return err.(unix.Errno)
		}
		w.move(root)
	}
	w.push(dest)
	return 0
}
