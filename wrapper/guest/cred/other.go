package cred

import "slices"

// What a process may do to another one. The caller is not of the same thread group, whose members may do everything to each
// other.

// MayKill reports whether the caller may send a signal (kernel/signal.c, kill_ok_by_cred). Within its session anybody may
// send SIGCONT, which is the caller's to know.
func (c *Cred) MayKill(other *Cred) bool {
	of := []uint32{other.s.UID, other.s.SUID}
	return slices.Contains(of, c.s.EUID) || slices.Contains(of, c.s.UID) || c.Capable(CAP_KILL)
}

// MaySchedule reports whether the caller may change how another process is scheduled (kernel/sched/syscalls.c,
// check_same_owner; kernel/sys.c, set_one_prio_perm).
func (c *Cred) MaySchedule(other *Cred) bool {
	return c.s.EUID == other.s.EUID || c.s.EUID == other.s.UID || c.Capable(CAP_SYS_NICE)
}

// MayRank reports whether the caller may change the priority of another process's input and output (block/ioprio.c,
// set_task_ioprio).
func (c *Cred) MayRank(other *Cred) bool {
	return other.s.UID == c.s.EUID || other.s.UID == c.s.UID || c.Capable(CAP_SYS_NICE)
}

// MayLimit reports whether the caller may see or set limits of another process (kernel/sys.c, check_prlimit_permission).
func (c *Cred) MayLimit(other *Cred) bool { return c.isOnly(other) || c.Capable(CAP_SYS_RESOURCE) }

// MayTrace reports whether the caller may read and write the memory of another process, or take its descriptors
// (kernel/ptrace.c, __ptrace_may_access with PTRACE_MODE_REALCREDS; security/commoncap.c, cap_ptrace_access_check).
// undumpable says that the other one's memory is not for others (PR_SET_DUMPABLE).
func (c *Cred) MayTrace(other *Cred, undumpable bool) bool {
	return c.Capable(CAP_SYS_PTRACE) || c.isOnly(other) && !undumpable && other.s.Permitted.in(c.s.Permitted)
}

// isOnly reports whether all ids of the other process are the caller's real ones.
func (c *Cred) isOnly(other *Cred) bool {
	return other.s.UID == c.s.UID && other.s.EUID == c.s.UID && other.s.SUID == c.s.UID &&
		other.s.GID == c.s.GID && other.s.EGID == c.s.GID && other.s.SGID == c.s.GID
}
