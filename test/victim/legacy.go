//go:build linux && (amd64 || 386 || arm)

package main

import (
	"golang.org/x/sys/unix"
)

// The numbers of the calls that newer architectures have only in the form that
// takes a directory.
const (
	sysOpen     = unix.SYS_OPEN
	sysCreat    = unix.SYS_CREAT
	sysMkdir    = unix.SYS_MKDIR
	sysRmdir    = unix.SYS_RMDIR
	sysUnlink   = unix.SYS_UNLINK
	sysSymlink  = unix.SYS_SYMLINK
	sysLink     = unix.SYS_LINK
	sysRename   = unix.SYS_RENAME
	sysMknod    = unix.SYS_MKNOD
	sysChmod    = unix.SYS_CHMOD
	sysAccess   = unix.SYS_ACCESS
	sysReadlink = unix.SYS_READLINK
)
