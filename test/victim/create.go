//go:build linux

package main

import (
	"golang.org/x/sys/unix"
)

var createCases = []testCase{
	{"create-open-umask", "", func() {
		createMatrix(func(path string, mode octal) unix.Errno {
			n, e := call(sysOpen, path, hex(unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY), mode)
			return closeNew(n, e)
		})
	}},
	{"create-openat-umask", "", func() {
		createMatrix(func(path string, mode octal) unix.Errno {
			n, e := call(unix.SYS_OPENAT, cwd, path, hex(unix.O_CREAT|unix.O_RDWR), mode)
			return closeNew(n, e)
		})
	}},
	{"create-creat-umask", "", func() {
		createMatrix(func(path string, mode octal) unix.Errno {
			return closeNew(call(sysCreat, path, mode))
		})
	}},
	{"create-openat2-umask", "", func() {
		createMatrix(func(path string, mode octal) unix.Errno {
			how := unix.OpenHow{Flags: unix.O_CREAT | unix.O_WRONLY, Mode: uint64(mode)}
			return closeNew(call(unix.SYS_OPENAT2, cwd, path, addr(&how), unix.SizeofOpenHow))
		})
	}},
	{"create-mkdir-umask", "", func() {
		createMatrix(func(path string, mode octal) unix.Errno {
			_, e := call(sysMkdir, path, mode)
			return e
		})
	}},
	{"create-mkdirat-umask", "", func() {
		createMatrix(func(path string, mode octal) unix.Errno {
			_, e := call(unix.SYS_MKDIRAT, cwd, path, mode)
			return e
		})
	}},
	{"create-mkfifo-umask", "", func() {
		createMatrix(func(path string, mode octal) unix.Errno {
			_, e := call(sysMknod, path, unix.S_IFIFO|mode, 0)
			return e
		})
	}},
	{"create-mknod-file-umask", "", func() {
		createMatrix(func(path string, mode octal) unix.Errno {
			_, e := call(sysMknod, path, unix.S_IFREG|mode, 0)
			return e
		})
	}},
	{"create-mknod-device-umask", "", func() {
		createMatrix(func(path string, mode octal) unix.Errno {
			_, e := call(unix.SYS_MKNODAT, cwd, path, unix.S_IFBLK|mode, dev(7, 0))
			return e
		})
	}},
	{"create-socket-umask", "", func() {
		for _, mask := range []octal{0, 022, 077, 0777} {
			umask(mask)
			bound("s")
			look("s")
			unlink("s")
		}
	}},
	{"create-symlink", "", func() {
		umask(077)
		symlink("target", "l")
		try("symlinkat", unix.SYS_SYMLINKAT, "target", cwd, "m")
		symlink("target", "l")
		look("l", "m")
	}},
	{"umask-returns-the-last", "", func() {
		for _, mask := range []octal{0, 077, 01777, 0xfffff022, 022} {
			umask(mask)
		}
	}},
	// A new file's mode does not bind the descriptor that made it.
	{"create-unwritable", "", func() {
		f, err := unix.Open("f", unix.O_CREAT|unix.O_RDWR, 0)
		must(err, "open")
		n, err := unix.Write(f, []byte("text"))
		say("write: %d %s", n, errno(err))
		look("f")
		open("f", unix.O_RDWR)
	}},
	{"create-existing", "", func() {
		newFileOf("f", 06751, 1, 2)
		open("f", unix.O_CREAT|unix.O_RDWR, octal(0600))
		look("f")
		open("f", unix.O_CREAT|unix.O_EXCL|unix.O_RDWR, octal(0600))
		open("f", unix.O_CREAT|unix.O_TRUNC|unix.O_RDWR, octal(0600))
		try("creat", sysCreat, "f/", octal(0600))
		mkdir("f", 0700)
		mknod("f", unix.S_IFREG|0600, 0, 0)
		look("f")
	}},
	{"create-openat2-errors", "", func() {
		for _, how := range []unix.OpenHow{
			{Flags: unix.O_RDONLY, Mode: 0600},
			{Flags: unix.O_CREAT | unix.O_WRONLY, Mode: 010000},
			{Flags: 1 << 40},
			{Resolve: 1 << 40},
			{Flags: unix.O_CREAT | unix.O_WRONLY, Mode: 0600, Resolve: unix.RESOLVE_BENEATH},
		} {
			_, e := call(unix.SYS_OPENAT2, cwd, "../f", addr(&how), unix.SizeofOpenHow)
			say("%#x %#o %#x: %s", how.Flags, how.Mode, how.Resolve, errno(e))
		}
		how := unix.OpenHow{Flags: unix.O_CREAT | unix.O_WRONLY, Mode: 06755, Resolve: unix.RESOLVE_BENEATH}
		_, e := call(unix.SYS_OPENAT2, cwd, "f", addr(&how), 8)
		say("short: %s", errno(e))
		n, e := call(unix.SYS_OPENAT2, cwd, "f", addr(&how), unix.SizeofOpenHow)
		say("whole: %s", errno(closeNew(n, e)))
		look("f")
	}},
	{"create-in-setgid-dir", "", func() {
		newDirOf("d", 02755, 0, 50)
		makeOfEveryKind("d")
		newDirOf("e", 0755, 0, 50)
		makeOfEveryKind("e")
	}},
	{"create-in-setgid-dir-deep", "", func() {
		newDirOf("d", 02755, 7, 50)
		mkdir("d/a", 0755)
		mkdir("d/a/b", 0700)
		mkdir("d/a/b/c", 07777)
		look("d/a", "d/a/b", "d/a/b/c")
		chmod("d/a", 0755)
		mkdir("d/a/x", 0755)
		look("d/a/x")
	}},
	{"create-in-setgid-dir-rename", "", func() {
		newDirOf("d", 02755, 0, 50)
		newFile("f", 0644)
		rename("f", "d/f")
		link("d/f", "g")
		look("d/f", "g")
	}},
	// fs/inode.c mode_strip_sgid: not a member, no CAP_FSETID.
	{"create-in-setgid-dir-as-other", "", func() {
		newDirOf("d", 02777, 0, 50)
		umask(0)
		drop(1000, 1000)
		makeOfEveryKind("d")
		for _, mode := range []octal{02755, 02745, 06777} {
			open("d/x", unix.O_CREAT|unix.O_WRONLY, mode)
			look("d/x")
			unlink("d/x")
		}
	}},
	{"create-in-setgid-dir-as-member", "", func() {
		newDirOf("d", 02777, 0, 50)
		umask(0)
		drop(1000, 1000, 50)
		for _, mode := range []octal{02755, 02745, 06777} {
			open("d/x", unix.O_CREAT|unix.O_WRONLY, mode)
			look("d/x")
			unlink("d/x")
		}
	}},
	{"create-tmpfile", "", func() {
		umask(027)
		newDirOf("d", 02755, 0, 50)
		for i, mode := range []octal{0, 0644, 06777} {
			f, err := unix.Open("d", unix.O_TMPFILE|unix.O_RDWR, uint32(mode))
			must(err, "tmpfile")
			lookAt("tmpfile", fd(f))
			name := "d/" + string(rune('a'+i))
			_, e := call(unix.SYS_LINKAT, cwd, procFd(fd(f)), cwd, name, unix.AT_SYMLINK_FOLLOW)
			say("linkat: %s", errno(e))
			look(name)
		}
	}},
	{"create-tmpfile-chown", "", func() {
		f, err := unix.Open(".", unix.O_TMPFILE|unix.O_RDWR, 0600)
		must(err, "tmpfile")
		fchown(fd(f), 3, 4)
		fchmod(fd(f), 04755)
		try("linkat", unix.SYS_LINKAT, fd(f), "", cwd, "f", hex(unix.AT_EMPTY_PATH))
		look("f")
		lookAt("tmpfile", fd(f))
	}},
	{"create-tmpfile-excl", "", func() {
		f, err := unix.Open(".", unix.O_TMPFILE|unix.O_RDWR|unix.O_EXCL, 0600)
		must(err, "tmpfile")
		try("linkat", unix.SYS_LINKAT, fd(f), "", cwd, "f", hex(unix.AT_EMPTY_PATH))
		open(".", unix.O_TMPFILE|unix.O_RDONLY, octal(0600))
	}},
	{"create-after-drop", "", func() {
		newDir("d", 0777)
		umask(0)
		drop(1000, 1001)
		makeOfEveryKind("d")
	}},
	{"create-after-setfsuid", "", func() {
		newDir("d", 0777)
		call(sysSetfsgid, 1001)
		call(sysSetfsuid, 1000)
		makeOfEveryKind("d")
		call(sysSetfsuid, 0)
		mkdir("d/again", 0755)
		look("d/again")
	}},
	{"copy-file-range", "", func() {
		newFileOf("a", 04755, 1, 2)
		fill("a", "some text")
		newFileOf("b", 0640, 3, 4)
		a, b := opened("a", unix.O_RDONLY), opened("b", unix.O_WRONLY)
		try("copy_file_range", unix.SYS_COPY_FILE_RANGE, a, nil, b, nil, 9, 0)
		look("a", "b")
		// Whether a file system can share blocks is its own affair.
		call(unix.SYS_IOCTL, b, unix.FICLONE, a)
		look("a", "b")
		try("sendfile", unix.SYS_SENDFILE, b, a, nil, 9)
		look("b")
	}},
}

// createMatrix makes a file with many modes under several umasks.
func createMatrix(create func(path string, mode octal) unix.Errno) {
	for _, mask := range []octal{0, 022, 027, 077, 0777} {
		umask(mask)
		for _, mode := range []octal{0, 0400, 0600, 0644, 0666, 0755, 0777, 01777, 02755, 04755, 07777, 0200} {
			e := create("f", mode)
			var s unix.Stat_t
			must(unix.Lstat("f", &s), "lstat")
			say("%#o: %s %s", uint32(mode), errno(e), fromStat(&s))
			if unix.Unlink("f") != nil {
				must(unix.Rmdir("f"), "rmdir")
			}
		}
	}
}

func closeNew(n int, e unix.Errno) unix.Errno {
	if e == 0 {
		unix.Close(n)
	}
	return e
}

// makeOfEveryKind makes one of everything in a directory.
func makeOfEveryKind(d string) {
	open(d+"/file", unix.O_CREAT|unix.O_WRONLY, octal(0644))
	mkdir(d+"/dir", 0755)
	mknod(d+"/fifo", unix.S_IFIFO|0644, 0, 0)
	mknod(d+"/reg", unix.S_IFREG|0644, 0, 0)
	mknod(d+"/sock", unix.S_IFSOCK|0644, 0, 0)
	mknod(d+"/dev", unix.S_IFCHR|0644, 1, 3)
	symlink("x", d+"/link")
	look(d+"/file", d+"/dir", d+"/fifo", d+"/reg", d+"/sock", d+"/dev", d+"/link")
}
