//go:build linux

package main

import (
	"strings"

	"golang.org/x/sys/unix"
)

// Steps that change modes, owners and times.

func stepChmod(_ *walker, d *dice) {
	path, mode := d.path(), d.mode()
	switch d.below(5) {
	case 0, 1:
		chmod(path, mode)
	case 2:
		fchmod(d.kept(), mode)
	case 3:
		try("fchmodat", unix.SYS_FCHMODAT, d.at(), path, mode)
	case 4:
		flags := one[hex](d, 0, unix.AT_SYMLINK_NOFOLLOW, unix.AT_EMPTY_PATH)
		if flags == unix.AT_EMPTY_PATH {
			fchmodat2(d.kept(), "", mode, flags)
			return
		}
		fchmodat2(d.at(), path, mode, flags)
	}
}

func stepChown(_ *walker, d *dice) {
	path, uid, gid := d.path(), d.uid(), d.gid()
	switch d.below(6) {
	case 0, 1:
		chown(path, uid, gid)
	case 2:
		lchown(path, uid, gid)
	case 3:
		fchown(d.kept(), uid, gid)
	case 4:
		fchownat(d.at(), path, uid, gid, one[hex](d, 0, unix.AT_SYMLINK_NOFOLLOW))
	case 5:
		fchownat(d.kept(), "", uid, gid, unix.AT_EMPTY_PATH)
	}
}

func stepUmask(_ *walker, d *dice) {
	umask(one[octal](d, 0, 022, 022, 027, 077, 0177, 0777, 0200, octal(d.next()&0777)))
}

func stepTimes(_ *walker, d *dice) {
	path := any(d.path())
	at := d.at()
	if d.once(4) {
		path, at = nil, d.kept()
	}
	var times any
	what := one(d, "now", "set", "omit", "half")
	const omit, now = unix.UTIME_OMIT, unix.UTIME_NOW
	switch what {
	case "set":
		times = addr(&[2]unix.Timespec{{Sec: 1000}, {Sec: 2000}})
	case "omit":
		times = addr(&[2]unix.Timespec{{Nsec: omit}, {Nsec: omit}})
	case "half":
		t := [2]unix.Timespec{{Nsec: now}, {Nsec: now}}
		if d.once(2) {
			t[1].Nsec = omit
		}
		times = addr(&t)
	}
	flags := one[hex](d, 0, unix.AT_SYMLINK_NOFOLLOW)
	if name, isPath := path.(string); !isPath || strings.HasPrefix(name, "/proc/") {
		// feign asks nothing of files of /proc, such as the links there: the
		// kernel's answers are those to the caller.
		flags = 0
	}
	_, e := call(unix.SYS_UTIMENSAT, at, path, times, flags)
	say("utimensat(%s, %s, %s, %#x) = %s", show(at), show(path), what, uint64(flags), errno(e))
}
