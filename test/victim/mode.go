//go:build linux

package main

import (
	"golang.org/x/sys/unix"
)

var modeCases = []testCase{
	{"chmod-spellings", "", func() {
		newFile("f", 0644)
		f := opened("f", unix.O_RDONLY)
		chmod("f", 04711)
		look("f")
		fchmod(f, 02750)
		look("f")
		try("fchmodat", unix.SYS_FCHMODAT, cwd, "f", octal(06555))
		look("f")
		fchmodat2(cwd, "f", 01600, 0)
		look("f")
		fchmodat2(cwd, "f", 07000, unix.AT_SYMLINK_NOFOLLOW)
		look("f")
		fchmodat2(f, "", 0, unix.AT_EMPTY_PATH)
		look("f")
		fchmodat2(opened("f", unix.O_PATH), "", 06777, unix.AT_EMPTY_PATH)
		look("f")
	}},
	{"chmod-every-mode", "", func() {
		newFile("f", 0644)
		newDir("d", 0755)
		for _, path := range []string{"f", "d"} {
			wrong := 0
			for mode := range uint32(010000) {
				must(unix.Chmod(path, mode), "chmod")
				var s unix.Stat_t
				must(unix.Stat(path, &s), "stat")
				if s.Mode&07777 != mode {
					wrong++
				}
			}
			say("%s: %d wrong", path, wrong)
		}
	}},
	{"chmod-other-bits", "", func() {
		newFile("f", 0644)
		for _, mode := range []octal{0177777, 0040755, 010644, 0xffff0000 | 0600} {
			chmod("f", mode)
			look("f")
		}
	}},
	{"chmod-owned-by-others", "", func() {
		newFileOf("f", 0644, 1000, 1001)
		chmod("f", 06755)
		look("f")
		drop(0, 5)
		chmod("f", 06711)
		look("f")
	}},
	{"chmod-symlink", "", func() {
		newFile("f", 0644)
		newLink("f", "l")
		newLink("none", "dangling")
		chmod("l", 0600)
		look("f", "l")
		fchmodat2(cwd, "l", 0640, 0)
		look("f", "l")
		chmod("dangling", 0600)
	}},
	// fs/attr.c notify_change: the mode of a link cannot be changed.
	{"chmod-symlink-nofollow", "", func() {
		newLink("f", "l")
		fchmodat2(cwd, "l", 0600, unix.AT_SYMLINK_NOFOLLOW)
		fchmodat2(opened("l", unix.O_PATH|unix.O_NOFOLLOW), "", 0600, unix.AT_EMPTY_PATH)
		look("l")
	}},
	{"chmod-errors", "", func() {
		newFile("f", 0644)
		newLink("loop", "loop")
		for _, path := range []string{"none", "", "f/", "f/x", "loop", longName(256), longPath(4096)} {
			chmod(path, 0600)
			fchmodat2(cwd, path, 04600, 0)
		}
		fchmod(999, 0600)
		fchmod(opened("f", unix.O_PATH), 04600)
		fchmodat2(999, "f", 0600, 0)
		fchmodat2(cwd, "f", 0600, 0x40)
		look("f")
	}},
	{"chmod-nodes", "", func() {
		umask(0)
		newNode("c", unix.S_IFCHR|0640, 1, 3)
		newNode("p", unix.S_IFIFO|0640, 0, 0)
		newNode("s", unix.S_IFSOCK|0640, 0, 0)
		for _, path := range []string{"c", "p", "s"} {
			chmod(path, 07000)
			look(path)
			chmod(path, 0123)
			look(path)
		}
	}},
	{"chmod-proc-fd", "", func() {
		newFile("f", 0644)
		n, e := call(sysChmod, procFd(opened("f", unix.O_PATH)), 04750)
		say("chmod of /proc/self/fd: %s", outcome(n, e))
		look("f")
	}},
	{"chmod-hard-link", "frng-2", func() {
		newFile("a", 0644)
		newHardLink("a", "b")
		chmod("b", 04111)
		look("a", "b")
	}},
	{"chmod-unlinked", "", func() {
		newFile("f", 0644)
		f := opened("f", unix.O_RDWR)
		unlink("f")
		fchmod(f, 06050)
		lookAt("unlinked", f)
	}},
	{"chmod-keeps-xattrs", "", func() {
		newFile("f", 0755)
		setFileCaps("f", netRaw)
		chmod("f", 0700)
		getxattr("f", "security.capability")
	}},
	{"chmod-as-owner", "", func() {
		newFileOf("f", 0644, 1000, 1000)
		newFileOf("g", 0644, 1000, 3000)
		newDirOf("d", 0755, 1000, 3000)
		drop(1000, 1000)
		chmod("f", 06755)
		// The group is not one of ours: setgid goes.
		chmod("g", 06755)
		chmod("d", 03775)
		look("f", "g", "d")
	}},
	{"chmod-as-other", "", func() {
		newFileOf("f", 0666, 1001, 1000)
		newDirOf("d", 0777, 1001, 1000)
		f := opened("f", unix.O_RDWR)
		drop(1000, 1000)
		chmod("f", 0777)
		fchmod(f, 0777)
		fchmodat2(cwd, "f", 0777, 0)
		chmod("d", 0700)
		look("f", "d")
	}},
	// fs/inode.c file_remove_privs: root keeps suid and sgid when it writes.
	{"write-as-root-keeps-suid", "", func() {
		newFile("f", 06755)
		fill("f", "text")
		look("f")
		truncate("f", 2)
		look("f")
	}},
	{"write-as-other-clears-suid", "", func() {
		for _, path := range []string{"written", "truncated", "opened"} {
			newFileOf(path, 06777, 1001, 1001)
		}
		newFileOf("nogroup", 02767, 1001, 1001)
		drop(1000, 1000)
		write("written", "text")
		write("nogroup", "text")
		truncate("truncated", 0)
		open("opened", unix.O_WRONLY|unix.O_TRUNC)
		look("written", "nogroup", "truncated", "opened")
	}},
	{"write-as-owner-clears-suid", "", func() {
		newFileOf("f", 06755, 1000, 1000)
		drop(1000, 1000)
		write("f", "text")
		look("f")
		chmod("f", 06755)
		look("f")
	}},
	// security.capability goes even when root writes (cap_inode_need_killpriv).
	{"write-clears-capability", "", func() {
		newFile("f", 0755)
		newFile("g", 0755)
		setFileCaps("f", netRaw)
		setFileCaps("g", netRaw)
		write("f", "text")
		truncate("g", 0)
		getxattr("f", "security.capability")
		getxattr("g", "security.capability")
	}},
	// Who opens a file for writing has not written yet.
	{"open-for-writing-keeps-all", "", func() {
		newFile("f", 0755)
		setFileCaps("f", netRaw)
		for _, flags := range []int{unix.O_WRONLY, unix.O_RDWR, unix.O_WRONLY | unix.O_APPEND, unix.O_RDWR | unix.O_CREAT} {
			f := opened("f", flags)
			try("write", unix.SYS_WRITE, f, "", 0)
			must(unix.Futimes(int(f), []unix.Timeval{{}, {}}), "futimes")
			getxattr("f", "security.capability")
			closed(f)
			getxattr("f", "security.capability")
		}
		newFileOf("g", 06777, 1001, 1001)
		drop(1000, 1000)
		open("g", unix.O_WRONLY)
		look("g")
		write("g", "text")
		look("g")
	}},
	{"write-in-any-way-clears-capability", "", func() {
		newFile("source", 0644)
		fill("source", "text")
		source := opened("source", unix.O_RDONLY)
		for _, way := range []struct {
			name string
			do   func(f int) error
		}{
			{"write", func(f int) error { _, err := unix.Write(f, []byte("x")); return err }},
			{"pwrite", func(f int) error { _, err := unix.Pwrite(f, []byte("x"), 3); return err }},
			{"writev", func(f int) error { _, err := unix.Writev(f, [][]byte{[]byte("x")}); return err }},
			{"ftruncate", func(f int) error { return unix.Ftruncate(f, 4) }},
			{"fallocate", func(f int) error { return unix.Fallocate(f, 0, 0, 100) }},
			{"sendfile", func(f int) error { _, err := unix.Sendfile(f, int(source), new(int64), 2); return err }},
			{"copy_file_range", func(f int) error {
				_, err := unix.CopyFileRange(int(source), new(int64), f, nil, 2, 0)
				return err
			}},
			{"dup", func(f int) error {
				g, err := unix.Dup(f)
				must(err, "dup")
				_, err = unix.Write(g, []byte("x"))
				unix.Close(g)
				return err
			}},
		} {
			newFile(way.name, 0755)
			fill(way.name, "text")
			setFileCaps(way.name, netRaw)
			f := opened(way.name, unix.O_RDWR)
			getxattr(way.name, "security.capability")
			say("%s: %s", way.name, errno(way.do(int(f))))
			getxattr(way.name, "security.capability")
			setFileCaps(way.name, netRaw)
			getxattr(way.name, "security.capability")
			closed(f)
		}
	}},
	{"chown-chmod-order", "", func() {
		newFile("f", 0644)
		chmod("f", 04755)
		chown("f", 1, 1)
		look("f")
		chmod("f", 04755)
		look("f")
		chmod("f", 0600)
		chown("f", 2, 2)
		look("f")
	}},
}

// write writes to the start of an existing file and prints how that went.
func write(path, text string) {
	f, err := unix.Open(path, unix.O_WRONLY, 0)
	if err != nil {
		say("write(%q): open: %s", path, errno(err))
		return
	}
	n, err := unix.Write(f, []byte(text))
	say("write(%q, %q) = %d %s", path, text, n, errno(err))
	unix.Close(f)
}
