package cred

import "syscall"

// State is everything that a [Cred] knows. It is how credentials are read from
// or written to somewhere else.
type State struct {
	UID, EUID, SUID, FSUID uint32
	GID, EGID, SGID, FSGID uint32
	Groups                 []uint32 // supplementary, ascending

	Inheritable, Permitted, Effective, Bounding, Ambient Caps

	Securebits uint32 // SECBIT_*
	NoNewPrivs bool   // as the action set it with prctl
	LastCap    Cap    // the highest capability that the kernel knows
}

// Cred is the credentials of one task. It is immutable and may be shared by any
// number of tasks and goroutines.
type Cred struct {
	s State
}

// New makes credentials of a state, whose groups it copies and sorts. Sets of
// capabilities lose what lies beyond LastCap.
func New(s State) *Cred {
	c := &Cred{s}
	c.s.Groups = sorted(s.Groups)
	all := c.all()
	for _, set := range []*Caps{&c.s.Inheritable, &c.s.Permitted, &c.s.Effective, &c.s.Bounding, &c.s.Ambient} {
		*set &= all
	}
	return c
}

// Root is what init starts with: user and group 0, no supplementary groups,
// every capability up to last permitted, effective and in the bounding set.
func Root(last Cap) *Cred {
	return Login(0, 0, nil, last)
}

// Login is what somebody has who has just logged in: only user 0 has
// capabilities.
func Login(uid, gid uint32, groups []uint32, last Cap) *Cred {
	all := upTo(last)
	s := State{
		UID: uid, EUID: uid, SUID: uid, FSUID: uid,
		GID: gid, EGID: gid, SGID: gid, FSGID: gid,
		Groups: groups, Bounding: all, LastCap: last,
	}
	if uid == 0 {
		s.Permitted, s.Effective = all, all
	}
	return New(s)
}

// State returns a copy of everything, which the caller owns.
func (c *Cred) State() State {
	s := c.s
	s.Groups = append([]uint32(nil), s.Groups...)
	return s
}

func (c *Cred) UID() uint32   { return c.s.UID }
func (c *Cred) EUID() uint32  { return c.s.EUID }
func (c *Cred) SUID() uint32  { return c.s.SUID }
func (c *Cred) GID() uint32   { return c.s.GID }
func (c *Cred) EGID() uint32  { return c.s.EGID }
func (c *Cred) SGID() uint32  { return c.s.SGID }
func (c *Cred) FSGID() uint32 { return c.s.FSGID }

// FSUID is the user that files are accessed as, and who owns new files.
func (c *Cred) FSUID() uint32 { return c.s.FSUID }

// NoNewPrivs tells whether the task has said PR_SET_NO_NEW_PRIVS.
func (c *Cred) NoNewPrivs() bool { return c.s.NoNewPrivs }

// Securebits is what PR_GET_SECUREBITS returns.
func (c *Cred) Securebits() uint32 { return c.s.Securebits }

// with returns a copy that change has been applied to.
func (c *Cred) with(change func(*State)) *Cred {
	n := *c
	change(&n.s)
	return &n
}

// secure is include/linux/securebits.h issecure.
func (c *Cred) secure(bit uint32) bool {
	return c.s.Securebits&bit != 0
}

const ok = syscall.Errno(0)
