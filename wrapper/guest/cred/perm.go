package cred

import (
	"syscall"

	"github.com/feign-build/feign/wrapper/guest/acl"
)

// Inode is what permission checks look at in a file, as the action sees it.
type Inode struct {
	Mode     uint32 // with its type (S_IFMT)
	UID, GID uint32
	ACL      acl.ACL // the access ACL; nil if there is none
}

// Bits of a mode (include/uapi/linux/stat.h). They stand here because package
// syscall does not define them alike on every platform.
const (
	modeType = 0o170000
	modeSock = 0o140000
	modeLink = 0o120000
	modeReg  = 0o100000
	modeBlk  = 0o060000
	modeDir  = 0o040000
	modeChr  = 0o020000
	modeFIFO = 0o010000

	modeSUID   = 0o004000
	modeSGID   = 0o002000
	modeSticky = 0o001000
	modeXGRP   = 0o000010
	modeXAny   = 0o000111
	modePerms  = 0o000777
	modeAll    = 0o007777
)

func (i Inode) is(kind uint32) bool { return i.Mode&modeType == kind }

// Permission tells whether the caller may read, write or execute a file, or for
// a directory list, change or search it: 0 or EACCES (fs/namei.c
// generic_permission). Even root executes no file that has no x bit at all.
func (c *Cred) Permission(ino Inode, want acl.Perm) syscall.Errno {
	want &= acl.Read | acl.Write | acl.Exec
	if errno := c.basicPermission(ino, want); errno != syscall.EACCES {
		return errno
	}
	if ino.is(modeDir) {
		if want&acl.Write == 0 && c.Capable(CAP_DAC_READ_SEARCH) || c.Capable(CAP_DAC_OVERRIDE) {
			return ok
		}
		return syscall.EACCES
	}
	if want == acl.Read && c.Capable(CAP_DAC_READ_SEARCH) {
		return ok
	}
	if (want&acl.Exec == 0 || ino.Mode&modeXAny != 0) && c.Capable(CAP_DAC_OVERRIDE) {
		return ok
	}
	return syscall.EACCES
}

// basicPermission is what mode and ACL say, before capabilities are asked
// (fs/namei.c acl_permission_check). The owner is never subject to the ACL, and
// a mode without group bits, which are the ACL's mask, makes it moot.
func (c *Cred) basicPermission(ino Inode, want acl.Perm) syscall.Errno {
	mode := acl.Perm(ino.Mode & modePerms)
	switch {
	case ino.UID == c.s.FSUID:
		mode >>= 6
	case ino.ACL != nil && mode&0o070 != 0:
		return ino.ACL.Permission(ino.UID, ino.GID, c, want)
	case c.InGroup(ino.GID):
		mode >>= 3
	}
	if want&^mode != 0 {
		return syscall.EACCES
	}
	return ok
}

// ForAccess is the credentials that access(2), and faccessat2(2) without
// AT_EACCESS, check a file with: the real ids, and the capabilities that a task
// would have with them (fs/open.c access_override_creds).
func (c *Cred) ForAccess() *Cred {
	return c.with(func(n *State) {
		n.FSUID, n.FSGID = n.UID, n.GID
		if c.secure(SECBIT_NO_SETUID_FIXUP) {
			return
		}
		n.Effective = 0
		if n.UID == 0 {
			n.Effective = n.Permitted
		}
	})
}

// OwnerOrCapable is fs/inode.c inode_owner_or_capable: files of uid are the
// caller's, or CAP_FOWNER makes them so.
func (c *Cred) OwnerOrCapable(uid uint32) bool {
	return uid == c.s.FSUID || c.Capable(CAP_FOWNER)
}

// InGroupOrCapable is fs/inode.c in_group_or_capable: the caller may set the
// set-group-ID bit on files of the group.
func (c *Cred) InGroupOrCapable(gid uint32) bool {
	return c.InGroup(gid) || c.Capable(CAP_FSETID)
}

// MayCreate tells whether the caller may make an entry in a directory (fs/namei.c
// may_create): 0 or EACCES.
func (c *Cred) MayCreate(dir Inode) syscall.Errno {
	return c.Permission(dir, acl.Write|acl.Exec)
}

// MayDelete tells whether the caller may remove or rename an entry of a
// directory: EACCES without write and search permission, EPERM where the
// directory is sticky and neither it nor the entry is the caller's (fs/namei.c
// may_delete, __check_sticky).
func (c *Cred) MayDelete(dir, victim Inode) syscall.Errno {
	if errno := c.MayCreate(dir); errno != 0 {
		return errno
	}
	if dir.Mode&modeSticky != 0 && victim.UID != c.s.FSUID && dir.UID != c.s.FSUID && !c.Capable(CAP_FOWNER) {
		return syscall.EPERM
	}
	return ok
}

// MaySetTimes tells whether the caller may set a file's times: to times of their
// choice (EPERM), or to now, for which write permission is enough (EACCES)
// (fs/attr.c may_setattr, setattr_prepare).
func (c *Cred) MaySetTimes(ino Inode, now bool) syscall.Errno {
	switch {
	case c.OwnerOrCapable(ino.UID):
		return ok
	case now:
		return c.Permission(ino, acl.Write)
	}
	return syscall.EPERM
}

// CheckMknod is what mknod(2) says of its mode before it looks at the path:
// EPERM for a directory, EINVAL for a type that does not exist or cannot be made
// so (fs/namei.c may_mknod). A mode without type means a regular file.
func CheckMknod(mode uint32) syscall.Errno {
	switch mode & modeType {
	case 0, modeReg, modeChr, modeBlk, modeFIFO, modeSock:
		return ok
	case modeDir:
		return syscall.EPERM
	}
	return syscall.EINVAL
}

// MayMknod tells whether the caller may make a node of the mode, with its type,
// in a directory: EACCES for the directory, EPERM for a device without
// CAP_MKNOD. The character device 0:0 is a whiteout, which anybody may make
// (fs/namei.c vfs_mknod).
func (c *Cred) MayMknod(dir Inode, mode uint32, rdev uint64) syscall.Errno {
	if errno := c.MayCreate(dir); errno != 0 {
		return errno
	}
	kind := mode & modeType
	whiteout := kind == modeChr && rdev == 0
	if (kind == modeChr || kind == modeBlk) && !whiteout && !c.Capable(CAP_MKNOD) {
		return syscall.EPERM
	}
	return ok
}
