//go:build linux && (arm64 || riscv64)

package main

import (
	"golang.org/x/sys/unix"
)

// Calls that this architecture lacks, by numbers of our own: spell makes others
// of them, as every C library does.
const (
	sysOpen = 1<<16 + iota
	sysCreat
	sysMkdir
	sysRmdir
	sysUnlink
	sysSymlink
	sysLink
	sysRename
	sysMknod
	sysChmod
	sysChown
	sysLchown
	sysAccess
	sysReadlink
)

// spell returns the call that this architecture has for the one that a case
// means.
func spell(nr uintptr, args []any) (uintptr, []any) {
	at := func(more ...any) []any { return append(append([]any{cwd}, args...), more...) }
	switch nr {
	case sysOpen:
		return unix.SYS_OPENAT, at()
	case sysCreat:
		return unix.SYS_OPENAT, []any{cwd, args[0], hex(unix.O_CREAT | unix.O_WRONLY | unix.O_TRUNC), args[1]}
	case sysMkdir:
		return unix.SYS_MKDIRAT, at()
	case sysRmdir:
		return unix.SYS_UNLINKAT, at(unix.AT_REMOVEDIR)
	case sysUnlink:
		return unix.SYS_UNLINKAT, at(0)
	case sysSymlink:
		return unix.SYS_SYMLINKAT, []any{args[0], cwd, args[1]}
	case sysLink:
		return unix.SYS_LINKAT, []any{cwd, args[0], cwd, args[1], 0}
	case sysRename:
		return sysRenameat, []any{cwd, args[0], cwd, args[1]}
	case sysMknod:
		return unix.SYS_MKNODAT, at()
	case sysChmod:
		return unix.SYS_FCHMODAT, at()
	case sysChown:
		return unix.SYS_FCHOWNAT, at(0)
	case sysLchown:
		return unix.SYS_FCHOWNAT, at(unix.AT_SYMLINK_NOFOLLOW)
	case sysAccess:
		return unix.SYS_FACCESSAT, at()
	case sysReadlink:
		return unix.SYS_READLINKAT, at()
	}
	return nr, args
}
