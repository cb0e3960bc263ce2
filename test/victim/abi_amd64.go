//go:build linux && amd64

package main

import (
	"golang.org/x/sys/unix"
)

var abiStatSpellings = []statSpelling{
	{"stat", func(path string) (info, error) { return statOld(unix.SYS_STAT, path) }},
	{"lstat", func(path string) (info, error) { return statOld(unix.SYS_LSTAT, path) }},
}

func statOld(nr uintptr, path string) (info, error) {
	var s unix.Stat_t
	_, e := call(nr, path, addr(&s))
	if e != 0 {
		return info{}, e
	}
	return fromStat(&s), nil
}

var amd64Cases = []testCase{
	{"amd64-stat-spellings", "frng-2", abiStats},
	// Ids have 32 bits: what stands above them in the register is nothing.
	{"amd64-high-bits", "port-7", func() {
		newFile("f", 0644)
		const rubbish = 0x5a5a_5a5a << 32
		try("chown", unix.SYS_CHOWN, "f", rubbish|1, rubbish|2)
		look("f")
		try("chown", unix.SYS_CHOWN, "f", rubbish|0xffff_ffff, rubbish|3)
		look("f")
		try("chmod", unix.SYS_CHMOD, "f", rubbish|04711)
		look("f")
		try("mknod", unix.SYS_MKNOD, "c", rubbish|unix.S_IFCHR|0600, rubbish|0x103)
		look("c")
		try("setresuid", unix.SYS_SETRESUID, rubbish|1000, rubbish|0xffff_ffff, rubbish|0xffff_ffff)
		whoami()
		try("fchownat", unix.SYS_FCHOWNAT, rubbish|(1<<32-100), "f", rubbish|4, rubbish|5, 0)
		look("f")
	}},
	// arch/x86: numbers of no call.
	{"amd64-no-such-call", "port-7", func() {
		for _, nr := range []uintptr{900, 0x3fffffff} {
			_, e := call(nr)
			say("%d: %s", nr, errno(e))
		}
	}},
}

// abiSubjects are the cases that only this ABI has.
var abiSubjects = []subject{{"amd64", amd64Cases}}
