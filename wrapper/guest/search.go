package guest

import (
	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/acl"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

// found is where a search came to.
type found struct {
	ok    bool // the walk came to the end; if not, the kernel says why
	there bool // the file exists
	proc  bool // the last component is in /proc: another file system, where nothing is checked here
	plain bool // the last component is a name, not "." or ".." or none (fs/namei.c, LAST_NORM)
	slash bool // the path ends with a slash

	dir, file       cred.Inode
	dirKey, fileKey lies.Key
}

func (f *found) isDir() bool { return f.file.Mode&unix.S_IFMT == unix.S_IFDIR }

// An ending is what a search makes of the last component of a path.
type ending uint8

const (
	endFollow ending = iota // a link is followed: the file is meant
	endSelf                 // a link is not followed, unless a slash is behind it: the file is meant
	endName                 // a link is not followed: an entry of the directory is meant (fs/namei.c, filename_parentat)
)

// endingOf is the ending of a call that takes AT_SYMLINK_NOFOLLOW.
func endingOf(tg target) ending {
	if tg.flags&unix.AT_SYMLINK_NOFOLLOW != 0 {
		return endSelf
	}
	return endFollow
}

// search walks to the target, asking for who's permission to search each directory. It returns the directory of the last
// component, and the file, if there is one. Where the walk itself cannot go, the kernel will say why, and all is
// allowed here: errno is 0 and nothing is found. So it is in /proc, whose directories belong to processes.
func (k *Kernel) search(who *cred.Cred, c *ptlib.Call, tg target, end ending) (f found, errno unix.Errno) {
	w, ok := k.newWalk(c, tg)
	if !ok {
		return f, 0
	}
	defer w.close()
	follow := end == endFollow || end == endSelf && w.slash
	refused := unix.Errno(0)
	errno = w.run(follow, func(dir int, last bool) unix.Errno {
		ino, key, errno := k.sight(dir)
		if errno != 0 {
			return errno
		}
		if key.Dev == k.procDev {
			f.dirKey = key
			return 0
		}
		if ino.Mode&unix.S_IFMT != unix.S_IFDIR {
			return unix.ENOTDIR // comes before the permission to search it (fs/namei.c, link_path_walk)
		}
		f.dir, f.dirKey = ino, key
		if refused = unix.Errno(who.Permission(ino, acl.Exec)); refused != 0 {
			return refused
		}
		return 0
	})
	f.slash, f.plain = w.slash, w.last != "" && w.last != "." && w.last != ".."
	switch {
	case refused != 0:
		return f, refused
	case f.dirKey.Dev == k.procDev && (errno != 0 || end == endName):
		return found{proc: errno == 0}, 0
	case errno == unix.ENOENT && len(w.rest) == 0:
		f.ok = true
		return f, 0
	case errno != 0:
		return f, 0
	}
	if f.file, f.fileKey, errno = k.sight(w.dir); errno != 0 {
		return f, errno
	}
	if f.fileKey.Dev == k.procDev {
		return found{proc: true}, 0
	}
	f.ok = end == endName || !w.slash || f.isDir() // else ENOTDIR
	f.there = f.ok
	return f, 0
}

func (t *task) isDropped() bool { return t.filtered&filteredDropped != 0 && needsChecks(t.cred) }

// The functions below answer what the kernel would say of permission, and 0 where it says something else first: the call
// is made then, and says it.

// mayReach checks the way to the target.
func (k *Kernel) mayReach(t *task, c *ptlib.Call, tg target) unix.Errno {
	if !t.isDropped() || tg.byFD {
		return 0
	}
	_, errno := k.search(t.cred, c, tg, endingOf(tg))
	return errno
}

// mayUse checks the way to the target and permission for it.
func (k *Kernel) mayUse(t *task, c *ptlib.Call, tg target, want acl.Perm) unix.Errno {
	return k.mayUseKind(t, c, tg, want, 0)
}

// mayUseKind is mayUse of a call that is for files of one type; 0 means any. That another file is not of the type comes
// before the permission.
func (k *Kernel) mayUseKind(t *task, c *ptlib.Call, tg target, want acl.Perm, kind uint32) unix.Errno {
	if !t.isDropped() {
		return 0
	}
	f, errno := k.search(t.cred, c, tg, endingOf(tg))
	if errno != 0 || !f.there || kind != 0 && f.file.Mode&unix.S_IFMT != kind {
		return errno
	}
	return unix.Errno(t.cred.Permission(f.file, want))
}

// mayCreate checks the way to a name that is to be made. One with a slash behind it can only be that of a directory (ENOENT
// by fs/namei.c, filename_create).
func (k *Kernel) mayCreate(t *task, c *ptlib.Call, tg target, kind uint32) unix.Errno {
	if !t.isDropped() {
		return 0
	}
	f, errno := k.search(t.cred, c, tg, endName)
	if errno != 0 || !f.makes(kind) {
		return errno
	}
	return unix.Errno(t.cred.MayCreate(f.dir))
}

// makes reports whether a call that makes a file comes as far as asking for permission.
func (f *found) makes(kind uint32) bool {
	return f.ok && !f.there && f.plain && (!f.slash || kind == unix.S_IFDIR)
}

// mayMknod is mayCreate for a device, which is also for a task that is root but may not make devices.
func (k *Kernel) mayMknod(t *task, c *ptlib.Call, tg target, mode uint32, rdev uint64) unix.Errno {
	f, errno := k.search(t.cred, c, tg, endName)
	if errno != 0 || !f.makes(mode&unix.S_IFMT) {
		return errno
	}
	return unix.Errno(t.cred.MayMknod(f.dir, mode, rdev))
}

// mayRemove checks the way to a name that is to go.
func (k *Kernel) mayRemove(t *task, c *ptlib.Call, tg target, directory bool) unix.Errno {
	if !t.isDropped() {
		return 0
	}
	f, errno := k.search(t.cred, c, tg, endName)
	if errno != 0 || !f.there || !f.plain || f.slash && !directory {
		return errno
	}
	return unix.Errno(t.cred.MayDelete(f.dir, f.file))
}

// mayLink checks both ways of a link (fs/namei.c, do_linkat, may_linkat).
func (k *Kernel) mayLink(t *task, c *ptlib.Call, from, to target) unix.Errno {
	if !t.isDropped() {
		return 0
	}
	source, errno := k.search(t.cred, c, from, endingOf(from))
	if errno != 0 || !source.there && !source.proc {
		return errno
	}
	dest, errno := k.search(t.cred, c, to, endName)
	if errno != 0 || source.proc || !dest.makes(unix.S_IFREG) {
		return errno
	}
	if protectedHardlinks() && !mayLinkProtected(t.cred, source.file) {
		return unix.EPERM
	}
	return unix.Errno(t.cred.MayCreate(dest.dir))
}

// mayMove checks both ways of a rename, in the order of fs/namei.c, do_renameat2 and vfs_rename.
func (k *Kernel) mayMove(t *task, c *ptlib.Call, from, to target, flags uint32) unix.Errno {
	if !t.isDropped() {
		return 0
	}
	source, errno := k.search(t.cred, c, from, endName)
	if errno != 0 || !source.ok && !source.proc {
		return errno
	}
	dest, errno := k.search(t.cred, c, to, endName)
	if errno != 0 || !source.there || !dest.ok || !source.plain || !dest.plain {
		return errno
	}
	switch exchange := flags&unix.RENAME_EXCHANGE != 0; {
	case flags&unix.RENAME_NOREPLACE != 0 && dest.there, exchange && !dest.there:
		return 0 // EEXIST, ENOENT
	case source.slash && !source.isDir(), dest.slash && !exchange && !source.isDir(), exchange && dest.slash && !dest.isDir():
		return 0 // ENOTDIR
	case dest.there && source.fileKey == dest.fileKey:
		return 0 // two names of one file: nothing is done
	}
	errno = mayRename(t.cred, &source, &dest, flags&unix.RENAME_EXCHANGE != 0)
	if errno != 0 && k.oneHoldsOther(c, from, to) {
		return 0 // a directory would be moved into itself, or over one that holds it: EINVAL, ENOTEMPTY
	}
	return errno
}

// mayOpen checks an open (fs/namei.c, do_open and may_open).
func (k *Kernel) mayOpen(t *task, c *ptlib.Call, o *opening) unix.Errno {
	if !t.isDropped() {
		return 0
	}
	const exclusive = unix.O_CREAT | unix.O_EXCL
	end := endFollow
	if o.flags&unix.O_NOFOLLOW != 0 || o.flags&exclusive == exclusive {
		end = endSelf
	}
	f, errno := k.search(t.cred, c, o.at, end)
	if errno != 0 || !f.ok || o.flags&unix.O_PATH != 0 {
		return errno
	}
	if !f.there {
		if o.flags&unix.O_CREAT != 0 && !f.slash {
			return unix.Errno(t.cred.MayCreate(f.dir))
		}
		return 0
	}
	return o.mayOpenFile(t.cred, &f)
}
