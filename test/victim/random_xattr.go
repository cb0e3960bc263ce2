//go:build linux

package main

import "golang.org/x/sys/unix"

// Steps about extended attributes.

var attributeNamesUsed = []string{"user.a", "user.b", "trusted.a", "security.a", "security.capability", "other.a"}

func stepSetxattr(_ *walker, d *dice) {
	name, value := one(d, attributeNamesUsed...), one(d, "1", "two", "")
	if name == "security.capability" {
		// Not an empty one, which the kernel stores but executes for nobody, not
		// even root: feign does not see what root executes.
		value = fileCaps(one[uint](d, netRaw, unix.CAP_CHOWN, unix.CAP_DAC_OVERRIDE))
	}
	flags := one[hex](d, 0, 0, 0, unix.XATTR_CREATE, unix.XATTR_REPLACE)
	switch d.below(4) {
	case 0, 1:
		setxattr(d.path(), name, value, flags)
	case 2:
		setxattrBy("lsetxattr", unix.SYS_LSETXATTR, d.path(), name, value, flags)
	case 3:
		setxattrBy("fsetxattr", unix.SYS_FSETXATTR, d.kept(), name, value, flags)
	}
}

func (d *dice) attribute() string {
	if d.once(4) {
		return one(d, aclAccess, aclDefault)
	}
	return one(d, attributeNamesUsed...)
}

func stepRemovexattr(_ *walker, d *dice) {
	switch d.below(3) {
	case 0:
		removexattr(d.path(), d.attribute())
	case 1:
		try("lremovexattr", unix.SYS_LREMOVEXATTR, d.path(), d.attribute())
	case 2:
		try("fremovexattr", unix.SYS_FREMOVEXATTR, d.kept(), d.attribute())
	}
}

func stepGetxattr(_ *walker, d *dice) {
	switch d.below(3) {
	case 0:
		getxattr(d.path(), d.attribute())
	case 1:
		getxattrBy("lgetxattr", unix.SYS_LGETXATTR, d.path(), d.attribute())
	case 2:
		getxattrBy("fgetxattr", unix.SYS_FGETXATTR, d.kept(), d.attribute())
	}
}

func stepListxattr(_ *walker, d *dice) {
	switch d.below(3) {
	case 0:
		listxattr(d.path())
	case 1:
		listxattrBy("llistxattr", unix.SYS_LLISTXATTR, d.path())
	case 2:
		listxattrBy("flistxattr", unix.SYS_FLISTXATTR, d.kept())
	}
}

func stepACL(_ *walker, d *dice) {
	perm := func() string { return one(d, "rwx", "rw-", "r--", "r-x", "--x", "---") }
	text := "u::" + perm()
	named := d.below(4)
	if named&1 != 0 {
		text += ",u:1000:" + perm()
	}
	text += ",g::" + perm()
	if named&2 != 0 {
		text += ",g:2000:" + perm()
	}
	if named != 0 {
		text += ",m::" + perm()
	}
	text += ",o::" + perm()
	name, path := aclAccess, d.path()
	if d.once(2) {
		name, path = aclDefault, one(d, dirNames...)
	}
	setACL(path, name, text)
}
