//go:build !386 && !arm

// Package idcall has the numbers of the calls that take and give ids of 32 bits, for tests that make them on one thread:
// package syscall would make them on all. Processors of before 2000 have them beside calls of 16 bits (kernel/uid16.c),
// which kept the plain names.
package idcall

import "golang.org/x/sys/unix"

const (
	Getegid   = unix.SYS_GETEGID
	Getgroups = unix.SYS_GETGROUPS
	Getresgid = unix.SYS_GETRESGID
	Getresuid = unix.SYS_GETRESUID
	Geteuid   = unix.SYS_GETEUID
	Getuid    = unix.SYS_GETUID
	Setfsgid  = unix.SYS_SETFSGID
	Setfsuid  = unix.SYS_SETFSUID
	Setgid    = unix.SYS_SETGID
	Setgroups = unix.SYS_SETGROUPS
	Setregid  = unix.SYS_SETREGID
	Setresgid = unix.SYS_SETRESGID
	Setresuid = unix.SYS_SETRESUID
	Setreuid  = unix.SYS_SETREUID
	Setuid    = unix.SYS_SETUID
)
