package cred

import (
	"syscall"

	"github.com/feign-build/feign/wrapper/guest/acl"
)

// Chown is chown(2): the file afterwards, and whether it loses its
// security.capability. An id of -1 leaves the old one, but even then the
// set-user-ID and set-group-ID bits of anything but a directory go, as they do
// for root, and a caller who does not own a file that has them gets EPERM
// (fs/open.c chown_common, fs/attr.c notify_change, setattr_prepare). On an
// error nothing is lost, and a security.capability of length zero never is
// (security/commoncap.c cap_inode_need_killpriv).
func (c *Cred) Chown(ino Inode, uid, gid uint32) (next Inode, dropCaps bool, errno syscall.Errno) {
	mode := ino.Mode
	if !ino.is(modeDir) {
		mode &^= modeSUID
		if c.dropsSGID(ino) {
			mode &^= modeSGID
		}
	}
	next = ino
	set(&next.UID, uid)
	set(&next.GID, gid)
	if uid != unset && !c.mayChown(ino, uid) ||
		gid != unset && !c.mayChgrp(ino, gid) ||
		mode != ino.Mode && !c.OwnerOrCapable(ino.UID) {
		return ino, false, syscall.EPERM
	}
	if mode != ino.Mode && !c.InGroupOrCapable(next.GID) {
		mode &^= modeSGID
	}
	next.Mode = mode
	return next, !ino.is(modeDir), ok
}

// mayChown is fs/attr.c chown_ok.
func (c *Cred) mayChown(ino Inode, uid uint32) bool {
	return ino.UID == c.s.FSUID && uid == ino.UID || c.Capable(CAP_CHOWN)
}

// mayChgrp is fs/attr.c chgrp_ok.
func (c *Cred) mayChgrp(ino Inode, gid uint32) bool {
	return ino.UID == c.s.FSUID && (gid == ino.GID || c.InGroup(gid)) || c.Capable(CAP_CHOWN)
}

// dropsSGID is fs/attr.c setattr_should_drop_sgid. A file that is set-group-ID
// but not executable by its group once meant mandatory locking; there the bit
// stays with those who may set it.
func (c *Cred) dropsSGID(ino Inode) bool {
	return ino.Mode&modeSGID != 0 && (ino.Mode&modeXGRP != 0 || !c.InGroupOrCapable(ino.GID))
}

// Chmod is chmod(2): the file with the bits 07777 of a mode, and with an ACL that
// follows them. EOPNOTSUPP for a symbolic link, EPERM for a file of somebody
// else. The set-group-ID bit is left out without a word for a group that is not
// the caller's (fs/attr.c notify_change, setattr_prepare, setattr_copy).
func (c *Cred) Chmod(ino Inode, mode uint32) (Inode, syscall.Errno) {
	if ino.is(modeLink) {
		return ino, syscall.EOPNOTSUPP
	}
	if !c.OwnerOrCapable(ino.UID) {
		return ino, syscall.EPERM
	}
	if !c.InGroupOrCapable(ino.GID) {
		mode &^= modeSGID
	}
	ino.Mode = ino.Mode&^modeAll | mode&modeAll
	ino.ACL = ino.ACL.Chmod(mode)
	return ino, ok
}

// Written is a file after a write or truncation: it loses its
// security.capability, as with [Cred.Chown], and, by a caller without
// CAP_FSETID, set-user-ID and set-group-ID (fs/inode.c file_remove_privs, fs/attr.c
// setattr_should_drop_suidgid). Only regular files do.
func (c *Cred) Written(ino Inode) (next Inode, dropCaps bool) {
	if !ino.is(modeReg) {
		return ino, false
	}
	if !c.Capable(CAP_FSETID) {
		if c.dropsSGID(ino) {
			ino.Mode &^= modeSGID
		}
		ino.Mode &^= modeSUID
	}
	return ino, true
}

// Create is a new file in a directory with a default ACL (nil if it has none),
// made with a mode that says its type and with the caller's umask; def is the
// default ACL that a new directory inherits. Owner is the file system user id,
// group the file system group id or, in a set-group-ID directory, the
// directory's (fs/namei.c vfs_prepare_mode, vfs_mkdir, fs/inode.c
// inode_init_owner, mode_strip_sgid). [Cred.MayCreate] has been asked before.
func (c *Cred) Create(dir Inode, def acl.ACL, mode, umask uint32) (ino Inode, inherited acl.ACL) {
	ino = Inode{UID: c.s.FSUID, GID: c.s.FSGID}
	inherits := dir.Mode&modeSGID != 0
	if inherits {
		ino.GID = dir.GID
	}
	switch mode & modeType {
	case modeDir: // mkdir takes neither set-user-ID nor set-group-ID
		mode &= modeType | modePerms | modeSticky
	case modeLink:
		mode = modeLink | modePerms
	default:
		const sgid = modeSGID | modeXGRP
		if inherits && mode&sgid == sgid && !c.InGroupOrCapable(dir.GID) {
			mode &^= modeSGID
		}
	}
	made := acl.Create(def, mode, umask)
	ino.Mode, ino.ACL = made.Mode, made.Access
	if inherits && ino.is(modeDir) {
		ino.Mode |= modeSGID
	}
	return ino, made.Default
}
