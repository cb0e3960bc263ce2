package guest

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/acl"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

// found is where a search came to.
type found struct {
	ok        bool // the walk came to the end
	there     bool // the file exists
	dir, file cred.Inode
	dirKey    lies.Key
}

// errElsewhere ends a walk that goes into /proc: its directories belong to processes, and the kernel's own checks do.
const errElsewhere = unix.EXDEV

// search walks to the target, asking for permission to search each directory. It returns the directory of the last
// component, and the file, if there is one. Where the walk itself cannot go, the kernel will say why, and all is
// allowed here: errno is 0 and nothing is found.
func (k *Kernel) search(t *task, c *ptlib.Call, tg target, follow bool) (f found, errno unix.Errno) {
	w, ok := newWalk(c, tg)
	if !ok {
		return f, 0
	}
	defer w.close()
	refused := unix.Errno(0)
	errno = w.run(follow, func(dir int, last bool) unix.Errno {
		ino, key, errno := k.sight(dir)
		if errno != 0 {
			return errno
		}
		if key.Dev == k.procDev {
			return errElsewhere
		}
		f.dir, f.dirKey = ino, key
		if refused = unix.Errno(t.cred.Permission(ino, acl.Exec)); refused != 0 {
			return refused
		}
		return 0
	})
	switch {
	case refused != 0:
		return f, refused
	case errno == errElsewhere:
		return k.searchProc(w, follow)
	case errno == unix.ENOENT && len(w.rest) == 0:
		f.ok = true
		return f, 0
	case errno != 0:
		return f, 0
	}
	f.ok, f.there = true, true
	f.file, _, errno = k.sight(w.dir)
	return f, errno
}

// searchProc goes on from where a walk came into /proc. A link there may lead to any file, which is checked; the
// directories between are not.
func (k *Kernel) searchProc(w *walk, follow bool) (f found, errno unix.Errno) {
	flags := unix.O_PATH | unix.O_CLOEXEC
	if !follow {
		flags |= unix.O_NOFOLLOW
	}
	fd, err := unix.Openat(w.dir, strings.Join(w.rest, "/"), flags, 0)
	if err != nil {
		return f, 0
	}
	defer unix.Close(fd)
	file, key, errno := k.sight(fd)
	if errno != 0 || key.Dev == k.procDev {
		return f, 0
	}
	f.ok, f.there, f.file = true, true, file
	return f, 0
}

func follows(tg target) bool { return tg.flags&unix.AT_SYMLINK_NOFOLLOW == 0 }

func (t *task) isDropped() bool { return t.filtered&filteredDropped != 0 && needsChecks(t.cred) }

// mayReach checks the way to the target.
func (k *Kernel) mayReach(t *task, c *ptlib.Call, tg target) unix.Errno {
	if !t.isDropped() || tg.byFD {
		return 0
	}
	_, errno := k.search(t, c, tg, follows(tg))
	return errno
}

// mayUse checks the way to the target and permission for it.
func (k *Kernel) mayUse(t *task, c *ptlib.Call, tg target, want acl.Perm) unix.Errno {
	if !t.isDropped() {
		return 0
	}
	f, errno := k.search(t, c, tg, follows(tg))
	if errno != 0 || !f.there {
		return errno
	}
	return unix.Errno(t.cred.Permission(f.file, want))
}

// mayCreate checks the way to a name that is to be made.
func (k *Kernel) mayCreate(t *task, c *ptlib.Call, tg target) unix.Errno {
	if !t.isDropped() {
		return 0
	}
	f, errno := k.search(t, c, tg, false)
	if errno != 0 || !f.ok || f.there {
		return errno
	}
	return unix.Errno(t.cred.MayCreate(f.dir))
}

// mayRemove checks the way to a name that is to go.
func (k *Kernel) mayRemove(t *task, c *ptlib.Call, tg target) unix.Errno {
	if !t.isDropped() {
		return 0
	}
	f, errno := k.search(t, c, tg, false)
	if errno != 0 || !f.there {
		return errno
	}
	return unix.Errno(t.cred.MayDelete(f.dir, f.file))
}

// mayMove checks both ways of a rename. A directory that gets another parent is changed itself, by its entry `..`
// (fs/namei.c, vfs_rename).
func (k *Kernel) mayMove(t *task, c *ptlib.Call, from, to target) unix.Errno {
	if !t.isDropped() {
		return 0
	}
	if errno := k.mayRemove(t, c, from); errno != 0 {
		return errno
	}
	if errno := k.mayReplace(t, c, to); errno != 0 {
		return errno
	}
	source, errno := k.search(t, c, from, false)
	if errno != 0 || !source.there || source.file.Mode&unix.S_IFMT != unix.S_IFDIR {
		return errno
	}
	dest, errno := k.search(t, c, to, false)
	if errno != 0 || dest.dirKey == source.dirKey {
		return errno
	}
	return unix.Errno(t.cred.Permission(source.file, acl.Write))
}

// mayReplace checks the way to a name that is made, or replaced if it is there.
func (k *Kernel) mayReplace(t *task, c *ptlib.Call, tg target) unix.Errno {
	if !t.isDropped() {
		return 0
	}
	f, errno := k.search(t, c, tg, false)
	switch {
	case errno != 0 || !f.ok:
		return errno
	case f.there:
		return unix.Errno(t.cred.MayDelete(f.dir, f.file))
	}
	return unix.Errno(t.cred.MayCreate(f.dir))
}

// mayOpen checks an open (fs/namei.c, do_open and may_open).
func (k *Kernel) mayOpen(t *task, c *ptlib.Call, o *opening) unix.Errno {
	if !t.isDropped() {
		return 0
	}
	f, errno := k.search(t, c, o.at, o.flags&unix.O_NOFOLLOW == 0)
	if errno != 0 || !f.ok || o.flags&unix.O_PATH != 0 {
		return errno
	}
	if !f.there {
		if o.flags&unix.O_CREAT != 0 {
			return unix.Errno(t.cred.MayCreate(f.dir))
		}
		return 0
	}
	if o.flags&(unix.O_CREAT|unix.O_EXCL) == unix.O_CREAT|unix.O_EXCL {
		return 0 // EEXIST
	}
	if o.flags&oTmpfile == oTmpfile {
		return unix.Errno(t.cred.Permission(f.file, acl.Write|acl.Exec))
	}
	var want acl.Perm
	if o.flags&unix.O_ACCMODE != unix.O_WRONLY {
		want |= acl.Read
	}
	if o.writes() {
		want |= acl.Write
	}
	if errno := t.cred.Permission(f.file, want); errno != 0 {
		return unix.Errno(errno)
	}
	if o.flags&unix.O_NOATIME != 0 && !t.cred.OwnerOrCapable(f.file.UID) {
		return unix.EPERM
	}
	return 0
}
