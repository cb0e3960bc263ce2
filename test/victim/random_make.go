//go:build linux

package main

import "golang.org/x/sys/unix"

// Steps that make and remove files.

func stepMkdir(_ *walker, d *dice) {
	path, mode := one(d, dirNames...), d.mode()
	if d.once(5) {
		path = d.named()
	}
	if d.once(2) {
		mkdir(path, mode)
		return
	}
	try("mkdirat", unix.SYS_MKDIRAT, d.at(), path, mode)
}

// stepMknod makes devices that no machine has a driver for: what is opened
// would be the machine's.
func stepMknod(_ *walker, d *dice) {
	path, mode := d.named(), d.mode()
	kind := one[octal](d, unix.S_IFREG, unix.S_IFCHR, unix.S_IFCHR, unix.S_IFBLK, unix.S_IFIFO, unix.S_IFSOCK, 0, unix.S_IFDIR)
	number := dev(240, uint32(d.below(3)))
	switch {
	case kind == unix.S_IFBLK:
		number = dev(259, 70000)
	case kind == unix.S_IFCHR && d.once(4):
		number = 0
	}
	if d.once(2) {
		try("mknod", sysMknod, path, kind|mode, number)
		return
	}
	try("mknodat", unix.SYS_MKNODAT, d.at(), path, kind|mode, number)
}

func stepSymlink(_ *walker, d *dice) {
	to := one(d, "a", "b", "f", "a/f", "c", "../f", "none", "l", "/proc/self/fd/100")
	path := one(d, linkNames...)
	if d.once(4) {
		path = d.named()
	}
	if d.once(2) {
		symlink(to, path)
		return
	}
	try("symlinkat", unix.SYS_SYMLINKAT, to, d.at(), path)
}

func stepLink(_ *walker, d *dice) {
	from, to := d.path(), d.named()
	switch d.below(5) {
	case 0, 1:
		link(from, to)
	case 2:
		try("linkat", unix.SYS_LINKAT, d.at(), from, d.at(), to, hex(0))
	case 3:
		try("linkat", unix.SYS_LINKAT, d.at(), from, d.at(), to, hex(unix.AT_SYMLINK_FOLLOW))
	case 4:
		// Who may not read everything may link only descriptors that were opened
		// with the very same credentials (fs/namei.c, path_init). feign does not
		// know which those were.
		if s, _ := capget(); s.effective&(1<<unix.CAP_DAC_READ_SEARCH) == 0 {
			say("no linkat of a descriptor")
			return
		}
		try("linkat of fd", unix.SYS_LINKAT, d.kept(), "", cwd, to, hex(unix.AT_EMPTY_PATH))
	}
}

func stepUnlink(_ *walker, d *dice) {
	if d.once(2) {
		unlink(d.named())
		return
	}
	try("unlinkat", unix.SYS_UNLINKAT, d.at(), d.named(), hex(0))
}

func stepRmdir(_ *walker, d *dice) {
	path := one(d, dirNames...)
	if d.once(5) {
		path = d.named()
	}
	if d.once(2) {
		rmdir(path)
		return
	}
	try("unlinkat", unix.SYS_UNLINKAT, d.at(), path, hex(unix.AT_REMOVEDIR))
}

func stepRename(_ *walker, d *dice) {
	from, to := d.named(), d.named()
	if d.once(12) {
		from = "v"
	}
	switch d.below(5) {
	case 0, 1:
		rename(from, to)
	case 2:
		try("renameat", sysRenameat, d.at(), from, d.at(), to)
	case 3:
		try("renameat2", unix.SYS_RENAMEAT2, d.at(), from, d.at(), to, one[hex](d, unix.RENAME_NOREPLACE, unix.RENAME_EXCHANGE, 0))
	case 4:
		renameat2(from, to, one[hex](d, unix.RENAME_EXCHANGE, unix.RENAME_EXCHANGE, unix.RENAME_WHITEOUT, 8))
	}
}
