//go:build linux

package main

import "golang.org/x/sys/unix"

// Steps that open files. Always O_NONBLOCK: a fifo would wait for its other end.

func openFlagsOf(d *dice) openFlags {
	flags := one[openFlags](d, unix.O_RDONLY, unix.O_RDONLY, unix.O_RDONLY, unix.O_PATH)
	for _, f := range []openFlags{unix.O_CREAT, unix.O_CREAT | unix.O_EXCL, unix.O_NOFOLLOW, unix.O_DIRECTORY, unix.O_NOATIME} {
		if d.once(6) {
			flags |= f
		}
	}
	return flags | unix.O_NONBLOCK
}

// writing is the flags of an open for writing.
func writing(d *dice) openFlags {
	flags := one[openFlags](d, unix.O_WRONLY, unix.O_RDWR) | unix.O_NONBLOCK
	for _, f := range []openFlags{unix.O_APPEND, unix.O_CREAT, unix.O_CREAT | unix.O_EXCL, unix.O_TRUNC, unix.O_NOFOLLOW} {
		if d.once(5) {
			flags |= f
		}
	}
	return flags
}

// openBy opens in one of three spellings, says what became of it, and lets then
// use the descriptor.
func openBy(d *dice, path string, flags openFlags, mode octal, then func(f fd)) {
	var n int
	var e unix.Errno
	at, spelling := d.at(), d.below(3)
	if spelling == 0 {
		at = cwd
	}
	// feign sees opens for reading that have flags only of those who dropped from
	// root (wrapper/guest/open.go), so a device is opened without flags. Nor does it
	// know that nobody, not even root, may open what is no file or fifo with O_CREAT
	// in a sticky directory, if it is somebody else's (fs/namei.c,
	// may_create_in_sticky).
	if isNode(at, path) && flags&unix.O_PATH == 0 {
		flags = unix.O_RDONLY
	}
	switch spelling {
	case 0:
		n, e = call(sysOpen, path, flags, mode)
		say("open(%s, %v, %#o) = %s", quote(path), flags, mode, errno(e))
	case 1:
		n, e = call(unix.SYS_OPENAT, at, path, flags, mode)
		say("openat(%s, %s, %v, %#o) = %s", slot(at), quote(path), flags, mode, errno(e))
	case 2:
		how := unix.OpenHow{Flags: uint64(flags)}
		if flags&(unix.O_CREAT|unix.O_TMPFILE&^unix.O_DIRECTORY) != 0 {
			how.Mode = uint64(mode)
		}
		if d.once(4) {
			how.Resolve = one[uint64](d, unix.RESOLVE_BENEATH, unix.RESOLVE_NO_SYMLINKS, unix.RESOLVE_NO_MAGICLINKS)
		}
		n, e = call(unix.SYS_OPENAT2, at, path, addr(&how), unix.SizeofOpenHow)
		say("openat2(%s, %s, %v, %#o, %#x) = %s", slot(at), quote(path), flags, how.Mode, how.Resolve, errno(e))
	}
	afterOpen(fd(n), e, then)
}

// kindOf is the type of the file that a path leads to, 0 if there is none.
func kindOf(at fd, path string) uint32 {
	var s unix.Stat_t
	if unix.Fstatat(int(at), path, &s, 0) != nil {
		return 0
	}
	return s.Mode & unix.S_IFMT
}

// isNode reports whether a path leads to a device or a socket.
func isNode(at fd, path string) bool {
	switch kindOf(at, path) {
	case unix.S_IFCHR, unix.S_IFBLK, unix.S_IFSOCK:
		return true
	}
	return false
}

func afterOpen(f fd, e unix.Errno, then func(f fd)) {
	if e != 0 {
		return
	}
	if then != nil {
		then(f)
	}
	lookAt("   opened", f)
	unix.Close(int(f))
}

func stepOpen(_ *walker, d *dice) {
	path, flags := d.path(), openFlagsOf(d)
	if d.once(12) {
		path, flags = one(d, dirNames...), one[openFlags](d, unix.O_TMPFILE|unix.O_WRONLY, unix.O_TMPFILE|unix.O_RDWR|unix.O_EXCL)
	}
	openBy(d, path, flags, d.mode(), nil)
}

// stepKeep keeps a descriptor open for later steps, and for programs that are
// executed.
func stepKeep(_ *walker, d *dice) {
	kept := d.kept()
	flags := openFlagsOf(d)
	path := d.path()
	switch d.below(5) {
	case 0:
		path, flags = one(d, dirNames...), unix.O_TMPFILE|unix.O_RDWR
	case 1, 2:
		path, flags = one(d, dirNames...), one[openFlags](d, unix.O_RDONLY, unix.O_PATH)
	}
	openBy(d, path, flags, d.mode(), func(f fd) {
		_, e := call(unix.SYS_DUP3, f, kept, 0)
		say("   dup3 to %s: %s", slot(kept), errno(e))
	})
}

func stepWrite(_ *walker, d *dice) {
	path := d.path()
	text := one(d, "", "", "x", "some text", "more\n")
	openBy(d, path, writing(d), d.plain(), func(f fd) {
		try("write", unix.SYS_WRITE, f, text, len(text))
	})
}

// stepCreat leaves fifos alone, which creat(2) would wait for, and what openBy
// opens without O_CREAT.
func stepCreat(_ *walker, d *dice) {
	path := d.path()
	if kindOf(cwd, path) == unix.S_IFIFO || isNode(cwd, path) {
		say("creat(%s) is left out", quote(path))
		return
	}
	mode := d.plain()
	n, e := call(sysCreat, path, mode)
	say("creat(%s, %#o) = %s", quote(path), mode, errno(e))
	afterOpen(fd(n), e, nil)
}

func stepTruncate(_ *walker, d *dice) { truncate(d.path(), one(d, 0, 1, 5000)) }
