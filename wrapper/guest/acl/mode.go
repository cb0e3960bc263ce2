package acl

import "syscall"

// Chmod is the ACL of a file whose permission bits have just been set to those
// of mode: owner, other, and the mask or, without one, the group follow the
// mode (fs/posix_acl.c __posix_acl_chmod_masq). Nil stays nil.
func (a ACL) Chmod(mode uint32) ACL {
	if a == nil {
		return nil
	}
	a = a.clone()
	for i := range a {
		switch a[i].Tag {
		case UserObj:
			a[i].Perm = Perm(mode>>6) & allPerms
		case Other:
			a[i].Perm = Perm(mode) & allPerms
		}
	}
	if g := a.group(); g >= 0 {
		a[g].Perm = Perm(mode>>3) & allPerms
	}
	return a
}

// Create is a new file's mode and ACLs, given the default ACL of its directory,
// the mode that the caller asks for, with its type, and the caller's umask
// (fs/posix_acl.c posix_acl_create, posix_acl_create_masq). A default ACL takes
// the place of the umask; a directory inherits it. A symbolic link has neither
// ACL nor umask. Only Mode, Access and Default of the result are set.
func Create(def ACL, mode, umask uint32) Node {
	if mode&modeType == modeLink {
		return Node{Mode: mode}
	}
	if def == nil {
		return Node{Mode: mode &^ (umask & modePerms)}
	}
	a := def.clone()
	perms := mode
	for i := range a {
		switch a[i].Tag {
		case UserObj:
			perms = a[i].narrow(perms, 6)
		case Other:
			perms = a[i].narrow(perms, 0)
		}
	}
	if g := a.group(); g >= 0 {
		perms = a[g].narrow(perms, 3)
	}
	n := Node{Mode: perms}
	if _, minimal := a.Mode(); !minimal {
		n.Access = a
	}
	if mode&modeType == modeDir {
		n.Default = def
	}
	return n
}

// narrow leaves to the entry and to its three bits of the mode what both grant.
func (e *Entry) narrow(mode uint32, shift uint) uint32 {
	e.Perm &= Perm(mode >> shift)
	return mode & (uint32(e.Perm)<<shift | ^(uint32(allPerms) << shift))
}

// Permission tells whether the ACL of a file of uid and gid lets the caller do
// what they want: 0, EACCES, or EIO for an ACL that is not valid
// (fs/posix_acl.c posix_acl_permission). Capabilities are not asked; nor does
// the kernel come here for the owner, or where the mode's group bits are all
// clear (see cred.Cred.Permission).
func (a ACL) Permission(uid, gid uint32, who Subject, want Perm) syscall.Errno {
	want &= allPerms
	groupSeen := false
	for i, e := range a {
		switch e.Tag {
		case UserObj:
			if uid == who.FSUID() {
				return e.grants(want)
			}
		case User:
			if e.ID == who.FSUID() {
				return a.masked(i, want)
			}
		case GroupObj, Group:
			of := gid
			if e.Tag == Group {
				of = e.ID
			}
			if who.InGroup(of) {
				groupSeen = true
				if e.Perm&want == want {
					return a.masked(i, want)
				}
			}
		case Mask:
		case Other:
			if groupSeen {
				return syscall.EACCES
			}
			return e.grants(want)
		default:
			return syscall.EIO
		}
	}
	return syscall.EIO
}

func (e Entry) grants(want Perm) syscall.Errno {
	if e.Perm&want != want {
		return syscall.EACCES
	}
	return 0
}

// masked is what entry i grants under the mask, if one follows it.
func (a ACL) masked(i int, want Perm) syscall.Errno {
	e := a[i]
	for _, m := range a[i+1:] {
		if m.Tag == Mask {
			e.Perm &= m.Perm
			break
		}
	}
	return e.grants(want)
}
