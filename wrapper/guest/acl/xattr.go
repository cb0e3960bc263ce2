package acl

import "syscall"

// Kind is which of a file's two ACLs.
type Kind uint8

const (
	Access  Kind = iota // who may use the file
	Default             // what new files in a directory start with
)

// The names of the extended attributes.
const (
	AccessName  = "system.posix_acl_access"
	DefaultName = "system.posix_acl_default"
)

// KindOf tells whether an extended attribute is an ACL, and which.
func KindOf(name string) (Kind, bool) {
	switch name {
	case AccessName:
		return Access, true
	case DefaultName:
		return Default, true
	}
	return 0, false
}

// Name is the name of the extended attribute.
func (k Kind) Name() string {
	if k == Default {
		return DefaultName
	}
	return AccessName
}

// Node is what is known of one file. Default is nil unless it is a directory.
type Node struct {
	Mode            uint32 // with its type (S_IFMT)
	UID, GID        uint32
	Access, Default ACL
}

// Subject is the caller, as the kernel's credentials see it. *cred.Cred is one.
type Subject interface {
	// FSUID is the user that files are accessed as.
	FSUID() uint32
	// InGroup is kernel/groups.c in_group_p: the file system group or one of
	// the supplementary groups.
	InGroup(gid uint32) bool
	// OwnerOrCapable is fs/inode.c inode_owner_or_capable: the user is the
	// caller, or the caller has CAP_FOWNER.
	OwnerOrCapable(uid uint32) bool
	// InGroupOrCapable is fs/inode.c in_group_or_capable: InGroup, or the
	// caller has CAP_FSETID.
	InGroupOrCapable(gid uint32) bool
}

// Set is setxattr on an ACL: it returns the node with the new ACL and the mode
// that follows from it (fs/posix_acl.c do_set_acl, set_posix_acl,
// posix_acl_update_mode). An empty value, or one without entries, removes the
// ACL; a minimal access ACL goes into the mode and leaves no ACL behind. The
// kernel looks at neither XATTR_CREATE nor XATTR_REPLACE here.
//
// Errors, in this order: EINVAL or EOPNOTSUPP for a value that cannot be read,
// EOPNOTSUPP on a symbolic link, EACCES for a default ACL on anything but a
// directory, EPERM for a caller who does not own the file, EINVAL for entries
// that make no sense. The node is then the one that was given.
func Set(k Kind, value []byte, n Node, who Subject) (Node, syscall.Errno) {
	var a ACL
	if len(value) > 0 {
		var errno syscall.Errno
		if a, errno = Parse(value); errno != 0 {
			return n, errno
		}
	}
	return set(k, a, n, who)
}

// Remove is removexattr on an ACL. That there is none is no error, and the mode
// stays as it is, so that the mask's bits become the group's (fs/posix_acl.c
// vfs_remove_acl).
func Remove(k Kind, n Node, who Subject) (Node, syscall.Errno) {
	return set(k, nil, n, who)
}

// set is fs/posix_acl.c set_posix_acl and the file system's set_acl.
func set(k Kind, a ACL, n Node, who Subject) (Node, syscall.Errno) {
	if n.Mode&modeType == modeLink {
		return n, syscall.EOPNOTSUPP
	}
	if k == Default && n.Mode&modeType != modeDir {
		if a != nil {
			return n, syscall.EACCES
		}
		return n, 0
	}
	if !who.OwnerOrCapable(n.UID) {
		return n, syscall.EPERM
	}
	if a != nil {
		if errno := a.Valid(); errno != 0 {
			return n, errno
		}
	}
	if k == Default {
		n.Default = a
		return n, 0
	}
	if a != nil {
		perms, minimal := a.Mode()
		n.Mode = n.Mode&^modePerms | perms
		if minimal {
			a = nil
		}
		// As with chmod: nobody makes a file set-group-ID for a group
		// that is not theirs.
		if !who.InGroupOrCapable(n.GID) {
			n.Mode &^= modeSGID
		}
	}
	n.Access = a
	return n, 0
}

// Get is getxattr on an ACL: the ACL, whose [ACL.Encode] is the value and whose
// [ACL.Size] is compared with the caller's buffer (ERANGE). ENODATA if there is
// none, EOPNOTSUPP on a symbolic link. Everybody may read them (fs/posix_acl.c
// vfs_get_acl).
func Get(k Kind, n Node) (ACL, syscall.Errno) {
	if n.Mode&modeType == modeLink {
		return nil, syscall.EOPNOTSUPP
	}
	a := n.Access
	if k == Default {
		a = n.Default
	}
	if a == nil {
		return nil, syscall.ENODATA
	}
	return a, 0
}
