package guest

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// The second way to another root directory: the action's processes are in a user and a mount namespace of their own, in which
// they have the capabilities for chroot(2) and mount(2) and no others. There the kernel does what the action asks for, and
// paths are its business. The namespace has the caller's ids, by the same numbers, so that what the kernel says of the caller's
// own files, of processes and of sockets is what it says outside. What is left to hide are the ids that it does not have.
//
// Kernel.namespace has the mounts, in both ways. Here, a virtual path is one from the root directory of the mount namespace,
// which is the host's but for these mounts.

// realRoot is what there is to know of an action in namespaces of its own.
type realRoot struct {
	uid, gid uint32 // by which the kernel shows ids that the namespace does not have
	owners   map[lies.Key]realOwner
	enter    []enterMount // what is mounted before the action begins
}

// enterMount is a bind; to is where the kernel mounts it.
type enterMount struct {
	from, to string
	readOnly bool
}

// realOwner is the owner of a file of others. The caller cannot change it, and who can changes the time too.
type realOwner struct {
	ctime    ptlib.Timestamp
	uid, gid uint32
}

// maxRealOwners bounds how many are remembered.
const maxRealOwners = 4096

// obeyNamespace prepares the root directory and the binds of a policy.
func (k *Kernel) obeyNamespace(p *Policy) error {
	k.real = &realRoot{uid: overflowOf("overflowuid"), gid: overflowOf("overflowgid"), owners: make(map[lies.Key]realOwner)}
	inside := &vfs.Namespace{}
	inside.Mount(vfs.Mount{To: "/", From: p.realRoot()})
	if root := p.realRoot(); root != "/" {
		k.real.enter = append(k.real.enter, enterMount{from: root, to: root}) // a mount, as pivot_root(2) wants it
		k.namespace.Mount(vfs.Mount{To: root, From: root})
	}
	w := &vfs.Walker{Namespace: inside, Root: "/", MaxLinks: vfs.MaxLinks}
	nearest := func(a, b Bind) int { return cmp.Compare(len(a.To), len(b.To)) }
	for _, b := range slices.SortedStableFunc(slices.Values(p.Binds), nearest) {
		r, errno := w.Walk(w.RootPlace(), b.To, vfs.Follow)
		if errno == 0 {
			errno = sameKind(b.From, r.Host)
		}
		if errno != 0 {
			return &BindError{b, errno}
		}
		to := path.Join(p.realRoot(), r.Virtual)
		inside.Mount(vfs.Mount{To: r.Virtual, From: b.From})
		k.real.enter = append(k.real.enter, enterMount{b.From, to, b.ReadOnly})
		k.namespace.Mount(vfs.Mount{To: to, From: b.From, ReadOnly: b.ReadOnly})
	}
	return nil
}

// CheckMounts tells what of a policy of RootNamespace cannot be mounted.
func (p *Policy) CheckMounts() error { return (&Kernel{}).obeyNamespace(p) }

// OwnNamespaces reports whether the command has to be started in namespaces of its own, and to be led in by Enter.
func (k *Kernel) OwnNamespaces() bool { return k.real != nil }

// realRoot is the host's directory that is the action's root directory.
func (p *Policy) realRoot() string {
	if p.Root == "" {
		return "/"
	}
	return p.Root
}

// sameKind tells what mount(2) would say of a bind of one file to another.
func sameKind(from, to string) unix.Errno {
	var a, b unix.Stat_t
	if err := unix.Stat(from, &a); err != nil {
		return err.(unix.Errno)
	}
	if err := unix.Lstat(to, &b); err != nil {
		return err.(unix.Errno)
	}
	if (a.Mode&unix.S_IFMT == unix.S_IFDIR) != (b.Mode&unix.S_IFMT == unix.S_IFDIR) {
		return unix.ENOTDIR
	}
	return 0
}

// A BindError says that a bind of a policy cannot be mounted: its place, or what is bound, is not there, or one of them is no
// directory.
type BindError struct {
	Bind Bind
	Err  unix.Errno
}

// Error returns a line.
func (e *BindError) Error() string {
	return fmt.Sprintf("%s cannot be mounted at %s of the root directory: %v", e.Bind.From, e.Bind.To, e.Err)
}

// Unwrap returns the errno.
func (e *BindError) Unwrap() error { return e.Err }

// overflowOf reads the id that the kernel shows for those that a namespace does not have.
func overflowOf(name string) uint32 {
	text, err := os.ReadFile("/proc/sys/kernel/" + name)
	if err == nil {
		if id, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 32); err == nil {
			return uint32(id)
		}
	}
	return overflowID
}

// mountAttrSize is the size of struct mount_attr, which begins with the bits to set (include/uapi/linux/mount.h).
const mountAttrSize = 32

// Enter makes a command that is in namespaces of its own, with the host's files, see the policy's root directory and binds, and start
// in dir of them. It is for ptlib.Options.Start.
func (k *Kernel) Enter(s *ptlib.Start, dir string) error {
	for _, m := range k.real.enter {
		if _, errno := s.Call(ptlib.SysMount, m.from, m.to, "", unix.MS_BIND|unix.MS_REC, 0); errno != 0 {
			return fmt.Errorf("bind %s to %s: %w", m.from, m.to, errno)
		}
		if !m.readOnly {
			continue
		}
		raw := make([]byte, mountAttrSize)
		binary.NativeEndian.PutUint64(raw, unix.MOUNT_ATTR_RDONLY)
		if _, errno := s.Call(ptlib.SysMountSetattr, unix.AT_FDCWD, m.to, unix.AT_RECURSIVE, raw, len(raw)); errno != 0 {
			return fmt.Errorf("make %s read-only: %w", m.to, errno)
		}
	}
	if root := k.config.Policy.realRoot(); root != "/" {
		if _, errno := s.Call(ptlib.SysChroot, root); errno != 0 {
			return fmt.Errorf("root directory %s: %w", root, errno)
		}
	}
	if _, errno := s.Call(ptlib.SysChdir, dir); errno != 0 {
		return &os.PathError{Op: "chdir", Path: dir, Err: errno}
	}
	return nil
}

// rootOf is the root directory of a task, a virtual path.
func (k *Kernel) rootOf(t *task) string {
	if k.real == nil {
		return cmp.Or(t.fs.root, "/")
	}
	root, err := os.Readlink("/proc/" + strconv.Itoa(t.thread.Tid) + "/root")
	if err != nil {
		return "/"
	}
	return root
}

// rootDir is a name for the task's root directory in the tracer.
func (k *Kernel) rootDir(t *ptlib.Thread) string {
	if k.real == nil {
		return "/"
	}
	return "/proc/" + strconv.Itoa(t.Tid) + "/root"
}

// hostOf is the path in the tracer of a file that links of /proc about a tracee have a path of.
func (k *Kernel) hostOf(link string) string {
	if k.real == nil || !strings.HasPrefix(link, "/") {
		return link
	}
	host, _ := k.namespace.Host(link)
	return host
}

// linkedPlace is the place of the same.
func (k *Kernel) linkedPlace(w *vfs.Walker, link string) vfs.Place {
	if k.real == nil {
		return w.PlaceOf(link)
	}
	return vfs.Place{Virtual: link, Host: k.hostOf(link)}
}

// trueOwner puts the owner that a file has into the answer of a stat call, where the task's user namespace does not have it.
func (k *Kernel) trueOwner(c *ptlib.Call, tg target, st *ptlib.Stat) {
	if k.real == nil || st.UID != k.real.uid && st.GID != k.real.gid {
		return
	}
	key := keyOf(st)
	owner, known := k.real.owners[key]
	if !known || owner.ctime != st.Ctime {
		w, ok := k.newWalk(c, tg)
		if !ok {
			return
		}
		defer w.close()
		errno := w.run(tg.flags&unix.AT_SYMLINK_NOFOLLOW == 0 || w.slash, func(int, bool) unix.Errno { return 0 })
		host, err := hostStat(w.dir, "", 0)
		if errno != 0 || err != nil || keyOf(&host) != key {
			return
		}
		if len(k.real.owners) == maxRealOwners {
			clear(k.real.owners)
		}
		owner = realOwner{st.Ctime, host.UID, host.GID}
		k.real.owners[key] = owner
	}
	st.UID, st.GID = owner.uid, owner.gid
}

// realIDs are the ids of a process that the tracee's user namespace does not have.
func (k *Kernel) realIDs(pid int32, uid, gid uint32) (uint32, uint32) {
	if k.real == nil || uid != k.real.uid && gid != k.real.gid {
		return uid, gid
	}
	st, err := hostStat(unix.AT_FDCWD, "/proc/"+strconv.Itoa(int(pid)), 0)
	if err != nil {
		return uid, gid
	}
	return st.UID, st.GID
}
