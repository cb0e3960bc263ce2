//go:build linux

package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// otherCases are what a process that dropped may do and may not.
var otherCases = []testCase{
	{"other-opens-by-mode", "", func() {
		modes := []uint32{0, 0400, 0200, 0600, 0040, 0020, 0060, 0004, 0002, 0006, 0077, 0707, 0770, 0644}
		for _, mode := range modes {
			newFileOf(fmt.Sprintf("owner%03o", mode), mode, 1000, 3000)
			newFileOf(fmt.Sprintf("group%03o", mode), mode, 1001, 1000)
			newFileOf(fmt.Sprintf("extra%03o", mode), mode, 1001, 2000)
			newFileOf(fmt.Sprintf("other%03o", mode), mode, 1001, 3000)
		}
		drop(1000, 1000, 2000)
		for _, mode := range modes {
			for _, who := range []string{"owner", "group", "extra", "other"} {
				path := fmt.Sprintf("%s%03o", who, mode)
				say("%s: open %saccess %s", path, openBits(path), accessBits(path))
			}
		}
	}},
	{"other-uses-dir-by-mode", "", func() {
		modes := []uint32{0, 0100, 0300, 0500, 0700, 0001, 0003, 0005, 0007}
		for _, mode := range modes {
			owner := 1000
			if mode&7 != 0 {
				owner = 1001
			}
			d := fmt.Sprintf("d%03o", mode)
			newDir(d, 0755)
			newFileOf(d+"/f", 0666, 1000, 1000)
			give(d, mode, owner, owner)
		}
		top := opened(".", unix.O_PATH)
		drop(1000, 1000)
		for _, mode := range modes {
			d := fmt.Sprintf("d%03o", mode)
			say("%s", d)
			open(d, unix.O_RDONLY|unix.O_DIRECTORY)
			look(d + "/f")
			open(d+"/f", unix.O_RDONLY)
			open(d+"/new", unix.O_CREAT|unix.O_WRONLY, octal(0644))
			mkdir(d+"/sub", 0755)
			unlink(d + "/f")
			rmdir(d + "/sub")
			try("chdir", unix.SYS_CHDIR, d+"/.")
			must(unix.Fchdir(int(top)), "fchdir")
		}
	}},
	{"other-in-the-middle-of-a-path", "", func() {
		newDir("closed", 0755)
		newDir("closed/d", 0777)
		newFile("closed/d/f", 0666)
		newLink("closed/d/f", "l")
		newLink("x", "closed/d/l")
		chmod("closed", 0700)
		drop(1000, 1000)
		path := "closed/d/f"
		look(path, "closed/d", "closed", "l")
		lookThrough("l")
		open(path, unix.O_RDONLY)
		open("l", unix.O_RDONLY)
		open("closed/d/new", unix.O_CREAT|unix.O_WRONLY, octal(0644))
		access(path, 0)
		chmod(path, 0600)
		chown(path, 1000, 1000)
		truncate(path, 0)
		unlink(path)
		rmdir("closed/d")
		mkdir("closed/e", 0755)
		mknod("closed/p", unix.S_IFIFO|0600, 0, 0)
		rename(path, "moved")
		link(path, "linked")
		symlink("x", "closed/s")
		try("readlink", sysReadlink, "closed/d/l", make([]byte, 10), 10)
		try("chdir", unix.SYS_CHDIR, "closed/d")
		getxattr(path, "user.a")
		listxattr(path)
		utimens(path, nil)
		executeRaw(path)
	}},
	{"other-in-dir-of-root", "", func() {
		newDir("d", 0755)
		newDir("d/e", 0755)
		newFileOf("d/f", 0666, 1000, 1000)
		newDirOf("mine", 0755, 1000, 1000)
		newFileOf("mine/g", 0644, 1000, 1000)
		drop(1000, 1000)
		open("d/new", unix.O_CREAT|unix.O_WRONLY, octal(0644))
		open("d/f", unix.O_CREAT|unix.O_WRONLY, octal(0644))
		open("d", unix.O_TMPFILE|unix.O_RDWR, octal(0644))
		mkdir("d/new", 0755)
		mkdir("d/e", 0755)
		mknod("d/new", unix.S_IFIFO|0644, 0, 0)
		symlink("x", "d/new")
		link("mine/g", "d/g")
		rename("mine/g", "d/g")
		rename("d/f", "mine/f")
		rename("d/f", "d/h")
		unlink("d/f")
		unlink("d/none")
		rmdir("d/e")
		rename("mine", "d/mine")
		look("d/f", "mine/g")
	}},
	{"other-in-sticky-dir", "", func() {
		newDir("t", 01777)
		newFileOf("t/mine", 0644, 1000, 1000)
		newFileOf("t/theirs", 0666, 1001, 1001)
		newDirOf("t/dir", 0777, 1001, 1001)
		drop(1000, 1000)
		unlink("t/theirs")
		rename("t/theirs", "t/x")
		rename("t/mine", "t/theirs")
		rmdir("t/dir")
		rename("t/mine", "t/y")
		unlink("t/y")
		unlink("t/none")
		renameat2("t/theirs", "t/dir", unix.RENAME_EXCHANGE)
	}},
	{"other-owns-sticky-dir", "", func() {
		newDirOf("t", 01755, 1000, 1000)
		newFileOf("t/theirs", 0, 1001, 1001)
		drop(1000, 1000)
		rename("t/theirs", "t/x")
		unlink("t/x")
		look("t/x")
	}},
	// fs/namei.c may_delete, vfs_rename: a directory that moves is written to.
	{"other-moves-directories", "", func() {
		newDir("w", 0777)
		newDirOf("w/theirs", 0755, 1001, 1001)
		newDirOf("w/open", 0777, 1001, 1001)
		newDirOf("w/to", 0777, 1001, 1001)
		drop(1000, 1000)
		rename("w/theirs", "w/renamed")
		rename("w/renamed", "w/to/x")
		rename("w/open", "w/to/open")
		look("w/renamed", "w/to/open")
		rmdir("w/renamed")
	}},
	{"other-changes-times", "", func() {
		newFileOf("readable", 0644, 1001, 1001)
		newFileOf("writable", 0666, 1001, 1001)
		newFileOf("mine", 0, 1000, 1000)
		drop(1000, 1000)
		for _, path := range []string{"readable", "writable", "mine"} {
			utimens(path, nil)
			utimens(path, &[2]unix.Timespec{{Sec: 1000}, {Sec: 2000}})
			open(path, unix.O_RDONLY|unix.O_NOATIME)
		}
	}},
	{"other-truncates", "", func() {
		newFileOf("f", 0644, 1001, 1001)
		newFileOf("w", 0622, 1001, 1001)
		fill("f", "text")
		fill("w", "text")
		drop(1000, 1000)
		truncate("f", 0)
		truncate("w", 1)
		open("f", unix.O_RDONLY|unix.O_TRUNC)
		look("f", "w")
	}},
	{"other-keeps-descriptors", "", func() {
		newFile("f", 0600)
		newDir("d", 0700)
		newFile("d/g", 0666)
		f, d := opened("f", unix.O_RDWR), opened("d", unix.O_RDONLY)
		drop(1000, 1000)
		n, err := unix.Write(int(f), []byte("text"))
		say("write: %d %s", n, errno(err))
		lookAt("f", f)
		try("fchdir", unix.SYS_FCHDIR, d)
		fchmod(f, 0666)
		_, e := call(unix.SYS_OPENAT, d, "g", unix.O_RDONLY)
		say("openat: %s", errno(e))
		_, e = call(unix.SYS_UNLINKAT, d, "g", 0)
		say("unlinkat: %s", errno(e))
	}},
	{"other-o-path", "", func() {
		newFile("f", 0)
		newDir("d", 0)
		newFile("d/f", 0666)
		drop(1000, 1000)
		open("f", unix.O_PATH)
		open("d", unix.O_PATH)
		open("d/f", unix.O_PATH)
		n, e := call(sysOpen, procFd(opened("f", unix.O_PATH)), unix.O_RDONLY)
		say("open through /proc: %s", errno(closeNew(n, e)))
	}},
	{"other-owner-of-mode-zero", "", func() {
		newDir("d", 0777)
		drop(1000, 1000)
		open("d/f", unix.O_CREAT|unix.O_WRONLY, octal(0400))
		open("d/f", unix.O_WRONLY)
		chmod("d/f", 0)
		open("d/f", unix.O_RDONLY)
		chmod("d/f", 0600)
		open("d/f", unix.O_RDWR)
		mkdir("d/e", 0)
		open("d/e", unix.O_RDONLY)
		mkdir("d/e/x", 0755)
		chmod("d/e", 0700)
		mkdir("d/e/x", 0755)
		look("d/f", "d/e", "d/e/x")
	}},
	{"other-after-root-took-it", "", func() {
		newFileOf("f", 0644, 1000, 1000)
		as(1000, 1000, func() { open("f", unix.O_RDWR) })
		chown("f", 0, 0)
		as(1000, 1000, func() { open("f", unix.O_RDWR) })
		chmod("f", 0606)
		as(1000, 1000, func() { open("f", unix.O_RDWR) })
		rename("f", "g")
		as(1000, 1000, func() { open("g", unix.O_RDWR) })
	}},
	{"seteuid-back-and-forth", "", func() {
		newFile("f", 0600)
		for range 2 {
			seteuid(1000)
			open("f", unix.O_RDONLY)
			unlink("f")
			seteuid(0)
			open("f", unix.O_RDONLY)
		}
	}},
	{"setfsuid-checks", "", func() {
		newFileOf("f", 0600, 1001, 1001)
		newFileOf("mine", 0600, 1000, 1000)
		setfsuid(1000)
		open("f", unix.O_RDONLY)
		open("mine", unix.O_RDONLY)
		chmod("f", 0644)
		chown("mine", 0, 0)
		access("f", 4)
		setfsuid(0)
		open("f", unix.O_RDONLY)
	}},
	{"group-membership-checks", "", func() {
		newFileOf("f", 0640, 1001, 50)
		setgroups(50)
		seteuid(1000)
		open("f", unix.O_RDONLY)
		seteuid(0)
		setgroups()
		seteuid(1000)
		open("f", unix.O_RDONLY)
		seteuid(0)
		setresgid(-1, 50, -1)
		seteuid(1000)
		open("f", unix.O_RDONLY)
		open("f", unix.O_WRONLY)
	}},
	{"kept-capability-opens", "", func() {
		newFileOf("f", 0, 1001, 1001)
		prctl("SET_KEEPCAPS", unix.PR_SET_KEEPCAPS, 1)
		setresuid(1000, 1000, 1000)
		open("f", unix.O_RDWR)
		changeCaps("dac_override", func(s *capSets) { s.effective = 1 << unix.CAP_DAC_OVERRIDE })
		open("f", unix.O_RDWR)
		access("f", 4)
		chmod("f", 0666)
		changeCaps("fowner", func(s *capSets) { s.effective = 1 << unix.CAP_FOWNER })
		chmod("f", 0604)
		open("f", unix.O_RDONLY)
	}},
	{"other-unix-socket", "", func() {
		s := bound("s")
		must(unix.Listen(int(s), 4), "listen")
		must(unix.Chmod("s", 0600), "chmod")
		connect("s")
		as(1000, 1000, func() { connect("s") })
		must(unix.Chmod("s", 0602), "chmod")
		as(1000, 1000, func() { connect("s") })
		as(1000, 1000, func() {
			f, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
			must(err, "socket")
			say("bind: %s", errno(unix.Bind(f, &unix.SockaddrUnix{Name: "denied"})))
		})
	}},
	{"other-watches", "", func() {
		newFile("f", 0600)
		newFile("g", 0644)
		drop(1000, 1000)
		n, err := unix.InotifyInit1(0)
		must(err, "inotify_init1")
		for _, path := range []string{"f", "g"} {
			_, e := call(unix.SYS_INOTIFY_ADD_WATCH, n, path, unix.IN_MODIFY)
			say("inotify_add_watch(%q) = %s", path, errno(e))
		}
	}},
	{"other-kills-own", "", func() {
		drop(1000, 1000)
		say("kill: %s", errno(unix.Kill(unix.Getpid(), 0)))
		say("kill init: %s", errno(unix.Kill(1, 0)))
	}},
}
