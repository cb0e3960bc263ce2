package cred

import "syscall"

// FileCred is what execve looks at in a program's file. For a script it is the
// interpreter's file: set-user-ID scripts have no effect.
type FileCred struct {
	Mode     uint32 // with the set-user-ID and set-group-ID bits
	UID, GID uint32
	Caps     []byte // the value of security.capability; nil if there is none
	NoSUID   bool   // on a file system mounted nosuid
}

// Exec is the credentials after execve of a program, and whether the kernel then
// asks the C library for care (AT_SECURE). EPERM is for a program whose
// effective capabilities cannot all be had, EINVAL for a damaged attribute; the
// program is then not run (fs/exec.c bprm_fill_uid, security/commoncap.c
// cap_bprm_creds_from_file).
//
// That the program may be executed at all is for [Cred.Permission] to say. The
// rules for a task that shares its working directory with another process
// (CLONE_FS), and for one that is traced, are left out: no tracer of the action
// is less privileged than the task.
func (c *Cred) Exec(f FileCred) (next *Cred, secure bool, errno syscall.Errno) {
	old := &c.s
	n := *old

	if !f.NoSUID && !old.NoNewPrivs {
		if f.Mode&modeSUID != 0 {
			n.EUID = f.UID
		}
		if f.Mode&(modeSGID|modeXGRP) == modeSGID|modeXGRP {
			n.EGID = f.GID
		}
	}

	effective, hasCaps, errno := c.fileCaps(&n, f)
	if errno != 0 {
		return c, false, errno
	}
	c.privilegedRoot(&n, hasCaps, &effective)

	// Privileges were gained that no_new_privs rules out. The ids could not
	// be; they go back to the real ones all the same.
	idChanged := n.EUID != old.EUID || !c.InGroup(n.EGID)
	if old.NoNewPrivs && (idChanged || !n.Permitted.in(old.Permitted)) {
		n.EUID, n.EGID = n.UID, n.GID
		n.Permitted &= old.Permitted
	}

	n.SUID, n.FSUID = n.EUID, n.EUID
	n.SGID, n.FSGID = n.EGID, n.EGID
	if hasCaps || idChanged {
		n.Ambient = 0
	}
	n.Permitted |= n.Ambient
	n.Effective = n.Ambient
	if effective {
		n.Effective = n.Permitted
	}
	n.Securebits &^= SECBIT_KEEP_CAPS

	secure = idChanged || n.EUID != old.UID || n.EGID != old.GID ||
		n.UID != 0 && (effective || !n.Permitted.in(n.Ambient))
	return &Cred{n}, secure, ok
}

// fileCaps sets what the file's capabilities grant, pP' = (X & fP) | (pI & fI)
// (security/commoncap.c get_file_caps, bprm_caps_from_vfs_caps).
func (c *Cred) fileCaps(n *State, f FileCred) (effective, has bool, errno syscall.Errno) {
	n.Permitted = 0
	if f.NoSUID || f.Caps == nil {
		return false, false, ok
	}
	fc, errno := ParseFileCaps(f.Caps)
	if errno != 0 {
		return false, false, errno
	}
	if fc.RootID != 0 { // of a user namespace that the action does not live in
		return false, false, ok
	}
	fc.Permitted &= c.all()
	fc.Inheritable &= c.all()
	n.Permitted = c.s.Bounding&fc.Permitted | c.s.Inheritable&fc.Inheritable
	if fc.Effective && !fc.Permitted.in(n.Permitted) {
		return false, false, syscall.EPERM
	}
	return fc.Effective, true, ok
}

// privilegedRoot gives user 0 every capability that the bounding set allows
// (security/commoncap.c handle_privileged_root). A set-user-ID root program that
// has capabilities of its own gets those instead.
func (c *Cred) privilegedRoot(n *State, hasCaps bool, effective *bool) {
	if c.secure(SECBIT_NOROOT) || hasCaps && n.UID != 0 && n.EUID == 0 {
		return
	}
	if n.UID == 0 || n.EUID == 0 {
		n.Permitted = c.s.Bounding | c.s.Inheritable
	}
	if n.EUID == 0 {
		*effective = true
	}
}
