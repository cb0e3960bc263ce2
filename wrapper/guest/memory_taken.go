package guest

import (
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/vfs"
)

// Others write a file anywhere in the directory and rename that over: sed -i calls it sedXXXXXX. Where the caller can write in the directory,
// it is on the disk, and taken from there; else names of such a template are of files in memory, as a policy has them.

// isOnDisk reports whether a path of a policy is a template of names that are made on the disk.
func (k *Kernel) isOnDisk(to string) bool {
	if !strings.HasSuffix(to, vfs.Template) {
		return false
	}
	host, _ := k.namespace.Host(path.Dir(to))
	return unix.Access(host, unix.W_OK) == nil
}

// takeIn renames a regular file on the disk to a name that files in memory have. It stays the file that it is, for those too who have it
// open: it loses its name on the disk, and the tracer keeps it by a descriptor, as it keeps the others. A file of several names would have
// to have some on the disk and some not: EXDEV.
func (k *Kernel) takeIn(t *task, c *ptlib.Call, from, to *sighting, flags uint32) unix.Errno {
	old := k.memory.byPath[to.Virtual]
	switch {
	case !validRename(flags) || flags&unix.RENAME_WHITEOUT != 0:
		return unix.EINVAL
	case flags&unix.RENAME_EXCHANGE != 0 || !k.sameMount(path.Dir(from.Virtual), path.Dir(to.Virtual)):
		return unix.EXDEV
	}
	st, err := hostStat(unix.AT_FDCWD, from.Host, unix.AT_SYMLINK_NOFOLLOW)
	if err != nil {
		return err.(unix.Errno)
	}
	ino, claim := k.seen(&st)
	switch {
	case old != nil && flags&unix.RENAME_NOREPLACE != 0:
		return unix.EEXIST
	case ino.Mode&unix.S_IFMT != unix.S_IFREG || st.Nlink != 1:
		return unix.EXDEV
	case from.Slash || to.Slash:
		return unix.ENOTDIR
	}
	var errno unix.Errno
	if t.isDropped() {
		dir, _, e := k.directoryOf(from.Virtual)
		if errno = e; errno == 0 {
			errno = unix.Errno(t.cred.MayDelete(dir, ino))
		}
	}
	if errno == 0 {
		errno = k.mayNameMemory(t, old, to.Virtual)
	}
	if errno != 0 {
		return errno
	}
	fd, err := unix.Open(from.Host, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return err.(unix.Errno)
	}
	if now, err := hostStat(fd, "", 0); err != nil || keyOf(&now) != keyOf(&st) {
		unix.Close(fd)
		return unix.ENOENT // somebody else has renamed it
	}
	if err := unix.Unlink(from.Host); err != nil {
		unix.Close(fd)
		return err.(unix.Errno)
	}
	if lie, ok := k.lies.Get(keyOf(&st)); ok {
		k.happened(c, lie.Path, "", "forgotten with its last name")
		k.lies.Forget(lie.Key)
	}
	k.nameMemory(k.addMemory(fd, &st, claim, true), to.Virtual)
	return 0
}

// sameMount reports whether two directories are below the same mount, where rename(2) can do its work.
func (k *Kernel) sameMount(a, b string) bool {
	hostA, mountA := k.namespace.Host(a)
	hostB, mountB := k.namespace.Host(b)
	var stA, stB unix.Stat_t
	return mountA == mountB && unix.Stat(hostA, &stA) == nil && unix.Stat(hostB, &stB) == nil && stA.Dev == stB.Dev
}

// addMemory makes an open file one of those in memory, without a name as yet.
func (k *Kernel) addMemory(fd int, st *ptlib.Stat, claim lies.Claim, writable bool) *memFile {
	fd = k.memory.raise(fd)
	f := &memFile{fd: fd, host: procFD(unix.Getpid(), int32(fd)), key: keyOf(st), identity: identity(st, true), writable: writable}
	k.fixed[f.key] = claim
	k.memory.byKey[f.key], k.memory.byHost[f.host] = f, f
	return f
}
