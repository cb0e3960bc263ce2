//go:build linux

package main

import (
	"golang.org/x/sys/unix"
)

var capsCases = []testCase{
	{"caps-at-start", "", func() {
		caps()
		prctl("GET_SECUREBITS", unix.PR_GET_SECUREBITS)
		prctl("GET_NO_NEW_PRIVS", unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
		prctl("GET_KEEPCAPS", unix.PR_GET_KEEPCAPS)
	}},
	{"capget-versions", "", func() {
		for _, version := range []uint32{unix.LINUX_CAPABILITY_VERSION_1, unix.LINUX_CAPABILITY_VERSION_2, capVersion, 0, 0x12345678} {
			header := capHeader{version: version}
			d := [2]capData{{7, 7, 7}, {7, 7, 7}}
			_, e := call(unix.SYS_CAPGET, addr(&header), addr(&d))
			say("capget %#x: %s, version %#x, high word %s", version, errno(e), header.version, highWord(d[1]))
			header = capHeader{version: version}
			_, e = call(unix.SYS_CAPGET, addr(&header), nil)
			say("capget %#x without data: %s, version %#x", version, errno(e), header.version)
		}
	}},
	{"capget-pids", "", func() {
		for _, pid := range []int32{0, -1, 1 << 30} {
			header := capHeader{version: capVersion, pid: pid}
			var d [2]capData
			_, e := call(unix.SYS_CAPGET, addr(&header), addr(&d))
			say("capget of %d: %s", pid, errno(e))
			_, e = call(unix.SYS_CAPSET, addr(&header), addr(&d))
			say("capset of %d: %s", pid, errno(e))
		}
		caps()
	}},
	{"capset-drops", "", func() {
		changeCaps("drop effective net_raw", func(s *capSets) { s.effective &^= 1 << netRaw })
		caps()
		changeCaps("raise it again", func(s *capSets) { s.effective |= 1 << netRaw })
		caps()
		changeCaps("drop permitted", func(s *capSets) { s.effective &^= 1 << netRaw; s.permitted &^= 1 << netRaw })
		caps()
		changeCaps("raise it again", func(s *capSets) { s.permitted |= 1 << netRaw })
		changeCaps("effective without permitted", func(s *capSets) { s.effective |= 1 << netRaw })
		caps()
	}},
	{"capset-inheritable", "", func() {
		changeCaps("inheritable", func(s *capSets) { s.inheritable = 1<<netRaw | 1<<unix.CAP_CHOWN })
		caps()
		without(netRaw, unix.CAP_SETPCAP)
		caps()
		changeCaps("drop", func(s *capSets) { s.inheritable &^= 1 << netRaw })
		changeCaps("not permitted", func(s *capSets) { s.inheritable |= 1 << netRaw })
		caps()
	}},
	{"capset-none", "", func() {
		changeCaps("none", func(s *capSets) { *s = capSets{} })
		caps()
		whoami()
		changeCaps("all", func(s *capSets) { s.effective, s.permitted = allCaps, allCaps })
		setuid(1000)
		setgroups()
	}},
	{"bounding-set", "", func() {
		prctl("CAPBSET_READ", unix.PR_CAPBSET_READ, netRaw)
		prctl("CAPBSET_DROP", unix.PR_CAPBSET_DROP, netRaw)
		prctl("CAPBSET_READ", unix.PR_CAPBSET_READ, netRaw)
		prctl("CAPBSET_READ", unix.PR_CAPBSET_READ, 64)
		prctl("CAPBSET_DROP", unix.PR_CAPBSET_DROP, 64)
		caps()
		without(unix.CAP_SETPCAP)
		prctl("CAPBSET_DROP", unix.PR_CAPBSET_DROP, unix.CAP_CHOWN)
		caps()
	}},
	{"ambient-set", "", func() {
		ambient := func(name string, op, c int) { prctl("AMBIENT "+name, unix.PR_CAP_AMBIENT, op, c, 0, 0) }
		ambient("raise", unix.PR_CAP_AMBIENT_RAISE, netRaw)
		changeCaps("inheritable", func(s *capSets) { s.inheritable = 1 << netRaw })
		ambient("raise", unix.PR_CAP_AMBIENT_RAISE, netRaw)
		ambient("is set", unix.PR_CAP_AMBIENT_IS_SET, netRaw)
		ambient("is set", unix.PR_CAP_AMBIENT_IS_SET, unix.CAP_CHOWN)
		caps()
		ambient("lower", unix.PR_CAP_AMBIENT_LOWER, netRaw)
		caps()
		ambient("raise", unix.PR_CAP_AMBIENT_RAISE, netRaw)
		changeCaps("inheritable gone", func(s *capSets) { s.inheritable = 0 })
		caps()
		ambient("clear", unix.PR_CAP_AMBIENT_CLEAR_ALL, 0)
		ambient("clear", unix.PR_CAP_AMBIENT_CLEAR_ALL, 1)
		ambient("raise", unix.PR_CAP_AMBIENT_RAISE, 64)
		ambient("unknown", 9, netRaw)
	}},
	{"ambient-and-setuid", "", func() {
		changeCaps("inheritable", func(s *capSets) { s.inheritable = 1 << netRaw })
		prctl("AMBIENT raise", unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, netRaw, 0, 0)
		prctl("SET_KEEPCAPS", unix.PR_SET_KEEPCAPS, 1)
		setuid(1000)
		caps()
	}},
	{"securebits", "", func() {
		bits := func(b hex) {
			prctl("SET_SECUREBITS", unix.PR_SET_SECUREBITS, b)
			prctl("GET_SECUREBITS", unix.PR_GET_SECUREBITS)
		}
		bits(1 << 4) // KEEP_CAPS
		prctl("GET_KEEPCAPS", unix.PR_GET_KEEPCAPS)
		bits(1 << 5) // and its lock
		prctl("SET_KEEPCAPS", unix.PR_SET_KEEPCAPS, 1)
		bits(0)
		bits(1<<5 | 1<<2)
		bits(1 << 20)
		without(unix.CAP_SETPCAP)
		bits(1 << 5)
	}},
	{"no-new-privs", "", func() {
		prctl("SET_NO_NEW_PRIVS", unix.PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0)
		prctl("SET_NO_NEW_PRIVS", unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 1)
		prctl("GET_NO_NEW_PRIVS", unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
		prctl("SET_NO_NEW_PRIVS", unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
		prctl("GET_NO_NEW_PRIVS", unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
		prctl("SET_NO_NEW_PRIVS", unix.PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0)
		prctl("GET_NO_NEW_PRIVS", unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
	}},
	// Being uid 0 is not enough: each right hangs on its capability.
	{"without-cap-chown", "", func() {
		newFile("f", 0644)
		newFileOf("g", 0644, 5, 5)
		without(unix.CAP_CHOWN)
		chown("f", 1, -1)
		chown("f", -1, 1)
		chown("f", 0, 0)
		chown("g", 5, 5)
		look("f", "g")
	}},
	{"without-cap-dac-override", "", func() {
		newFile("f", 0)
		newFileOf("g", 0600, 5, 5)
		newDirOf("d", 0700, 5, 5)
		newFile("d/f", 0666)
		without(unix.CAP_DAC_OVERRIDE, unix.CAP_DAC_READ_SEARCH)
		open("f", unix.O_RDONLY)
		open("g", unix.O_RDWR)
		open("d", unix.O_RDONLY)
		open("d/f", unix.O_RDONLY)
		access("f", unix.R_OK)
		access("g", unix.W_OK)
		access("d", unix.X_OK)
		unlink("d/f")
	}},
	{"only-cap-dac-read-search", "", func() {
		newFileOf("f", 0, 5, 5)
		newDirOf("d", 0, 5, 5)
		newFileOf("d/f", 0, 5, 5)
		without(unix.CAP_DAC_OVERRIDE)
		open("f", unix.O_RDONLY)
		open("f", unix.O_WRONLY)
		open("d", unix.O_RDONLY)
		open("d/f", unix.O_RDONLY)
		unlink("d/f")
		mkdir("d/e", 0755)
	}},
	{"without-cap-fowner", "", func() {
		newFileOf("f", 0644, 5, 5)
		newFile("mine", 0644)
		newDirOf("t", 01777, 5, 5)
		newFileOf("t/f", 0644, 6, 6)
		without(unix.CAP_FOWNER)
		chmod("f", 0600)
		chmod("mine", 0600)
		unlink("t/f")
		setACL("f", aclAccess, "u::rw-,u:7:rwx,g::r--,m::rwx,o::---")
		look("f", "mine", "t/f")
	}},
	{"without-cap-fsetid", "", func() {
		newFileOf("f", 0644, 0, 5)
		newFile("g", 06755)
		newDirOf("d", 02777, 0, 5)
		without(unix.CAP_FSETID)
		chmod("f", 06755)
		write("g", "text")
		open("d/x", unix.O_CREAT|unix.O_WRONLY, octal(02755))
		look("f", "g", "d/x")
	}},
	{"without-cap-mknod", "", func() {
		without(unix.CAP_MKNOD)
		mknod("c", unix.S_IFCHR|0600, 1, 3)
		mknod("p", unix.S_IFIFO|0600, 0, 0)
		look("c", "p")
	}},
	{"without-cap-setuid", "", func() {
		without(unix.CAP_SETUID)
		setuid(1000)
		seteuid(1000)
		setuid(0)
		setgid(5)
		setgroups(6)
		whoami()
	}},
	{"without-cap-setgid", "", func() {
		without(unix.CAP_SETGID)
		setgid(5)
		setgroups(6)
		setuid(1000)
		whoami()
	}},
	{"without-cap-setfcap", "", func() {
		newFile("f", 0755)
		without(unix.CAP_SETFCAP)
		setxattr("f", "security.capability", fileCaps(netRaw), 0)
		setxattr("f", "security.a", "1", 0)
		getxattr("f", "security.capability")
	}},
	{"without-cap-sys-admin", "", func() {
		newFile("f", 0755)
		setxattr("f", "trusted.a", "1", 0)
		setxattr("f", "security.a", "1", 0)
		without(unix.CAP_SYS_ADMIN)
		getxattr("f", "trusted.a")
		setxattr("f", "trusted.b", "2", 0)
		setxattr("f", "security.b", "2", 0)
		setxattr("f", "user.b", "2", 0)
		listxattr("f")
	}},
}

func highWord(d capData) string {
	switch d {
	case capData{7, 7, 7}:
		return "untouched"
	case capData{}:
		return "zero"
	}
	return "filled"
}
