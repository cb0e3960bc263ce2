//go:build linux

package main

import "golang.org/x/sys/unix"

// Steps that only look.

func stepStat(_ *walker, d *dice) {
	path, at := d.path(), d.at()
	switch d.below(5) {
	case 0:
		lookThrough(path)
	case 1:
		look(path)
	case 2:
		statxLine(at, path, one[hex](d, 0, unix.AT_SYMLINK_NOFOLLOW), unix.STATX_BASIC_STATS)
	case 3:
		fstatatLine(at, path, one[hex](d, 0, unix.AT_SYMLINK_NOFOLLOW))
	case 4:
		lookAt("fstat", d.kept())
	}
}

func stepAccess(_ *walker, d *dice) {
	path, bits := d.path(), d.below(8)
	switch d.below(3) {
	case 0:
		access(path, bits)
	case 1:
		try("faccessat2", unix.SYS_FACCESSAT2, d.at(), path, bits, one[hex](d, 0, unix.AT_EACCESS, unix.AT_SYMLINK_NOFOLLOW))
	case 2:
		try("faccessat2", unix.SYS_FACCESSAT2, d.kept(), "", bits, one[hex](d, unix.AT_EMPTY_PATH, unix.AT_EMPTY_PATH|unix.AT_EACCESS))
	}
}

func stepList(_ *walker, d *dice) {
	if d.once(3) {
		list, err := listingOf(int(d.kept()))
		say("list of fd %v %s", list, errno(err))
		return
	}
	path := one(d, append([]string{"."}, dirNames...)...)
	say("list of %s %v", path, listing(path))
}

func stepReadlink(_ *walker, d *dice) {
	b := make([]byte, 100)
	path := one(d, linkNames...)
	n, e := call(sysReadlink, path, b, len(b))
	if e != 0 {
		n = 0
	}
	say("readlink(%s) = %s %q", path, errno(e), b[:n])
}

func stepChdir(w *walker, d *dice) {
	switch d.below(5) {
	case 0:
		path := one(d, append([]string{"l", "a/l", "f"}, dirNames...)...)
		try("chdir", unix.SYS_CHDIR, path)
	case 1:
		try("fchdir", unix.SYS_FCHDIR, d.kept())
	default:
		_, e := call(unix.SYS_CHDIR, w.base)
		say("chdir back: %s", errno(e))
	}
}

// stepKept does something with a kept descriptor.
func stepKept(_ *walker, d *dice) {
	f := d.kept()
	switch d.below(6) {
	case 0:
		unix.Close(int(f))
		say("close %s", slot(f))
	case 1:
		g := d.kept()
		_, e := call(unix.SYS_DUP3, int(f), int(g), 0)
		say("dup3(%d, %d): %s", int(f), int(g), errno(e))
	default:
		lookAt("fstat", f)
		lookThroughFd("   stat", f)
	}
}
