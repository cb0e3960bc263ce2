//go:build linux && (386 || arm)

package main

import (
	"golang.org/x/sys/unix"
)

// The numbers of the calls that have an older one with 16-bit ids or 32-bit
// sizes: here stands the newer.
const (
	sysChown     = unix.SYS_CHOWN32
	sysLchown    = unix.SYS_LCHOWN32
	sysFchown    = unix.SYS_FCHOWN32
	sysGetuid    = unix.SYS_GETUID32
	sysGeteuid   = unix.SYS_GETEUID32
	sysGetgid    = unix.SYS_GETGID32
	sysGetegid   = unix.SYS_GETEGID32
	sysSetuid    = unix.SYS_SETUID32
	sysSetgid    = unix.SYS_SETGID32
	sysSetreuid  = unix.SYS_SETREUID32
	sysSetregid  = unix.SYS_SETREGID32
	sysSetresuid = unix.SYS_SETRESUID32
	sysSetresgid = unix.SYS_SETRESGID32
	sysGetresuid = unix.SYS_GETRESUID32
	sysGetresgid = unix.SYS_GETRESGID32
	sysSetfsuid  = unix.SYS_SETFSUID32
	sysSetfsgid  = unix.SYS_SETFSGID32
	sysGetgroups = unix.SYS_GETGROUPS32
	sysSetgroups = unix.SYS_SETGROUPS32
	sysTruncate  = unix.SYS_TRUNCATE64
	sysFstatat   = unix.SYS_FSTATAT64
)
