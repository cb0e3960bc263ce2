package cred

import (
	"strings"
	"syscall"

	"github.com/feign-build/feign/wrapper/guest/acl"
)

// Limits of extended attributes in bytes (include/uapi/linux/limits.h). A longer
// value is E2BIG before the path is looked at, a longer or empty name ERANGE
// ([CheckXattrName]).
const (
	XattrNameMax = 255
	XattrSizeMax = 65536
	XattrListMax = 65536
)

// CheckXattrName is what every call says of a name before it looks at the path
// (fs/xattr.c import_xattr_name).
func CheckXattrName(name string) syscall.Errno {
	if len(name) == 0 || len(name) > XattrNameMax {
		return syscall.ERANGE
	}
	return ok
}

// MaySetXattr tells whether the caller may set an extended attribute, and what
// is stored if so. The ACLs are not for here but for package acl. The namespaces
// have rules of their own (fs/xattr.c vfs_setxattr, xattr_permission,
// security/commoncap.c cap_inode_setxattr):
//
//   - security.capability needs CAP_SETFCAP and a value that makes sense, other
//     security attributes CAP_SYS_ADMIN;
//   - trusted.* needs CAP_SYS_ADMIN;
//   - user.* needs write permission, is for regular files and directories only,
//     and in a sticky directory for its owner;
//   - a name in no namespace is EOPNOTSUPP, a namespace without a name EINVAL.
func (c *Cred) MaySetXattr(ino Inode, name string, value []byte) (stored []byte, errno syscall.Errno) {
	if name == FileCapsName && len(value) > 0 {
		if value, errno = c.storeFileCaps(value); errno != 0 {
			return nil, errno
		}
	}
	if errno = c.xattrPermission(ino, name, acl.Write); errno != 0 {
		return nil, errno
	}
	if strings.HasPrefix(name, "security.") && name != FileCapsName && !c.Capable(CAP_SYS_ADMIN) {
		return nil, syscall.EPERM
	}
	return value, xattrNamespace(name)
}

// MayRemoveXattr tells whether the caller may remove an extended attribute other
// than an ACL (fs/xattr.c vfs_removexattr, security/commoncap.c
// cap_inode_removexattr). That there is none (ENODATA) comes after this.
func (c *Cred) MayRemoveXattr(ino Inode, name string) syscall.Errno {
	if errno := c.xattrPermission(ino, name, acl.Write); errno != 0 {
		return errno
	}
	if strings.HasPrefix(name, "security.") {
		needs := CAP_SYS_ADMIN
		if name == FileCapsName {
			needs = CAP_SETFCAP
		}
		if !c.Capable(needs) {
			return syscall.EPERM
		}
	}
	return xattrNamespace(name)
}

// MayGetXattr tells whether the caller may read an extended attribute other than
// an ACL. What one may not know of, one does not find: ENODATA. The value of
// security.capability is what [ReadFileCaps] makes of it.
func (c *Cred) MayGetXattr(ino Inode, name string) syscall.Errno {
	if errno := c.xattrPermission(ino, name, acl.Read); errno != 0 {
		return errno
	}
	return xattrNamespace(name)
}

// ListsXattr tells whether listxattr shows the caller a name that the file has:
// trusted.* only with CAP_SYS_ADMIN (fs/ext4/xattr_trusted.c
// ext4_xattr_trusted_list). listxattr needs no permission on the file.
func (c *Cred) ListsXattr(name string) bool {
	return !strings.HasPrefix(name, "trusted.") || c.Capable(CAP_SYS_ADMIN)
}

// xattrPermission is fs/xattr.c xattr_permission.
func (c *Cred) xattrPermission(ino Inode, name string, want acl.Perm) syscall.Errno {
	refused := syscall.ENODATA
	if want == acl.Write {
		refused = syscall.EPERM
	}
	switch {
	case strings.HasPrefix(name, "security."), strings.HasPrefix(name, "system."):
		return ok
	case strings.HasPrefix(name, "trusted."):
		if !c.Capable(CAP_SYS_ADMIN) {
			return refused
		}
		return ok
	case strings.HasPrefix(name, "user."):
		if !ino.is(modeReg) && !ino.is(modeDir) {
			return refused
		}
		if want == acl.Write && ino.is(modeDir) && ino.Mode&modeSticky != 0 && !c.OwnerOrCapable(ino.UID) {
			return syscall.EPERM
		}
	}
	return c.Permission(ino, want)
}

// xattrNamespace is fs/xattr.c xattr_resolve_name on a file system that has the
// namespaces security, trusted and user.
func xattrNamespace(name string) syscall.Errno {
	for _, prefix := range []string{"security.", "trusted.", "user."} {
		if rest, found := strings.CutPrefix(name, prefix); found {
			if rest == "" {
				return syscall.EINVAL
			}
			return ok
		}
	}
	return syscall.EOPNOTSUPP
}
