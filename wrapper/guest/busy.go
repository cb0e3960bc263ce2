package guest

import (
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// busy is the error of a call that would take away a name at which something is mounted, 0 for any other call: the path of the host is that
// of what is mounted, which would be gone. Errors that the kernel has before it come first (fs/namei.c, may_delete and do_renameat2).
func (k *Kernel) busy(t *task, c *ptlib.Call, seen *[2]sighting) unix.Errno {
	var directory, moves bool
	var flags uint32 // of renameat2(2)
	switch c.Sys {
	case ptlib.SysUnlink:
	case ptlib.SysUnlinkat:
		if uint32(c.Args[2])&^unix.AT_REMOVEDIR != 0 {
			return 0 // EINVAL
		}
		directory = c.Args[2]&unix.AT_REMOVEDIR != 0
	case ptlib.SysRmdir:
		directory = true
	case ptlib.SysRename, ptlib.SysRenameat:
		moves = true
	case ptlib.SysRenameat2:
		moves, flags = true, uint32(c.Args[4])
	default:
		return 0
	}
	names := seen[:1]
	if moves {
		names = seen[:2]
	}
	mounted := false
	for i := range names {
		if s := &names[i]; s.skipped || s.errno != 0 || strings.Trim(s.path, "/") == "" {
			return 0
		}
		mounted = mounted || k.isPlace(&names[i])
	}
	if !mounted {
		return 0
	}
	from := &names[0]
	fromDir, errno := isDirectory(from)
	if errno != 0 {
		return errno
	}
	if !moves {
		return k.mayTakeAway(t, from, directory, fromDir)
	}
	to := &names[1]
	toDir, errno := isDirectory(to)
	exchange := flags&unix.RENAME_EXCHANGE != 0
	switch {
	case !validRename(flags) || from.Host == to.Host:
		return 0
	case errno == 0 && flags&unix.RENAME_NOREPLACE != 0:
		return unix.EEXIST
	case errno != 0 && exchange:
		return errno
	}
	if of := k.mayTakeAway(t, from, fromDir, fromDir); of != unix.EBUSY || errno != 0 {
		return of
	}
	return k.mayTakeAway(t, to, fromDir && !exchange || toDir && exchange, toDir)
}

// isDirectory reports whether a directory stands at a name; errno is ENOENT if nothing does.
func isDirectory(s *sighting) (bool, unix.Errno) {
	var st unix.Stat_t
	if unix.Lstat(s.Host, &st) != nil {
		return false, unix.ENOENT
	}
	return st.Mode&unix.S_IFMT == unix.S_IFDIR, 0
}

// isPlace reports whether something is mounted at a name, other than one that whoever writes beside a file may rename over.
func (k *Kernel) isPlace(s *sighting) bool {
	m, ok := k.namespace.At(s.Virtual)
	return ok && !m.Names && !k.memory.isOurs(s.Host)
}

// mayTakeAway is EBUSY, or what comes before it for a name that is to be a directory's, or another file's.
func (k *Kernel) mayTakeAway(t *task, s *sighting, wanted, directory bool) unix.Errno {
	if t.isDropped() {
		above, _ := k.namespace.Host(path.Dir(s.Virtual))
		dir, err := hostStat(unix.AT_FDCWD, above, 0)
		file, errFile := hostStat(unix.AT_FDCWD, s.Host, unix.AT_SYMLINK_NOFOLLOW)
		if err == nil && errFile == nil {
			in, _ := k.seen(&dir)
			victim, _ := k.seen(&file)
			if errno := t.cred.MayDelete(in, victim); errno != 0 {
				return unix.Errno(errno)
			}
		}
	}
	switch {
	case wanted && !directory, s.Slash && !directory:
		return unix.ENOTDIR
	case !wanted && directory:
		return unix.EISDIR
	}
	return unix.EBUSY
}

// mountOfName is the mount that a sighting's directory is in, where the call is about a name in there.
func (k *Kernel) mountOfName(s *sighting) vfs.Mount {
	if !k.isPlace(s) {
		return s.Mount
	}
	_, m := k.namespace.Host(path.Dir(s.Virtual))
	return m
}
