//go:build linux

package main

import (
	"golang.org/x/sys/unix"
)

// othersCases are what a process may do to other ones.
var othersCases = []testCase{
	// kernel/signal.c kill_ok_by_cred
	{"other-kills", "", func() {
		toOthers(func(pid int) {
			info := [128]byte{8: 0xff, 9: 0xff, 10: 0xff, 11: 0xff} // SI_QUEUE
			for _, sig := range []int{0, int(unix.SIGCONT)} {
				reach("kill", unix.SYS_KILL, pid, sig)
				reach("tkill", unix.SYS_TKILL, pid, sig)
				reach("tgkill", unix.SYS_TGKILL, pid, pid, sig)
				reach("rt_sigqueueinfo", unix.SYS_RT_SIGQUEUEINFO, pid, sig, addr(&info))
				reach("rt_tgsigqueueinfo", unix.SYS_RT_TGSIGQUEUEINFO, pid, pid, sig, addr(&info))
				reach("pidfd_send_signal", unix.SYS_PIDFD_SEND_SIGNAL, pidfd(pid), sig, nil, 0)
			}
		})
	}},
	// kernel/ptrace.c __ptrace_may_access
	{"other-looks-into", "", func() {
		toOthers(func(pid int) {
			var b [1]byte
			local := unix.Iovec{Base: &b[0]}
			local.SetLen(1)
			n, e := call(unix.SYS_PROCESS_VM_READV, pid, addr(&local), 1, addr(&local), 1, 0)
			if e == unix.EFAULT { // the address is ours, not theirs
				n, e = 1, 0
			}
			say("process_vm_readv = %s", outcome(n, e))
			const file = 0 // KCMP_FILE
			n, e = call(unix.SYS_KCMP, unix.Getpid(), pid, file, 1, 1)
			say("kcmp: %s, %v", errno(e), n >= 0)
			reach("pidfd_getfd", unix.SYS_PIDFD_GETFD, pidfd(pid), 0, 0)
		})
	}},
	// kernel/sched/syscalls.c check_same_owner, kernel/sys.c set_one_prio_perm, block/ioprio.c set_task_ioprio
	{"other-schedules", "", func() {
		toOthers(func(pid int) {
			var cpus [128]byte
			n, e := call(unix.SYS_SCHED_GETAFFINITY, pid, len(cpus), addr(&cpus))
			say("sched_getaffinity: %v, %s", n > 0, errno(e))
			reach("sched_setaffinity", unix.SYS_SCHED_SETAFFINITY, pid, len(cpus), addr(&cpus))
			var zero int32
			const batch = 3 // SCHED_BATCH
			reach("sched_setscheduler", unix.SYS_SCHED_SETSCHEDULER, pid, batch, addr(&zero))
			reach("sched_setparam", unix.SYS_SCHED_SETPARAM, pid, addr(&zero))
			reach("setpriority", unix.SYS_SETPRIORITY, unix.PRIO_PROCESS, pid, 19)
			const ofProcess, idle = 1, 3 << 13 // IOPRIO_WHO_PROCESS, IOPRIO_CLASS_IDLE
			reach("ioprio_set", unix.SYS_IOPRIO_SET, ofProcess, pid, idle)
		})
	}},
	// kernel/sys.c check_prlimit_permission
	{"other-limits", "", func() {
		roots, endRoots := startWaiting()
		limits := func(pid int) {
			var limit [2]uint64
			reach("prlimit to read", unix.SYS_PRLIMIT64, pid, unix.RLIMIT_CORE, nil, addr(&limit))
			limit[0] = 0
			reach("prlimit to set", unix.SYS_PRLIMIT64, pid, unix.RLIMIT_CORE, addr(&limit), nil)
		}
		as(1000, 1000, func() {
			limits(roots)
			own, endOwn := startWaiter()
			limits(own)
			endOwn()
		})
		inThread(func() {
			setresuid(0, 1000, 1000)
			limits(roots)
		})
		endRoots()
	}},
	// kernel/signal.c __kill_pgrp_info
	{"other-kills-group", "", func() {
		roots, endRoots := startWaiting()
		must(unix.Setpgid(roots, 0), "setpgid")
		as(1000, 1000, func() {
			say("kill of root's group: %s", errno(unix.Kill(-roots, unix.SIGTERM)))
			own, _ := startWaiter()
			must(unix.Setpgid(own, roots), "setpgid")
			say("kill of a group with one's own: %s", errno(unix.Kill(-roots, unix.SIGTERM)))
			wait(own, "own")
			say("kill of no group: %s", errno(unix.Kill(-1<<30, 0)))
		})
		endRoots()
	}},
}

// toOthers does something to a child of root's as root, as another user and with some of root's ids; and to a child of that other
// user's.
func toOthers(do func(pid int)) {
	roots, endRoots := startWaiting()
	say("root to root")
	do(roots)
	as(1000, 1000, func() {
		say("another user to root")
		do(roots)
		own, endOwn := startWaiter()
		say("another user to its own")
		do(own)
		endOwn()
	})
	inThread(func() {
		setresuid(1000, 0, 0)
		do(roots)
	})
	inThread(func() {
		setresuid(0, 1000, 1000)
		do(roots)
	})
	endRoots()
}

// reach makes a call about another process, and prints whether it was made.
func reach(name string, nr uintptr, args ...any) {
	n, e := call(nr, args...)
	say("%s: %v, %s", name, n >= 0, errno(e))
}

func pidfd(pid int) fd {
	n, err := unix.PidfdOpen(pid, 0)
	must(err, "pidfd_open")
	return fd(n)
}
