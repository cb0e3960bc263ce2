package acl

import (
	"fmt"
	"strings"
	"syscall"
)

// Tag says whom an entry speaks of. The values are those of
// include/uapi/linux/posix_acl.h.
type Tag uint16

const (
	UserObj  Tag = 0x01 // the file's owner
	User     Tag = 0x02 // the user ID
	GroupObj Tag = 0x04 // the file's group
	Group    Tag = 0x08 // the group ID
	Mask     Tag = 0x10 // upper bound of User, GroupObj and Group
	Other    Tag = 0x20 // everybody else
)

// Perm is the permission bits of an entry, and of what a caller wants.
type Perm uint16

const (
	Exec  Perm = 1
	Write Perm = 2
	Read  Perm = 4

	allPerms = Read | Write | Exec
)

// UndefinedID is the ID of entries that name neither a user nor a group.
const UndefinedID uint32 = 0xffffffff

// Entry is one line of an ACL. ID is [UndefinedID] unless Tag is User or Group.
type Entry struct {
	Tag  Tag
	Perm Perm
	ID   uint32
}

// ACL is an access control list in the order in which the file stores it. Nil
// means that there is none. ACLs are shared and never changed in place.
type ACL []Entry

// Permission bits of a mode, as in include/uapi/linux/stat.h. They stand here
// because package syscall does not define them alike on every platform.
const (
	modeType  = 0o170000
	modeDir   = 0o040000
	modeLink  = 0o120000
	modeSGID  = 0o002000
	modePerms = 0o000777
)

// FromMode is the minimal ACL that says what the mode says (fs/posix_acl.c
// posix_acl_from_mode).
func FromMode(mode uint32) ACL {
	return ACL{
		{UserObj, Perm(mode>>6) & allPerms, UndefinedID},
		{GroupObj, Perm(mode>>3) & allPerms, UndefinedID},
		{Other, Perm(mode) & allPerms, UndefinedID},
	}
}

// Valid checks that an ACL may be stored: EINVAL unless its entries come as
// owner, users, group, groups, mask, other, with a mask where a user or a group
// is named (fs/posix_acl.c posix_acl_valid). As in the kernel, the IDs of users
// and groups need be neither sorted nor unique, and a nil ACL is not valid.
func (a ACL) Valid() syscall.Errno {
	const done Tag = 0
	next, needsMask := UserObj, false
	for _, e := range a {
		if e.Perm&^allPerms != 0 {
			return syscall.EINVAL
		}
		switch {
		case e.Tag == UserObj && next == UserObj:
			next = User
		case e.Tag == User && next == User && e.ID != UndefinedID:
			needsMask = true
		case e.Tag == GroupObj && next == User:
			next = Group
		case e.Tag == Group && next == Group && e.ID != UndefinedID:
			needsMask = true
		case e.Tag == Mask && next == Group:
			next = Other
		case e.Tag == Other && (next == Other || next == Group && !needsMask):
			next = done
		default:
			return syscall.EINVAL
		}
	}
	if next != done {
		return syscall.EINVAL
	}
	return 0
}

// Mode returns the permission bits (0..0777) that stat shows for a file with
// this ACL, and whether those bits say all that the ACL says: a minimal ACL is
// not stored at all. The group's bits are the mask's where there is one
// (fs/posix_acl.c posix_acl_equiv_mode).
func (a ACL) Mode() (perms uint32, minimal bool) {
	minimal = true
	for _, e := range a {
		p := uint32(e.Perm & allPerms)
		switch e.Tag {
		case UserObj:
			perms |= p << 6
		case GroupObj:
			perms |= p << 3
		case Other:
			perms |= p
		case Mask:
			perms = perms&^0o070 | p<<3
			minimal = false
		default:
			minimal = false
		}
	}
	return perms, minimal
}

// clone copies the entries, so that the copy may be changed.
func (a ACL) clone() ACL {
	return append(ACL(nil), a...)
}

// group is the index of the entry that the group bits of a mode stand for: the
// mask's or, without one, the owning group's; -1 if there is neither.
func (a ACL) group() int {
	at := -1
	for i, e := range a {
		switch e.Tag {
		case Mask:
			return i
		case GroupObj:
			at = i
		}
	}
	return at
}

// String is the short text form of acl(5), as setfacl reads it.
func (a ACL) String() string {
	var b strings.Builder
	for i, e := range a {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(e.String())
	}
	return b.String()
}

// String is the entry in the short text form of acl(5).
func (e Entry) String() string {
	name, id := "?", ""
	switch e.Tag {
	case UserObj, User:
		name = "u"
	case GroupObj, Group:
		name = "g"
	case Mask:
		name = "m"
	case Other:
		name = "o"
	}
	if e.Tag == User || e.Tag == Group {
		id = fmt.Sprint(e.ID)
	}
	perms := []byte("---")
	for i, bit := range []Perm{Read, Write, Exec} {
		if e.Perm&bit != 0 {
			perms[i] = "rwx"[i]
		}
	}
	return name + ":" + id + ":" + string(perms)
}
