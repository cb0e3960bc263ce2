package cred

import (
	"slices"
	"syscall"
)

// MaxGroups is the most supplementary groups that a task may have (NGROUPS_MAX).
const MaxGroups = 65536

// SetGID is setgid(2) (kernel/sys.c __sys_setgid).
func (c *Cred) SetGID(gid uint32) (*Cred, syscall.Errno) {
	if gid == unset {
		return c, syscall.EINVAL
	}
	capable := c.Capable(CAP_SETGID)
	if !capable && gid != c.s.GID && gid != c.s.SGID {
		return c, syscall.EPERM
	}
	return c.with(func(n *State) {
		if capable {
			n.GID, n.SGID = gid, gid
		}
		n.EGID, n.FSGID = gid, gid
	}), ok
}

// SetREGID is setregid(2) (kernel/sys.c __sys_setregid).
func (c *Cred) SetREGID(rgid, egid uint32) (*Cred, syscall.Errno) {
	s, capable := &c.s, c.Capable(CAP_SETGID)
	if rgid != unset && rgid != s.GID && rgid != s.EGID && !capable {
		return c, syscall.EPERM
	}
	if egid != unset && egid != s.GID && egid != s.EGID && egid != s.SGID && !capable {
		return c, syscall.EPERM
	}
	return c.with(func(n *State) {
		set(&n.GID, rgid)
		set(&n.EGID, egid)
		if rgid != unset || egid != unset && egid != s.GID {
			n.SGID = n.EGID
		}
		n.FSGID = n.EGID
	}), ok
}

// SetRESGID is setresgid(2) (kernel/sys.c __sys_setresgid), with the same
// exception for calls that change nothing as [Cred.SetRESUID].
func (c *Cred) SetRESGID(rgid, egid, sgid uint32) (*Cred, syscall.Errno) {
	s := &c.s
	if (rgid == unset || rgid == s.GID) &&
		(egid == unset || egid == s.EGID && egid == s.FSGID) &&
		(sgid == unset || sgid == s.SGID) {
		return c, ok
	}
	for _, id := range []uint32{rgid, egid, sgid} {
		if id != unset && id != s.GID && id != s.EGID && id != s.SGID && !c.Capable(CAP_SETGID) {
			return c, syscall.EPERM
		}
	}
	return c.with(func(n *State) {
		set(&n.GID, rgid)
		set(&n.EGID, egid)
		set(&n.SGID, sgid)
		n.FSGID = n.EGID
	}), ok
}

// SetFSGID is setfsgid(2), which returns the previous id whether or not it
// changed anything (kernel/sys.c __sys_setfsgid). Capabilities do not follow it.
func (c *Cred) SetFSGID(gid uint32) (next *Cred, previous uint32) {
	s := &c.s
	if gid == s.FSGID || gid == unset ||
		gid != s.GID && gid != s.EGID && gid != s.SGID && !c.Capable(CAP_SETGID) {
		return c, s.FSGID
	}
	return c.with(func(n *State) { n.FSGID = gid }), s.FSGID
}

// MaySetGroups is what setgroups(2) checks before it reads the list: EPERM
// without CAP_SETGID, then EINVAL for a size, a C int, that is negative or above
// [MaxGroups] (kernel/groups.c sys_setgroups).
func (c *Cred) MaySetGroups(size int32) syscall.Errno {
	if !c.Capable(CAP_SETGID) {
		return syscall.EPERM
	}
	if size < 0 || size > MaxGroups {
		return syscall.EINVAL
	}
	return ok
}

// SetGroups is setgroups(2), which sorts the list and keeps what occurs twice;
// EINVAL for a group of -1 (kernel/groups.c groups_from_user, groups_sort). The
// list is copied.
func (c *Cred) SetGroups(groups []uint32) (*Cred, syscall.Errno) {
	if !c.Capable(CAP_SETGID) {
		return c, syscall.EPERM
	}
	if len(groups) > MaxGroups || slices.Contains(groups, unset) {
		return c, syscall.EINVAL
	}
	return c.with(func(n *State) { n.Groups = sorted(groups) }), ok
}

// GetGroups is getgroups(2) with room for size groups, a C int: the number of
// groups, and the list, which is nil where size is 0 and which the caller must
// not change; EINVAL for a size that is negative or too small (kernel/groups.c
// sys_getgroups).
func (c *Cred) GetGroups(size int32) (n int, groups []uint32, errno syscall.Errno) {
	n = len(c.s.Groups)
	switch {
	case size < 0 || size > 0 && n > int(size):
		return 0, nil, syscall.EINVAL
	case size == 0:
		return n, nil, ok
	}
	return n, c.s.Groups, ok
}

// InGroup tells whether files of a group are those of the caller's (kernel/groups.c
// in_group_p).
func (c *Cred) InGroup(gid uint32) bool {
	return gid == c.s.FSGID || c.supplementary(gid)
}

// InEffectiveGroup is kernel/groups.c in_egroup_p, which looks at the effective
// group in place of the file system group.
func (c *Cred) InEffectiveGroup(gid uint32) bool {
	return gid == c.s.EGID || c.supplementary(gid)
}

func (c *Cred) supplementary(gid uint32) bool {
	_, found := slices.BinarySearch(c.s.Groups, gid)
	return found
}

func sorted(groups []uint32) []uint32 {
	if len(groups) == 0 {
		return nil
	}
	groups = slices.Clone(groups)
	slices.Sort(groups)
	return groups
}
