package guest

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
	"github.com/feign-build/feign/wrapper/guest/acl"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

// mayOpenFile checks an open of a file that is there, when the way to it has been checked. The type of the file comes
// before the permission.
func (o *opening) mayOpenFile(who *cred.Cred, f *found) unix.Errno {
	const exclusive = unix.O_CREAT | unix.O_EXCL
	switch {
	case o.flags&exclusive == exclusive: // EEXIST
		return 0
	case f.file.Mode&unix.S_IFMT == unix.S_IFLNK: // ELOOP
		return 0
	case f.isDir() && o.flags&oTmpfile != 0:
		return unix.Errno(who.Permission(f.file, acl.Write|acl.Exec))
	case f.isDir() && (o.writes() || o.flags&unix.O_CREAT != 0): // EISDIR
		return 0
	case !f.isDir() && o.flags&unix.O_DIRECTORY != 0: // ENOTDIR
		return 0
	}
	var want acl.Perm
	if o.flags&unix.O_ACCMODE != unix.O_WRONLY {
		want |= acl.Read
	}
	if o.writes() {
		want |= acl.Write
	}
	if errno := who.Permission(f.file, want); errno != 0 {
		return unix.Errno(errno)
	}
	if o.flags&unix.O_NOATIME != 0 && !who.OwnerOrCapable(f.file.UID) {
		return unix.EPERM
	}
	return 0
}

// protectedHardlinks reports whether the machine lets users link only files that they could use (proc_sys_fs(5)).
func protectedHardlinks() bool {
	text, err := os.ReadFile("/proc/sys/fs/protected_hardlinks")
	return err == nil && strings.TrimSpace(string(text)) != "0"
}

// mayLinkProtected is fs/namei.c, may_linkat and safe_hardlink_source.
func mayLinkProtected(who *cred.Cred, file cred.Inode) bool {
	const sgid = unix.S_ISGID | unix.S_IXGRP
	safe := file.Mode&unix.S_IFMT == unix.S_IFREG && file.Mode&unix.S_ISUID == 0 && file.Mode&sgid != sgid &&
		who.Permission(file, acl.Read|acl.Write) == 0
	return safe || who.OwnerOrCapable(file.UID)
}

// mayRename is what fs/namei.c, vfs_rename says of permission. A directory that gets another parent is changed itself, by
// its entry `..`.
func mayRename(who *cred.Cred, source, dest *found, exchange bool) unix.Errno {
	if errno := who.MayDelete(source.dir, source.file); errno != 0 {
		return unix.Errno(errno)
	}
	if dest.there {
		if errno := who.MayDelete(dest.dir, dest.file); errno != 0 {
			return unix.Errno(errno)
		}
		if !exchange && source.isDir() != dest.isDir() {
			return 0 // ENOTDIR, EISDIR
		}
	} else if errno := who.MayCreate(dest.dir); errno != 0 {
		return unix.Errno(errno)
	}
	if source.dirKey == dest.dirKey {
		return 0
	}
	if source.isDir() {
		if errno := who.Permission(source.file, acl.Write); errno != 0 {
			return unix.Errno(errno)
		}
	}
	if exchange && dest.isDir() {
		return unix.Errno(who.Permission(dest.file, acl.Write))
	}
	return 0
}

// oneHoldsOther reports whether one of two names is that of a directory that leads to the other.
func (k *Kernel) oneHoldsOther(c *ptlib.Call, a, b target) bool {
	pathA, pathB := k.namePath(c, a), k.namePath(c, b)
	return pathA != "" && pathB != "" &&
		(strings.HasPrefix(pathA+"/", pathB+"/") || strings.HasPrefix(pathB+"/", pathA+"/"))
}

// namePath is the path of a name without links, "" if there is none.
func (k *Kernel) namePath(c *ptlib.Call, tg target) string {
	w, ok := k.newWalk(c, tg)
	if !ok {
		return ""
	}
	defer w.close()
	dir := ""
	w.run(false, func(fd int, last bool) unix.Errno {
		if last {
			dir, _ = os.Readlink(procSelfFD + strconv.Itoa(fd))
		}
		return 0
	})
	if dir == "" {
		return ""
	}
	return strings.TrimSuffix(dir, "/") + "/" + w.last
}
