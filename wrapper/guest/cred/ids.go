package cred

import "syscall"

// unset is the id of -1: "leave it as it is", or no id at all.
const unset = ^uint32(0)

// SetUID is setuid(2) (kernel/sys.c __sys_setuid).
func (c *Cred) SetUID(uid uint32) (*Cred, syscall.Errno) {
	if uid == unset {
		return c, syscall.EINVAL
	}
	capable := c.Capable(CAP_SETUID)
	if !capable && uid != c.s.UID && uid != c.s.SUID {
		return c, syscall.EPERM
	}
	return c.changeUIDs(func(n *State) {
		if capable {
			n.UID, n.SUID = uid, uid
		}
		n.EUID = uid
	}), ok
}

// SetREUID is setreuid(2) (kernel/sys.c __sys_setreuid). Setting the real id, or
// an effective id other than the real one, sets the saved id too.
func (c *Cred) SetREUID(ruid, euid uint32) (*Cred, syscall.Errno) {
	s, capable := &c.s, c.Capable(CAP_SETUID)
	if ruid != unset && ruid != s.UID && ruid != s.EUID && !capable {
		return c, syscall.EPERM
	}
	if euid != unset && euid != s.UID && euid != s.EUID && euid != s.SUID && !capable {
		return c, syscall.EPERM
	}
	return c.changeUIDs(func(n *State) {
		set(&n.UID, ruid)
		set(&n.EUID, euid)
		if ruid != unset || euid != unset && euid != s.UID {
			n.SUID = n.EUID
		}
	}), ok
}

// SetRESUID is setresuid(2) (kernel/sys.c __sys_setresuid). A call that changes
// none of the three leaves the file system id alone, unless it names the
// effective id.
func (c *Cred) SetRESUID(ruid, euid, suid uint32) (*Cred, syscall.Errno) {
	s := &c.s
	if (ruid == unset || ruid == s.UID) &&
		(euid == unset || euid == s.EUID && euid == s.FSUID) &&
		(suid == unset || suid == s.SUID) {
		return c, ok
	}
	for _, id := range []uint32{ruid, euid, suid} {
		if id != unset && id != s.UID && id != s.EUID && id != s.SUID && !c.Capable(CAP_SETUID) {
			return c, syscall.EPERM
		}
	}
	return c.changeUIDs(func(n *State) {
		set(&n.UID, ruid)
		set(&n.EUID, euid)
		set(&n.SUID, suid)
	}), ok
}

// SetFSUID is setfsuid(2), which returns the previous id whether or not it
// changed anything (kernel/sys.c __sys_setfsuid).
func (c *Cred) SetFSUID(uid uint32) (next *Cred, previous uint32) {
	s := &c.s
	if uid == s.FSUID || uid == unset ||
		uid != s.UID && uid != s.EUID && uid != s.SUID && !c.Capable(CAP_SETUID) {
		return c, s.FSUID
	}
	return c.with(func(n *State) {
		n.FSUID = uid
		// security/commoncap.c cap_task_fix_setuid, LSM_SETID_FS
		if c.secure(SECBIT_NO_SETUID_FIXUP) {
			return
		}
		switch {
		case s.FSUID == 0:
			n.Effective &^= fsCaps
		case uid == 0:
			n.Effective |= n.Permitted & fsCaps
		}
	}), s.FSUID
}

// changeUIDs applies a change of the real, effective and saved user ids and what
// follows from it: the file system id is the effective one, and capabilities
// come and go with user 0 (security/commoncap.c cap_emulate_setxuid).
func (c *Cred) changeUIDs(change func(*State)) *Cred {
	return c.with(func(n *State) {
		change(n)
		n.FSUID = n.EUID
		if c.secure(SECBIT_NO_SETUID_FIXUP) {
			return
		}
		old := &c.s
		wasRoot := old.UID == 0 || old.EUID == 0 || old.SUID == 0
		isRoot := n.UID == 0 || n.EUID == 0 || n.SUID == 0
		if wasRoot && !isRoot {
			if !c.secure(SECBIT_KEEP_CAPS) {
				n.Permitted, n.Effective = 0, 0
			}
			n.Ambient = 0
		}
		switch {
		case old.EUID == 0 && n.EUID != 0:
			n.Effective = 0
		case old.EUID != 0 && n.EUID == 0:
			n.Effective = n.Permitted
		}
	})
}

// set assigns an id unless it is -1.
func set(to *uint32, id uint32) {
	if id != unset {
		*to = id
	}
}
