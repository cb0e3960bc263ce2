package cred

import "syscall"

// Cap is the number of a capability (include/uapi/linux/capability.h).
type Cap uint8

const (
	CAP_CHOWN Cap = iota
	CAP_DAC_OVERRIDE
	CAP_DAC_READ_SEARCH
	CAP_FOWNER
	CAP_FSETID
	CAP_KILL
	CAP_SETGID
	CAP_SETUID
	CAP_SETPCAP
	CAP_LINUX_IMMUTABLE
	CAP_NET_BIND_SERVICE
	CAP_NET_BROADCAST
	CAP_NET_ADMIN
	CAP_NET_RAW
	CAP_IPC_LOCK
	CAP_IPC_OWNER
	CAP_SYS_MODULE
	CAP_SYS_RAWIO
	CAP_SYS_CHROOT
	CAP_SYS_PTRACE
	CAP_SYS_PACCT
	CAP_SYS_ADMIN
	CAP_SYS_BOOT
	CAP_SYS_NICE
	CAP_SYS_RESOURCE
	CAP_SYS_TIME
	CAP_SYS_TTY_CONFIG
	CAP_MKNOD
	CAP_LEASE
	CAP_AUDIT_WRITE
	CAP_AUDIT_CONTROL
	CAP_SETFCAP
	CAP_MAC_OVERRIDE
	CAP_MAC_ADMIN
	CAP_SYSLOG
	CAP_WAKE_ALARM
	CAP_BLOCK_SUSPEND
	CAP_AUDIT_READ
	CAP_PERFMON
	CAP_BPF
	CAP_CHECKPOINT_RESTORE
)

// Caps is a set of capabilities; bit N is capability N.
type Caps uint64

// CapsOf is the set of the given capabilities.
func CapsOf(caps ...Cap) Caps {
	var set Caps
	for _, c := range caps {
		set |= 1 << c
	}
	return set
}

// Has tells whether the set holds a capability.
func (s Caps) Has(c Cap) bool { return s>>c&1 != 0 }

// in tells whether the set is a subset of another.
func (s Caps) in(of Caps) bool { return s&^of == 0 }

// upTo is the set of every capability up to last.
func upTo(last Cap) Caps { return Caps(1)<<(last+1) - 1 }

// all is every capability that the kernel knows (CAP_VALID_MASK).
func (c *Cred) all() Caps { return upTo(c.s.LastCap) }

// fsCaps are the capabilities that follow the file system user id
// (include/linux/capability.h CAP_FS_SET).
var fsCaps = CapsOf(CAP_CHOWN, CAP_MKNOD, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH,
	CAP_FOWNER, CAP_FSETID, CAP_MAC_OVERRIDE, CAP_LINUX_IMMUTABLE)

// Capable tells whether a capability is in effect (kernel/capability.c capable).
func (c *Cred) Capable(cp Cap) bool { return c.s.Effective.Has(cp) }

// CapSets are the three sets that capget and capset speak of.
type CapSets struct {
	Effective, Permitted, Inheritable Caps
}

// CapGet is capget on a task with these credentials (security/commoncap.c
// cap_capget). Anybody may ask about any task.
func (c *Cred) CapGet() CapSets {
	return CapSets{c.s.Effective, c.s.Permitted, c.s.Inheritable}
}

// CapSet is capset (security/commoncap.c cap_capset): EPERM where a set would
// grow beyond what it may hold. Capabilities that the kernel does not know are
// dropped, and ambient ones that are no longer both permitted and inheritable.
func (c *Cred) CapSet(s CapSets) (*Cred, syscall.Errno) {
	all := c.all()
	s.Effective &= all
	s.Permitted &= all
	s.Inheritable &= all
	old := &c.s
	switch {
	case !c.Capable(CAP_SETPCAP) && !s.Inheritable.in(old.Inheritable|old.Permitted),
		!s.Inheritable.in(old.Inheritable | old.Bounding),
		!s.Permitted.in(old.Permitted),
		!s.Effective.in(s.Permitted):
		return c, syscall.EPERM
	}
	return c.with(func(n *State) {
		n.Effective, n.Permitted, n.Inheritable = s.Effective, s.Permitted, s.Inheritable
		n.Ambient &= s.Permitted & s.Inheritable
	}), ok
}
