package guest

import (
	"encoding/binary"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/acl"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// A process whose root directory is not the host's, or that a policy about paths is for, has a filter by which all its calls
// with paths stop. Before anything else is decided, each path is put in terms of the host: the tracer goes down it as the
// kernel would from the process's root, and the argument is replaced by the path that it came to. All that follows, the
// kernel's part and ours, is then as for any other process. A path by which the kernel gets to the same file is left alone.

// viewed reports whether the task's paths are looked at.
func (t *task) viewed() bool { return t.fs.root != "" && t.filtered&filteredPaths != 0 }

// translate puts the paths of a call in terms of the host. It returns false if the call is decided already: it failed, or it
// starts over.
func (k *Kernel) translate(t *task, c *ptlib.Call) bool {
	t.places, t.named = [2]vfs.Place{}, ""
	for i, p := range pathCalls[c.Sys] {
		if !k.translateArg(t, c, i, p) {
			return false
		}
	}
	return true
}

// translateArg is translate for argument number i among those that are paths.
func (k *Kernel) translateArg(t *task, c *ptlib.Call, i int, p pathArg) bool {
	text, errno := c.Thread.ReadPath(c.Args[p.path])
	if errno != 0 || len(text) == 0 {
		return true // the kernel says what is wrong, or a descriptor is meant
	}
	path := string(text)
	if i == 0 {
		t.named = path
	}
	end, changes, resolve := p.ending(c)
	if resolve&(unix.RESOLVE_BENEATH|unix.RESOLVE_IN_ROOT) != 0 {
		return true // from a descriptor, and never out of it
	}
	dirfd := int32(atFDCWD)
	if p.dirfd >= 0 {
		dirfd = int32(c.Args[p.dirfd])
	}
	r, errno := k.lookup(t, dirfd, path, end, resolve)
	if errno == 0 && changes && r.Mount.ReadOnly {
		errno = unix.EROFS
	}
	if errno != 0 {
		c.Fail(errno)
		return false
	}
	t.places[i] = r.Place
	if errno := k.judge(t, c, &r); errno != 0 {
		c.Fail(errno)
		return false
	}
	if r.Same {
		return true
	}
	if end == vfs.Name && r.Virtual == t.fs.root && strings.Trim(path, "/") == "" {
		return substitutePath(c, p.path, i, "/") // the root directory has no name that could be removed or made
	}
	return substitutePath(c, p.path, i, r.Path())
}

// substitutePath makes an argument point to another path.
func substitutePath(c *ptlib.Call, arg, i int, path string) bool {
	scratch, ok := c.Scratch()
	if !ok {
		return false
	}
	if len(path) >= unix.PathMax {
		c.Fail(unix.ENAMETOOLONG)
		return false
	}
	addr := scratch + scratchView + uint64(i)*unix.PathMax
	if errno := c.Thread.WriteMemory(addr, append([]byte(path), 0)); errno != 0 {
		c.Fail(errno)
		return false
	}
	c.Substitute(arg, addr)
	return true
}

// ending tells what the call makes of the last component, whether it changes the file, and RESOLVE_* of openat2(2).
func (p pathArg) ending(c *ptlib.Call) (end vfs.Ending, changes bool, resolve uint64) {
	end, changes = p.end, p.changes
	var flags uint64
	switch {
	case c.Sys == ptlib.SysOpenat2:
		var how [openHowSize]byte
		if c.Thread.ReadMemory(c.Args[2], how[:]) == 0 {
			flags, resolve = binary.NativeEndian.Uint64(how[0:]), binary.NativeEndian.Uint64(how[16:])
			p.keep = unix.O_NOFOLLOW
		}
	case p.flags != noFlags:
		flags = c.Args[p.flags]
	}
	switch c.Sys {
	case ptlib.SysOpen, ptlib.SysOpenat, ptlib.SysOpenat2:
		const exclusive = unix.O_CREAT | unix.O_EXCL
		if flags&exclusive == exclusive && flags&unix.O_PATH == 0 {
			end = vfs.Self
		}
		changes = flags&unix.O_PATH == 0 && flags&(unix.O_ACCMODE|unix.O_TRUNC|oTmpfile) != 0
	}
	if uint32(flags)&p.keep != 0 {
		end = vfs.Self
	}
	if uint32(flags)&p.follow != 0 {
		end = vfs.Follow
	}
	return end, changes, resolve
}

// lookup goes down a path of the task's.
func (k *Kernel) lookup(t *task, dirfd int32, path string, end vfs.Ending, resolve uint64) (vfs.Result, unix.Errno) {
	w := k.walker(t)
	if resolve&unix.RESOLVE_NO_SYMLINKS != 0 {
		w.MaxLinks = 0
	}
	if t.isDropped() {
		w.Visit = func(dir string) unix.Errno { return k.maySearch(t, dir) }
	}
	var base vfs.Place
	if !strings.HasPrefix(path, "/") {
		host, err := os.Readlink(procFD(t.thread.Tid, dirfd))
		if err != nil || !strings.HasPrefix(host, "/") || strings.HasSuffix(host, " (deleted)") {
			return vfs.Result{Same: true}, 0 // the kernel says what is wrong
		}
		base = w.PlaceOf(host)
	}
	return w.Walk(base, path, end)
}

// walker goes down paths for a task.
func (k *Kernel) walker(t *task) *vfs.Walker {
	return &vfs.Walker{
		Namespace: &k.namespace, Root: t.fs.root, Process: t.thread.Tgid, Task: t.thread.Tid, MaxLinks: vfs.MaxLinks,
		Proc: func(link string) (vfs.Place, bool) { return k.procLink(t, link) },
	}
}

// maySearch checks whether a directory of the host lets the task search it.
func (k *Kernel) maySearch(t *task, dir string) unix.Errno {
	st, err := hostStat(unix.AT_FDCWD, dir, 0)
	if err != nil || st.Dev == k.procDev || st.Mode&unix.S_IFMT != unix.S_IFDIR {
		return 0 // the kernel says why
	}
	ino, _ := k.seen(&st)
	return t.cred.Permission(ino, acl.Exec)
}

// procLink tells what a link in the directory of a process leads to, where the kernel would lead elsewhere: the root
// directory, and the program.
func (k *Kernel) procLink(t *task, link string) (vfs.Place, bool) {
	rest := strings.Split(strings.TrimPrefix(link, "/proc/"), "/")
	if len(rest) == 4 && rest[1] == "task" {
		rest = rest[2:]
	}
	if len(rest) != 2 {
		return vfs.Place{}, false
	}
	pid, err := strconv.Atoi(rest[0])
	if err != nil {
		return vfs.Place{}, false
	}
	other := t.thread.Tracer().Thread(pid)
	if other == nil {
		return vfs.Place{}, false
	}
	who := taskOf(other)
	switch rest[1] {
	case "root":
		if who.viewed() {
			return k.walker(who).RootPlace(), true
		}
	case "exe":
		if who.proc.program.Host != "" {
			return who.proc.program, true
		}
	}
	return vfs.Place{}, false
}

// syscallViewed decides about a call of a task whose paths are looked at. h is nil for calls that are the kernel's, but for
// their paths.
func (k *Kernel) syscallViewed(t *task, c *ptlib.Call, h handler) {
	t.letGo()
	if !k.translate(t, c) || isSocketCall(c.Sys) && !k.translateSocket(t, c) {
		return
	}
	if h != nil {
		h(k, t, c)
		return
	}
	if pathCalls[c.Sys] == nil && !isSocketCall(c.Sys) {
		k.undecided(c)
	}
}

// belowMount cuts a host path at the mount that it is below: whoever sees the host through mounts has no business with the
// directories above them.
func (k *Kernel) belowMount(host string) (mount, rest string) {
	mount = "/"
	for _, m := range k.namespace.Mounts() {
		if vfs.IsWithin(host, m.From) && len(m.From) > len(mount) {
			mount = m.From
		}
	}
	return mount, strings.TrimPrefix(host, mount)
}
