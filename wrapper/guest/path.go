package guest

import (
	"bytes"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// pathOf tells the path of a target, for people: it is recorded with a lie and shown in messages. "" if it cannot be
// known. What is looked at is the process, by /proc, not the file, so links in the path stay in it.
func (k *Kernel) pathOf(c *ptlib.Call, tg target) string {
	if tg.byFD {
		return k.tracedPath(c.Thread.Tid, tg.dirfd)
	}
	path, errno := c.Thread.ReadPath(tg.path)
	switch {
	case errno != 0:
		return ""
	case len(path) == 0:
		return k.tracedPath(c.Thread.Tid, tg.dirfd)
	case path[0] == '/' && k.real != nil:
		return k.hostOf(filepath.Join(k.rootOf(taskOf(c.Thread)), string(path)))
	case path[0] == '/':
		return string(path)
	}
	base := k.tracedPath(c.Thread.Tid, tg.dirfd)
	if base == "" {
		return string(path)
	}
	return filepath.Join(base, string(path))
}

// tracedPath is fdPath for a tracee: the path of the host.
func (k *Kernel) tracedPath(tid int, fd int32) string { return k.hostOf(fdPath(tid, fd)) }

// fdPath is the path that a descriptor was opened by, or the working directory.
func fdPath(tid int, fd int32) string {
	var path [unix.PathMax]byte
	n, err := unix.Readlink(procFD(tid, fd), path[:])
	if err != nil {
		return ""
	}
	return string(bytes.TrimSuffix(path[:n], deleted))
}

// deleted is what the kernel adds to the path of what has none any more (fs/d_path.c).
var deleted = []byte(" (deleted)")

// procFD names a descriptor of a tracee, or its working directory, in the tracer's /proc. Opening the name goes to the
// very file, in whatever mount namespace it is (proc_pid_fd(5)).
func procFD(tid int, fd int32) string {
	if fd == atFDCWD {
		return "/proc/" + strconv.Itoa(tid) + "/cwd"
	}
	return "/proc/" + strconv.Itoa(tid) + "/fd/" + strconv.Itoa(int(fd))
}

// hostPath is a name for the target that means the same file in the tracer, as far as links in it are relative. It
// serves for hints: what hangs on it is verified otherwise. "" if there is none.
func (k *Kernel) hostPath(c *ptlib.Call, tg target) string {
	if tg.byFD {
		return procFD(c.Thread.Tid, tg.dirfd)
	}
	path, errno := c.Thread.ReadPath(tg.path)
	switch {
	case errno == 0 && len(path) == 0 && tg.flags&unix.AT_EMPTY_PATH != 0:
		return procFD(c.Thread.Tid, tg.dirfd)
	case errno != 0 || len(path) == 0:
		return ""
	case k.real != nil:
		return k.walkedPath(c, tg, string(path))
	case path[0] == '/':
		return processPath(c.Thread, string(path))
	}
	return procFD(c.Thread.Tid, tg.dirfd) + "/" + string(path)
}

// walkedPath is hostPath where the task's root directory is not the tracer's, and links lead elsewhere.
func (k *Kernel) walkedPath(c *ptlib.Call, tg target, path string) string {
	end := vfs.Follow
	if tg.flags&unix.AT_SYMLINK_NOFOLLOW != 0 {
		end = vfs.Self
	}
	r, errno := k.lookup(taskOf(c.Thread), tg.dirfd, path, end, tg.resolve)
	if errno != 0 {
		return ""
	}
	return r.Path()
}

// parentPath is the path of the directory that holds the last component of path.
func parentPath(path []byte) []byte {
	path = bytes.TrimRight(path, "/")
	i := bytes.LastIndexByte(path, '/')
	switch {
	case i < 0:
		return []byte(".")
	case i == 0:
		return []byte("/")
	}
	return path[:i]
}

// isPathFD reports whether a descriptor was opened with O_PATH: it names a file, but cannot change it.
func (k *Kernel) isPathFD(c *ptlib.Call, fd uint64) bool {
	// The link's own mode says what the file was opened for (fs/proc/fd.c, tid_fd_update_inode).
	var st unix.Stat_t
	if unix.Lstat(procFD(c.Thread.Tid, int32(fd)), &st) == nil && st.Mode&0600 != 0 {
		return false
	}
	flags, _, ok := descriptor(c.Thread.Tid, int(int32(fd)))
	return ok && flags&unix.O_PATH != 0 // if not ok, statx(2) says what is wrong
}
