//go:build linux && (amd64 || arm64 || riscv64)

package main

import (
	"golang.org/x/sys/unix"
)

// The numbers of the calls that have more than one on 386.
const (
	sysFchown    = unix.SYS_FCHOWN
	sysGetuid    = unix.SYS_GETUID
	sysGeteuid   = unix.SYS_GETEUID
	sysGetgid    = unix.SYS_GETGID
	sysGetegid   = unix.SYS_GETEGID
	sysSetuid    = unix.SYS_SETUID
	sysSetgid    = unix.SYS_SETGID
	sysSetreuid  = unix.SYS_SETREUID
	sysSetregid  = unix.SYS_SETREGID
	sysSetresuid = unix.SYS_SETRESUID
	sysSetresgid = unix.SYS_SETRESGID
	sysGetresuid = unix.SYS_GETRESUID
	sysGetresgid = unix.SYS_GETRESGID
	sysSetfsuid  = unix.SYS_SETFSUID
	sysSetfsgid  = unix.SYS_SETFSGID
	sysGetgroups = unix.SYS_GETGROUPS
	sysSetgroups = unix.SYS_SETGROUPS
	sysTruncate  = unix.SYS_TRUNCATE
	sysFstatat   = unix.SYS_NEWFSTATAT
)
