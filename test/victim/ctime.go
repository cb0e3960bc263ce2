//go:build linux

package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// What is claimed of a file is a change of it all the same: the kernel dates it and tells those who watch (fs/attr.c,
// notify_change).
var ctimeCases = []testCase{
	{"ctime-own", "frng-2", func() {
		newFile("f", 0644)
		newDir("d", 0755)
		newLink("f", "l")
		newLink("nowhere", "dangling")
		f := opened("f", unix.O_RDONLY)
		dated(func() { chown("f", 1, 2) }, "f")
		dated(func() { chown("./f", 1, 2) }, "f")
		dated(func() { chown("f", -1, -1) }, "f")
		dated(func() { chown("l", 3, 4) }, "f", "l")
		dated(func() { lchown("l", 3, 4) }, "f", "l")
		dated(func() { chown("dangling", 3, 4) }, "dangling")
		dated(func() { lchown("dangling", 3, 4) }, "dangling")
		dated(func() { fchown(f, 5, 6) }, "f")
		dated(func() { fchownat(f, "", 5, 6, unix.AT_EMPTY_PATH) }, "f")
		dated(func() { fchownat(opened("d", unix.O_RDONLY), "../l", 7, 8, 0) }, "f", "l", "d")
		dated(func() { chown("d", 7, 8) }, "d")
		dated(func() { chown("f/", 7, 8) }, "f")
	}},
	{"ctime-own-refused", "", func() {
		newFile("f", 0644)
		setuid(1000)
		dated(func() { chown("f", 1000, 1000) }, "f")
		dated(func() { chmod("f", 0600) }, "f")
	}},
	{"ctime-mode", "frng-2", func() {
		newFile("f", 0644)
		newDir("d", 0755)
		dated(func() { chmod("f", 04755) }, "f")
		dated(func() { chmod("f", 04755) }, "f")
		dated(func() { chmod("f", 0) }, "f")
		dated(func() { chmod("d", 01777) }, "d")
		dated(func() { fchmod(opened("d", unix.O_RDONLY), 01777) }, "d")
	}},
	{"ctime-xattr", "frng-2", func() {
		newFile("f", 04755)
		newDir("d", 02755)
		for _, name := range []string{"trusted.a", "security.a", "user.a"} {
			dated(func() { setxattr("f", name, "1", 0) }, "f")
			dated(func() { setxattr("f", name, "1", unix.XATTR_CREATE) }, "f")
			dated(func() { removexattr("f", name) }, "f")
			dated(func() { removexattr("f", name) }, "f")
			dated(func() { setxattr("d", name, "1", 0) }, "d")
		}
		look("f", "d")
	}},
}

// dated does something and says of which files it moved the ctime, and which were told to have changed.
func dated(do func(), paths ...string) {
	const tick = 12 * time.Millisecond // of the clock that file systems read, at 100 Hz, and a little
	before, watches := make([]unix.Timespec, len(paths)), make([]int, len(paths))
	for i, path := range paths {
		before[i] = ctime(path)
		watches[i] = watch(path)
	}
	time.Sleep(tick)
	do()
	for i, path := range paths {
		date, told := "new ctime", "told"
		if ctime(path) == before[i] {
			date = "same ctime"
		}
		var event [unix.SizeofInotifyEvent + unix.NAME_MAX + 1]byte
		if n, _ := unix.Read(watches[i], event[:]); n <= 0 {
			told = "not told"
		}
		unix.Close(watches[i])
		say("  %s: %s, %s", quote(path), date, told)
	}
}

// watch makes a descriptor that tells of changes of a file's inode.
func watch(path string) int {
	f, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	must(err, "inotify_init1")
	_, err = unix.InotifyAddWatch(f, path, unix.IN_ATTRIB|unix.IN_DONT_FOLLOW)
	must(err, "inotify_add_watch")
	return f
}

func ctime(path string) unix.Timespec {
	var st unix.Stat_t
	must(unix.Lstat(path, &st), "lstat")
	return st.Ctim
}

// playReadOnly tries to change files of a directory that is mounted read-only.
func playReadOnly(dir string) {
	must(unix.Chdir(dir), "chdir")
	chown("f", 1, 2)
	chown("f", -1, -1)
	chown("none", 1, 2)
	lchown("l", 1, 2)
	fchown(opened("f", unix.O_RDONLY), 1, 2)
	fchownat(opened("d", unix.O_PATH), "", 1, 2, unix.AT_EMPTY_PATH)
	chmod("f", 0644)
	chmod("f", 04711)
	chmod("d", 0755)
	setxattr("f", "trusted.a", "1", 0)
	setxattr("f", "user.a", "1", 0)
	removexattr("f", "security.a")
	mknod("n", unix.S_IFCHR|0600, 1, 3)
	mkdir("e", 0755)
	symlink("f", "m")
	link("f", "g")
	rename("f", "g")
	unlink("f")
	look("f", "d", "l")
	setuid(1000)
	chown("f", 1, 2)
	chmod("f", 0600)
	setxattr("f", "trusted.a", "1", 0)
}
