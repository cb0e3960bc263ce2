//go:build linux && 386

package main

import (
	"golang.org/x/sys/unix"
)

var abiStatSpellings = []statSpelling{
	{"stat64", func(path string) (info, error) { return stat64(unix.SYS_STAT64, path) }},
	{"lstat64", func(path string) (info, error) { return stat64(unix.SYS_LSTAT64, path) }},
	{"stat", func(path string) (info, error) { return statNew(unix.SYS_STAT, path) }},
	{"lstat", func(path string) (info, error) { return statNew(unix.SYS_LSTAT, path) }},
}

func stat64(nr uintptr, path string) (info, error) {
	var s unix.Stat_t
	_, e := call(nr, path, addr(&s))
	return resultOf(fromStat(&s), e)
}

// stat32 is struct stat of arch/x86/include/uapi/asm/stat.h.
type stat32 struct {
	dev, ino                 uint32
	mode, nlink, uid, gid    uint16
	rdev, size               uint32
	blksize, blocks          uint32
	atime, atimeNsec, mtime  uint32
	mtimeNsec, ctime, ctimeN uint32
	_, _                     uint32
}

func statNew(nr uintptr, file any) (info, error) {
	var s stat32
	_, e := call(nr, file, addr(&s))
	return resultOf(info{uint32(s.mode), uint32(s.uid), uint32(s.gid), uint64(s.nlink),
		decodeDev(s.rdev), int64(s.size), int64(s.blocks)}, e)
}

// statOld16 is struct __old_kernel_stat: 16-bit everything, no blocks.
type statOld16 struct {
	dev, ino, mode, nlink, uid, gid, rdev uint16
	_                                     uint16
	size, atime, mtime, ctime             uint32
}

func statOldest(nr uintptr, file any) (info, error) {
	var s statOld16
	_, e := call(nr, file, addr(&s))
	return resultOf(info{uint32(s.mode), uint32(s.uid), uint32(s.gid), uint64(s.nlink),
		decodeDev(uint32(s.rdev)), int64(s.size), 0}, e)
}

// agree says whether the oldest call says what its successor says, or that the
// file does not fit.
func agree(what string, oldest, newer uintptr, file any) {
	a, err := statOldest(oldest, file)
	b, newErr := statNew(newer, file)
	b.blocks = 0
	say("%s: agrees %v", what, err == unix.EOVERFLOW || err == newErr && a == b)
}

// decodeDev undoes new_encode_dev (linux/kdev_t.h).
func decodeDev(d uint32) uint64 {
	return unix.Mkdev(d>>8&0xfff, d&0xff|d>>12&0xfff00)
}

func resultOf(i info, e unix.Errno) (info, error) {
	if e != 0 {
		return info{}, e
	}
	return i, nil
}

// The calls that a 64-bit program does not have: ids of 16 bits.
var i386Cases = []testCase{
	{"386-stat-spellings", "port-7", abiStats},
	// An inode number of more than 16 bits does not fit: then the answer is
	// EOVERFLOW, and it depends on the file system. That of /proc is 1.
	{"386-oldstat", "port-7", func() {
		for _, path := range []string{"/proc", "none", "", longPath(4096)} {
			i, err := statOldest(unix.SYS_OLDSTAT, path)
			sayInfo("oldstat "+quote(path), i, err)
			i, err = statOldest(unix.SYS_OLDLSTAT, path)
			sayInfo("oldlstat "+quote(path), i, err)
		}
		newFileOf("f", 04711, 1, 2)
		newLink("f", "l")
		must(unix.Lchown("l", 5, 6), "lchown")
		newFileOf("big", 0644, 70000, 65536)
		for _, path := range []string{"f", "l", "big"} {
			agree("oldstat "+path, unix.SYS_OLDSTAT, unix.SYS_STAT, path)
			agree("oldlstat "+path, unix.SYS_OLDLSTAT, unix.SYS_LSTAT, path)
		}
		agree("oldfstat", unix.SYS_OLDFSTAT, unix.SYS_FSTAT, opened("f", unix.O_RDONLY))
	}},
	{"386-chown-16", "port-7", func() {
		newFile("f", 0644)
		newLink("f", "l")
		f := opened("f", unix.O_RDONLY)
		try("chown16", unix.SYS_CHOWN, "f", 1, 2)
		look("f")
		try("lchown16", unix.SYS_LCHOWN, "l", 3, 4)
		look("f", "l")
		try("fchown16", unix.SYS_FCHOWN, f, 5, 6)
		look("f")
		// linux/highuid.h low2highuid: 65535 is -1.
		try("chown16", unix.SYS_CHOWN, "f", 65535, 7)
		look("f")
		try("chown16", unix.SYS_CHOWN, "f", 65534, 0x10008)
		look("f")
		try("chown16", unix.SYS_CHOWN, "none", 1, 2)
		try("chown32", unix.SYS_CHOWN32, "f", 70000, 80000)
		look("f")
	}},
	{"386-getid-16", "port-7", func() {
		get := func() {
			for _, c := range []struct {
				name string
				nr   uintptr
			}{
				{"getuid16", unix.SYS_GETUID}, {"geteuid16", unix.SYS_GETEUID},
				{"getgid16", unix.SYS_GETGID}, {"getegid16", unix.SYS_GETEGID},
				{"getuid32", unix.SYS_GETUID32}, {"geteuid32", unix.SYS_GETEUID32},
				{"getgid32", unix.SYS_GETGID32}, {"getegid32", unix.SYS_GETEGID32},
			} {
				try(c.name, c.nr)
			}
		}
		get()
		setresgid(5, 70000, 7)
		setresuid(80000, 6, 0)
		get()
	}},
	{"386-setid-16", "port-7", func() {
		try("setresgid16", unix.SYS_SETRESGID, 1, 2, 3)
		try("setregid16", unix.SYS_SETREGID, 65535, 4)
		try("setfsgid16", unix.SYS_SETFSGID, 5)
		try("setresuid16", unix.SYS_SETRESUID, 1000, 0, 65535)
		whoami()
		try("setreuid16", unix.SYS_SETREUID, 65535, 1000)
		whoami()
		try("setfsuid16", unix.SYS_SETFSUID, 0)
		whoami()
		try("setuid16", unix.SYS_SETUID, 0)
		try("setgid16", unix.SYS_SETGID, 1)
		whoami()
	}},
	{"386-getres-16", "port-7", func() {
		setresgid(1, 70000, 3)
		setresuid(80000, 5, 0)
		var r, e, s uint16
		try("getresuid16", unix.SYS_GETRESUID, addr(&r), addr(&e), addr(&s))
		say("%d %d %d", r, e, s)
		try("getresgid16", unix.SYS_GETRESGID, addr(&r), addr(&e), addr(&s))
		say("%d %d %d", r, e, s)
		try("getresgid16", unix.SYS_GETRESGID, nowhere, addr(&e), addr(&s))
	}},
	{"386-groups-16", "port-7", func() {
		list := []uint16{9, 5, 65534}
		try("setgroups16", unix.SYS_SETGROUPS, 3, addr(&list[0]))
		whoami()
		setgroups(1, 70000)
		got := make([]uint16, 4)
		n, e := call(unix.SYS_GETGROUPS, 4, addr(&got[0]))
		say("getgroups16 = %s %v", outcome(n, e), got)
		try("getgroups16", unix.SYS_GETGROUPS, 1, addr(&got[0]))
		try("setgroups16", unix.SYS_SETGROUPS, 2, nowhere)
	}},
	// fs/stat.c SET_UID: an id of more than 16 bits shows as the overflow id.
	{"386-stat-high-ids", "port-7", func() {
		newFileOf("f", 04755, 70000, 65536)
		statBy(abiStatSpellings, "f")
		newFileOf("g", 02755, 65535, 65534)
		statBy(abiStatSpellings, "g")
	}},
	{"386-fstat-spellings", "port-7", func() {
		newFileOf("f", 06711, 1, 2)
		f := opened("f", unix.O_RDONLY)
		var s unix.Stat_t
		_, e := call(unix.SYS_FSTAT64, f, addr(&s))
		sayInfo("fstat64", fromStat(&s), e0(e))
		i, err := statNew(unix.SYS_FSTAT, f)
		sayInfo("fstat", i, err)
	}},
	{"386-stat-buffers", "port-7", func() {
		newFile("f", 0644)
		for _, p := range []ptr{0, nowhere, high} {
			try("stat64", unix.SYS_STAT64, "f", p)
			try("stat", unix.SYS_STAT, "f", p)
			try("oldstat", unix.SYS_OLDSTAT, "/proc", p)
			try("lstat64", unix.SYS_LSTAT64, "none", p)
		}
	}},
	// fs/readdir.c: the old directory entry has its type in the last byte.
	{"386-getdents-old", "port-7", func() {
		newDir("d", 0755)
		newNode("d/char", unix.S_IFCHR|0600, 1, 3)
		newNode("d/block", unix.S_IFBLK|0600, 7, 0)
		newFile("d/file", 0600)
		d := opened("d", unix.O_RDONLY)
		b := make([]byte, 4096)
		n, e := call(unix.SYS_GETDENTS, d, addr(&b[0]), len(b))
		must(e0(e), "getdents")
		var entries []dirEntry
		for rest := b[:n]; len(rest) > 0; {
			length := int(rest[8]) | int(rest[9])<<8
			entries = append(entries, dirEntry{unix.ByteSliceToString(rest[10 : length-1]), rest[length-1]})
			rest = rest[length:]
		}
		sayTypes(entries)
	}},
	{"386-socketcall-peercred", "port-7", func() {
		a, _ := pair()
		const getsockoptCall = 15
		var c unix.Ucred
		length := uint32(12)
		args := []uint32{uint32(a), unix.SOL_SOCKET, unix.SO_PEERCRED, uint32(addr(&c)), uint32(addr(&length))}
		_, e := call(unix.SYS_SOCKETCALL, getsockoptCall, addr(&args[0]))
		say("socketcall: %s uid %d gid %d length %d", errno(e), c.Uid, c.Gid, length)
		try("socketcall", unix.SYS_SOCKETCALL, getsockoptCall, nowhere)
	}},
	{"386-umount-old", "port-7", func() {
		newDir("d", 0755)
		try("umount", unix.SYS_UMOUNT, "d")
		drop(1000, 1000)
		try("umount", unix.SYS_UMOUNT, "d")
	}},
	{"386-old-truncate", "port-7", func() {
		newFileOf("f", 0, 1000, 1000)
		try("truncate", unix.SYS_TRUNCATE, "f", 7)
		look("f")
		drop(1001, 1001)
		try("truncate", unix.SYS_TRUNCATE, "f", 0)
	}},
}

// abiSubjects are the cases that only this ABI has.
var abiSubjects = []subject{{"386", i386Cases}}
