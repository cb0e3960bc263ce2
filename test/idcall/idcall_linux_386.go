package idcall

import "golang.org/x/sys/unix"

const (
	Getegid   = unix.SYS_GETEGID32
	Getgroups = unix.SYS_GETGROUPS32
	Getresgid = unix.SYS_GETRESGID32
	Getresuid = unix.SYS_GETRESUID32
	Geteuid   = unix.SYS_GETEUID32
	Getuid    = unix.SYS_GETUID32
	Setfsgid  = unix.SYS_SETFSGID32
	Setfsuid  = unix.SYS_SETFSUID32
	Setgid    = unix.SYS_SETGID32
	Setgroups = unix.SYS_SETGROUPS32
	Setregid  = unix.SYS_SETREGID32
	Setresgid = unix.SYS_SETRESGID32
	Setresuid = unix.SYS_SETRESUID32
	Setreuid  = unix.SYS_SETREUID32
	Setuid    = unix.SYS_SETUID32
)
