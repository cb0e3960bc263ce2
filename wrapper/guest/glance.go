package guest

import (
	"bytes"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// A glance is a look at the target of a call by the tracer itself, before the call is made: what it tells is what the call would have
// told at that moment, so that the call need not be made, and the tracee stops once instead of twice. It is for tasks that
// find the same file by the same path as the tracer (task.near), and for paths on which nobody comes to something
// else than the others: not through links of /proc that lead to files (proc_pid_fd(5)), nor to what /proc shows a process of itself.
// Where in doubt, the tracee's own call tells. What a task looks at whose paths are looked at has been put in terms of the host before.

// mayGlance reports whether glances are the same as the task's own looks, the permission to look included.
func (k *Kernel) mayGlance(t *task) bool { return t.near && !needsChecks(t.cred) }

// A gaze is how a glance looks.
type gaze struct {
	mask  int // what is asked of statx(2)
	sync  int // AT_STATX_FORCE_SYNC and AT_STATX_DONT_SYNC, or 0
	touch touch
}

// glance puts what a target is into k.stat, as far as g asks for it. errno is what the kernel would say of the path, if that is
// certain. If ok is false the tracee's own call is to tell.
func (k *Kernel) glance(t *task, c *ptlib.Call, tg target, g gaze) (errno unix.Errno, ok bool) {
	if !k.mayGlance(t) {
		return 0, false
	}
	base := procFD(c.Thread.Tid, tg.dirfd)
	if tg.byFD {
		if tg.dirfd < 0 {
			return 0, false
		}
		return k.gazeAt(c, g, atFDCWD, base, 0)
	}
	path, errno := c.Thread.ReadPath(tg.path)
	switch {
	case errno != 0:
		return 0, false
	case len(path) == 0:
		if tg.flags&unix.AT_EMPTY_PATH == 0 {
			return 0, false
		}
		return k.gazeAt(c, g, atFDCWD, base, 0)
	case isName(path):
		// A name in a directory that is open is the same for everybody, but for a link that is to be followed.
		name := base + "/" + string(path)
		err := c.LookAt(&k.stat, atFDCWD, name, unix.AT_SYMLINK_NOFOLLOW|g.sync, g.mask)
		if err != nil {
			return unix.ENOENT, err == unix.ENOENT && tg.dirfd == atFDCWD // of another directory, it may be the descriptor that is wrong
		}
		if k.stat.Stat.Mode&unix.S_IFMT != unix.S_IFLNK || tg.flags&unix.AT_SYMLINK_NOFOLLOW != 0 {
			return k.touchAt(g.touch, &k.stat.Stat, atFDCWD, name, unix.AT_SYMLINK_NOFOLLOW), true
		}
	}
	fd, errno, ok := k.glanceOpen(path, base, tg.flags&unix.AT_SYMLINK_NOFOLLOW != 0)
	if !ok || errno != 0 {
		return errno, ok
	}
	defer unix.Close(fd)
	return k.gazeAt(c, g, fd, "", unix.AT_EMPTY_PATH)
}

// gazeAt is glance at a file that the tracer can name.
func (k *Kernel) gazeAt(c *ptlib.Call, g gaze, dirfd int, path string, flags int) (errno unix.Errno, ok bool) {
	if c.LookAt(&k.stat, dirfd, path, flags|g.sync, g.mask) != nil {
		return 0, false
	}
	return k.touchAt(g.touch, &k.stat.Stat, dirfd, path, flags), true
}

// glanceOpen opens the file of a path, with O_PATH. base is the directory that the path is relative to. errno and ok are as for glance.
func (k *Kernel) glanceOpen(path []byte, base string, keepLink bool) (fd int, errno unix.Errno, ok bool) {
	if !vfs.HasOpenat2() {
		return -1, 0, false
	}
	from := atFDCWD
	if path[0] != '/' {
		dir, err := unix.Open(base, unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			return -1, 0, false
		}
		defer unix.Close(dir)
		from = dir
	}
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_MAGICLINKS}
	if keepLink {
		how.Flags |= unix.O_NOFOLLOW
	}
	fd, err := unix.Openat2(from, string(path), &how)
	switch {
	case err == unix.ENOENT:
		return -1, unix.ENOENT, isAbsent(from, path)
	case err != nil:
		return -1, 0, false
	case isProc(fd):
		unix.Close(fd)
		return -1, 0, false
	}
	return fd, 0, true
}

// isAbsent reports whether a path is not there for anybody: its directory lacks the name, and is none of /proc.
func isAbsent(from int, path []byte) bool {
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC | unix.O_DIRECTORY, Resolve: unix.RESOLVE_NO_MAGICLINKS}
	dir, err := unix.Openat2(from, string(parentPath(path)), &how)
	if err != nil {
		return false
	}
	defer unix.Close(dir)
	name := bytes.TrimRight(path, "/")
	name = name[bytes.LastIndexByte(name, '/')+1:]
	var st unix.Stat_t
	return !isProc(dir) && unix.Fstatat(dir, string(name), &st, unix.AT_SYMLINK_NOFOLLOW) == unix.ENOENT
}

// isProc reports whether a file is of /proc, or cannot be asked.
func isProc(fd int) bool {
	var fs unix.Statfs_t
	return unix.Fstatfs(fd, &fs) != nil || fs.Type == unix.PROC_SUPER_MAGIC
}

// isName reports whether a path is the name of an entry of its directory.
func isName(path []byte) bool {
	return len(path) > 0 && bytes.IndexByte(path, '/') < 0 && string(path) != "." && string(path) != ".."
}

// glanceInode is look by a glance. No call has ended, so that nothing can be injected on account of what is seen.
func (k *Kernel) glanceInode(t *task, c *ptlib.Call, tg target, g gaze) (in *inode, ok bool) {
	if errno, ok := k.glance(t, c, tg, g); errno != 0 || !ok {
		return nil, false
	}
	return k.inodeOf(c, &k.stat.Stat, tg), true
}
