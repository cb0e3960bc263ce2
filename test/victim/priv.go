//go:build linux

package main

import (
	"golang.org/x/sys/unix"
)

// What only root may do to a machine. The suite runs these as real root, in
// mount and host name spaces of their own: nothing here may change more than
// the process that asks.
var privCases = []testCase{
	{"priv-hostname", "", func() {
		try("sethostname", unix.SYS_SETHOSTNAME, "feign-test", 10)
		var u unix.Utsname
		must(unix.Uname(&u), "uname")
		say("%s", unix.ByteSliceToString(u.Nodename[:]))
	}},
	{"priv-domainname", "", func() {
		try("setdomainname", unix.SYS_SETDOMAINNAME, "example.org", 11)
		try("setdomainname", unix.SYS_SETDOMAINNAME, "x", 65)
	}},
	{"priv-hostname-errors", "", func() {
		try("sethostname", unix.SYS_SETHOSTNAME, "x", -1)
		try("sethostname", unix.SYS_SETHOSTNAME, "x", 65)
		try("sethostname", unix.SYS_SETHOSTNAME, nowhere, 3)
	}},
	{"priv-priority", "", func() {
		prio := func() {
			n, e := call(unix.SYS_GETPRIORITY, 0, 0)
			say("getpriority = %s", outcome(n, e))
		}
		prio()
		for _, n := range []int{5, 0, -5, -100, 100} {
			try("setpriority", unix.SYS_SETPRIORITY, 0, 0, n)
			prio()
		}
		try("setpriority", unix.SYS_SETPRIORITY, 9, 0, 0)
		try("setpriority", unix.SYS_SETPRIORITY, 0, 1<<30, 0)
	}},
	{"priv-limits", "", func() {
		limit := unix.Rlimit{Cur: 64, Max: 128}
		say("setrlimit: %s", errno(unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)))
		must(unix.Getrlimit(unix.RLIMIT_NOFILE, &limit), "getrlimit")
		say("%d %d", limit.Cur, limit.Max)
		limit.Cur = 129
		say("above the hard limit: %s", errno(unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)))
		limit.Cur, limit.Max = 64, 1<<62
		say("above what there can be: %s", errno(unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)))
		drop(1000, 1000)
		limit.Cur, limit.Max = 64, 256
		say("raised after drop: %s", errno(unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)))
	}},
	{"priv-clock-errors", "", func() {
		bad := unix.Timeval{Usec: 2_000_000}
		try("settimeofday", unix.SYS_SETTIMEOFDAY, nil, nil)
		try("settimeofday", unix.SYS_SETTIMEOFDAY, addr(&bad), nil)
		try("settimeofday", unix.SYS_SETTIMEOFDAY, nowhere, nil)
	}},
	{"priv-mount-errors", "", func() {
		newDir("d", 0755)
		newFile("f", 0644)
		try("mount", unix.SYS_MOUNT, nil, nil, nil, 0, nil)
		try("mount", unix.SYS_MOUNT, "none", "missing", "tmpfs", 0, nil)
		try("mount", unix.SYS_MOUNT, "none", "f/x", "tmpfs", 0, nil)
		try("umount2", unix.SYS_UMOUNT2, "missing", 0)
		try("umount2", unix.SYS_UMOUNT2, "d", 0x100)
		try("umount2", unix.SYS_UMOUNT2, "d", 0)
		try("pivot_root", unix.SYS_PIVOT_ROOT, "missing", "d")
	}},
	{"priv-chroot-errors", "", func() {
		newFile("f", 0644)
		newDir("d", 0)
		try("chroot", unix.SYS_CHROOT, "missing")
		try("chroot", unix.SYS_CHROOT, "f")
		try("chroot", unix.SYS_CHROOT, "")
		try("chroot", unix.SYS_CHROOT, nowhere)
		try("chroot", unix.SYS_CHROOT, "/")
		drop(1000, 1000)
		try("chroot", unix.SYS_CHROOT, "/")
		try("chroot", unix.SYS_CHROOT, "d")
	}},
	{"priv-reboot-errors", "", func() {
		try("reboot", unix.SYS_REBOOT, 1, 2, 0, nil)
		drop(1000, 1000)
		try("reboot", unix.SYS_REBOOT, 1, 2, 0, nil)
	}},
	{"priv-refused-after-drop", "", func() {
		newDir("d", 0777)
		drop(1000, 1000)
		try("sethostname", unix.SYS_SETHOSTNAME, "x", 1)
		try("setdomainname", unix.SYS_SETDOMAINNAME, "x", 1)
		try("mount", unix.SYS_MOUNT, "none", "d", "tmpfs", 0, nil)
		try("umount2", unix.SYS_UMOUNT2, "d", 0)
		try("pivot_root", unix.SYS_PIVOT_ROOT, "d", "d")
		try("setpriority", unix.SYS_SETPRIORITY, 0, 0, -5)
		try("setpriority", unix.SYS_SETPRIORITY, 0, 1, 0)
		try("swapoff", unix.SYS_SWAPOFF, "d")
	}},
	// Its operations would pass the filter unseen: programs fall back on ENOSYS.
	{"priv-io-uring", "", func() {
		try("io_uring_setup", unix.SYS_IO_URING_SETUP, 1, nil)
	}},
}
