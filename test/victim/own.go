//go:build linux

package main

import (
	"golang.org/x/sys/unix"
)

var ownCases = []testCase{
	{"chown-spellings", "frng-2", func() {
		newFile("f", 0644)
		f := opened("f", unix.O_RDONLY)
		chown("f", 1, 2)
		look("f")
		lchown("f", 3, 4)
		look("f")
		fchown(f, 5, 6)
		look("f")
		fchownat(cwd, "f", 7, 8, 0)
		look("f")
		fchownat(cwd, "f", 9, 10, unix.AT_SYMLINK_NOFOLLOW)
		look("f")
		fchownat(f, "", 11, 12, unix.AT_EMPTY_PATH)
		look("f")
		fchownat(opened("f", unix.O_PATH), "", 13, 14, unix.AT_EMPTY_PATH)
		look("f")
	}},
	{"chown-minus-one", "", func() {
		newFile("f", 0644)
		chown("f", 5, 6)
		chown("f", -1, 7)
		look("f")
		chown("f", 8, -1)
		look("f")
		chown("f", -1, -1)
		look("f")
	}},
	{"chown-ids", "", func() {
		newFile("f", 0644)
		for _, id := range []int64{0, 65534, 65535, 65536, 1 << 31, 1<<32 - 2, 1<<32 - 1} {
			chown("f", id, id)
			look("f")
		}
	}},
	// fs/open.c chown_common, fs/attr.c setattr_should_drop_sgid
	{"chown-clears-suid-sgid", "", func() {
		for _, mode := range []uint32{04755, 02755, 06755, 06644, 02745, 04700, 07777, 01755} {
			newFile("f", mode)
			chown("f", 1, 2)
			look("f")
			unlink("f")
		}
	}},
	{"chown-minus-one-clears-suid", "", func() {
		newFile("f", 06755)
		chown("f", -1, -1)
		look("f")
		newFile("g", 06755)
		chown("g", 0, -1)
		look("g")
	}},
	{"chown-dir-keeps-suid-sgid", "", func() {
		newDir("d", 07777)
		chown("d", 1, 2)
		look("d")
		chown("d", -1, -1)
		look("d")
	}},
	{"chown-node-clears-suid", "", func() {
		newNode("c", unix.S_IFCHR|0777, 1, 3)
		newNode("p", unix.S_IFIFO|0777, 0, 0)
		for _, path := range []string{"c", "p"} {
			chmod(path, 06777)
			look(path)
			chown(path, 1, 2)
			look(path)
		}
	}},
	{"chown-clears-capability", "", func() {
		newFile("f", 0755)
		setFileCaps("f", netRaw)
		chown("f", 1, 2)
		getxattr("f", "security.capability")
		setFileCaps("f", netRaw)
		chown("f", -1, -1)
		getxattr("f", "security.capability")
	}},
	{"chown-keeps-other-xattrs", "", func() {
		newFile("f", 0755)
		setxattr("f", "user.a", "1", 0)
		setxattr("f", "trusted.a", "2", 0)
		chown("f", 1, 2)
		listxattr("f")
	}},
	{"chown-symlink", "", func() {
		newFile("f", 0644)
		newLink("f", "l")
		newLink("none", "dangling")
		chown("l", 1, 2)
		look("f", "l")
		lchown("l", 3, 4)
		look("f", "l")
		fchownat(cwd, "l", 5, 6, unix.AT_SYMLINK_NOFOLLOW)
		look("f", "l")
		chown("dangling", 7, 8)
		lchown("dangling", 9, 10)
		look("dangling")
	}},
	{"chown-symlink-to-dir", "", func() {
		newDir("d", 0755)
		newLink("d", "l")
		lchown("l/", 1, 2)
		look("d", "l")
		lchown("l/.", 3, 4)
		look("d", "l")
		chown("d/", 5, 6)
		look("d")
	}},
	{"chown-errors", "", func() {
		newFile("f", 0644)
		newLink("loop", "loop")
		for _, path := range []string{"none", "", "f/", "f/x", "loop", longName(256), longPath(4096)} {
			chown(path, 1, 2)
			lchown(path, 1, 2)
		}
		fchown(999, 1, 2)
		fchown(opened("f", unix.O_PATH), 1, 2)
		fchownat(999, "f", 1, 2, 0)
		fchownat(opened("f", unix.O_RDONLY), "x", 1, 2, 0)
		fchownat(cwd, "f", 1, 2, 0x40)
		fchownat(cwd, "", 1, 2, 0)
		look("f")
	}},
	{"chown-cwd", "", func() {
		newDir("d", 0755)
		must(unix.Chdir("d"), "chdir")
		fchownat(cwd, "", 1, 2, unix.AT_EMPTY_PATH)
		look(".", "../d")
		chown(".", 3, 4)
		look(".", "../d")
	}},
	{"chown-hard-link", "frng-2", func() {
		newFile("a", 0644)
		newHardLink("a", "b")
		chown("a", 1, 2)
		look("a", "b")
		chown("b", 3, 4)
		look("a", "b")
	}},
	{"chown-proc-fd", "", func() {
		newFile("f", 0644)
		for _, flags := range []int{unix.O_RDONLY, unix.O_PATH} {
			f := opened("f", flags)
			n, e := call(sysChown, procFd(f), 1, 2)
			say("chown of /proc/self/fd: %s", outcome(n, e))
			look("f")
			n, e = call(sysLchown, procFd(f), 3, 4)
			say("lchown of /proc/self/fd: %s", outcome(n, e))
			look("f")
		}
	}},
	{"chown-dir-fd", "", func() {
		newDir("d", 0755)
		newFile("d/f", 0644)
		newFile("f", 0644)
		d := opened("d", unix.O_PATH)
		fchownat(d, "f", 1, 2, 0)
		fchownat(d, "../f", 3, 4, 0)
		look("f", "d/f")
	}},
	{"chown-nodes", "", func() {
		umask(0)
		newNode("c", unix.S_IFCHR|0640, 1, 3)
		newNode("b", unix.S_IFBLK|0640, 8, 1)
		newNode("p", unix.S_IFIFO|0640, 0, 0)
		newNode("s", unix.S_IFSOCK|0640, 0, 0)
		for _, path := range []string{"c", "b", "p", "s"} {
			chown(path, 1, 2)
			look(path)
		}
	}},
	{"chown-pipe", "", func() {
		var p [2]int
		must(unix.Pipe2(p[:], 0), "pipe2")
		fchown(fd(p[0]), 1, 2)
		lookAt("pipe", fd(p[0]))
		fchmod(fd(p[0]), 0640)
		lookAt("pipe", fd(p[1]))
	}},
	{"chown-in-closed-dir", "", func() {
		newDir("d", 0755)
		newFile("d/f", 0)
		chmod("d", 0)
		chown("d/f", 1, 2)
		look("d", "d/f")
	}},
	// After a drop: fs/attr.c chown_ok, chgrp_ok
	{"chown-as-owner", "", func() {
		newFileOf("f", 06755, 1000, 1000)
		drop(1000, 1000, 2000)
		chown("f", 1000, -1)
		look("f")
		chown("f", -1, 2000)
		look("f")
		chown("f", -1, 3000)
		chown("f", 1001, -1)
		chown("f", -1, 1000)
		chown("f", 1000, 2000)
		look("f")
	}},
	{"chown-as-owner-clears-suid", "", func() {
		newFileOf("f", 06755, 1000, 1000)
		newFileOf("g", 02745, 1000, 1000)
		drop(1000, 1000, 2000)
		chown("f", -1, -1)
		look("f")
		chown("g", -1, 2000)
		look("g")
	}},
	{"chown-as-other", "", func() {
		newFileOf("f", 0666, 1001, 1000)
		newDirOf("d", 0777, 1001, 1000)
		newLink("f", "l")
		f := opened("f", unix.O_RDWR)
		drop(1000, 1000)
		chown("f", 1000, 1000)
		chown("f", -1, 1000)
		chown("f", -1, -1)
		fchown(f, 1000, 1000)
		chown("d", 1000, 1000)
		lchown("l", 1000, 1000)
		look("f", "d", "l")
	}},
	{"chown-many-times", "", func() {
		newFile("f", 0644)
		for i := range 2000 {
			must(unix.Chown("f", i%7, i%5), "chown")
		}
		look("f")
	}},
	{"chown-away-from-root-and-back", "", func() {
		newFile("f", 0644)
		chown("f", 1000, 1000)
		seteuid(1000)
		chown("f", 0, 0)
		chown("f", -1, 0)
		look("f")
		seteuid(0)
		chown("f", 0, 0)
		look("f")
	}},
}
