//go:build linux

package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

var statCases = []testCase{
	{"stat-new-file", "frng-2", func() {
		newFile("f", 0640)
		everyStat("f")
	}},
	{"stat-chowned-file", "frng-2", func() {
		newFileOf("f", 06755, 1, 2)
		everyStat("f")
	}},
	{"stat-chowned-dir", "frng-2", func() {
		newDirOf("d", 03750, 3, 4)
		everyStat("d")
	}},
	{"stat-symlink", "frng-2", func() {
		newFileOf("f", 0600, 1, 2)
		newLink("f", "l")
		must(unix.Lchown("l", 3, 4), "lchown")
		everyStat("l")
	}},
	{"stat-device", "frng-2", func() {
		newNode("c", unix.S_IFCHR|0640, 5, 1)
		newNode("b", unix.S_IFBLK|0660, 259, 70000)
		everyStat("c")
		everyStat("b")
	}},
	{"stat-dir-fd", "", func() {
		newDir("d", 0755)
		newFileOf("d/f", 04711, 7, 8)
		d := opened("d", unix.O_RDONLY|unix.O_DIRECTORY)
		statxLine(d, "f", 0, unix.STATX_BASIC_STATS)
		must(unix.Fchdir(int(d)), "fchdir")
		look("f", ".", "../d/f")
	}},
	{"stat-empty-path", "", func() {
		newFileOf("f", 0400, 9, 10)
		newLink("f", "l")
		must(unix.Lchown("l", 11, 12), "lchown")
		file := opened("f", unix.O_RDONLY)
		path := opened("f", unix.O_PATH)
		link := opened("l", unix.O_PATH|unix.O_NOFOLLOW)
		for _, f := range []fd{file, path, link, cwd} {
			statxLine(f, "", unix.AT_EMPTY_PATH, unix.STATX_BASIC_STATS)
			fstatatLine(f, "", unix.AT_EMPTY_PATH)
		}
	}},
	// fs/stat.c vfs_empty_path: a null path is as good as an empty one.
	{"stat-null-path", "", func() {
		newFileOf("f", 0400, 9, 10)
		f := opened("f", unix.O_RDONLY)
		statxLine(f, nil, unix.AT_EMPTY_PATH, unix.STATX_BASIC_STATS)
		statxLine(f, nil, 0, unix.STATX_BASIC_STATS)
		fstatatLine(f, nil, unix.AT_EMPTY_PATH)
		fstatatLine(f, nil, 0)
	}},
	{"statx-masks", "", func() {
		newFileOf("f", 02711, 5, 6)
		for _, mask := range []hex{0, unix.STATX_UID, unix.STATX_MODE, unix.STATX_TYPE, unix.STATX_ALL, 0x2000_0000} {
			statxLine(cwd, "f", 0, mask)
		}
	}},
	{"statx-errors", "", func() {
		newFile("f", 0644)
		statxLine(cwd, "f", 0x8000_0000, unix.STATX_ALL)
		statxLine(cwd, "f", unix.AT_STATX_FORCE_SYNC|unix.AT_STATX_DONT_SYNC, unix.STATX_ALL)
		statxLine(cwd, "f", 0, unix.STATX__RESERVED)
		statxLine(cwd, "f", unix.AT_STATX_DONT_SYNC, unix.STATX_ALL)
		statxLine(cwd, "none", 0, unix.STATX_ALL)
		statxLine(-1, "f", 0, unix.STATX_ALL)
		statxLine(-1, "", unix.AT_EMPTY_PATH, unix.STATX_ALL)
	}},
	{"stat-errors", "", func() {
		newFile("f", 0644)
		newLink("loop", "loop")
		newLink("none", "dangling")
		for _, path := range []string{"none", "", "f/", "f/x", "loop", "loop/x", "dangling", longName(256), longPath(4095), longPath(4096)} {
			statErrors(statSpellings, path)
		}
		lookAt("closed", 999)
		fstatatLine(cwd, "", 0)
		fstatatLine(cwd, "f", 0x4000_0000)
	}},
	{"stat-proc-fd", "", func() {
		newFileOf("f", 04750, 13, 14)
		f := opened("f", unix.O_RDONLY)
		lookThroughFd("rdonly", f)
		lookThroughFd("path", opened("f", unix.O_PATH))
	}},
	{"stat-unlinked", "", func() {
		newFileOf("f", 06711, 15, 16)
		f := opened("f", unix.O_RDWR)
		unlink("f")
		lookAt("unlinked", f)
		fchown(f, 17, 18)
		fchmod(f, 0123)
		lookAt("unlinked", f)
		lookThroughFd("unlinked", f)
	}},
	// Anonymous inodes belong to whoever makes them.
	{"stat-anonymous", "", func() {
		var p [2]int
		must(unix.Pipe2(p[:], unix.O_CLOEXEC), "pipe2")
		lookAt("pipe", fd(p[0]))
		s, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		must(err, "socketpair")
		lookAt("socket", fd(s[0]))
		m, err := unix.MemfdCreate("m", 0)
		must(err, "memfd_create")
		lookAt("memfd", fd(m))
		fchown(fd(m), 3, 4)
		fchmod(fd(m), 0600)
		lookAt("memfd", fd(m))
		drop(1000, 1000)
		must(unix.Pipe2(p[:], unix.O_CLOEXEC), "pipe2")
		lookAt("pipe after drop", fd(p[0]))
	}},
	{"stat-foreign", "", func() {
		look("/", "/dev/null", "/dev/zero", "/proc", "/proc/self/status")
		lookThrough("/proc/self/exe/..", "/etc/..")
	}},
	{"stat-many-lies", "frng-2", func() {
		const n = 500
		for i := range n {
			newFileOf(fmt.Sprint("f", i), uint32(i), i+1, 2*i+1)
		}
		for i := range n / 2 {
			must(unix.Rename(fmt.Sprint("f", i), fmt.Sprint("g", i)), "rename")
		}
		wrong := 0
		for i := range n {
			name := "f"
			if i < n/2 {
				name = "g"
			}
			var s unix.Stat_t
			must(unix.Lstat(fmt.Sprint(name, i), &s), "lstat")
			if s.Uid != uint32(i+1) || s.Gid != uint32(2*i+1) || s.Mode&07777 != uint32(i) {
				wrong++
			}
		}
		say("%d files, %d wrong", n, wrong)
	}},
}

// A statSpelling is one of the kernel's ways to ask about a path.
type statSpelling struct {
	name string
	stat func(path string) (info, error)
}

var statSpellings = []statSpelling{
	{"statx", func(path string) (info, error) { return statx(cwd, path, 0, unix.STATX_BASIC_STATS) }},
	{"statx-nofollow", func(path string) (info, error) {
		return statx(cwd, path, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_BASIC_STATS)
	}},
	{"fstatat", func(path string) (info, error) { return fstatat(cwd, path, 0) }},
	{"fstatat-nofollow", func(path string) (info, error) { return fstatat(cwd, path, unix.AT_SYMLINK_NOFOLLOW) }},
	{"fstat", func(path string) (info, error) {
		f, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			return info{}, err
		}
		defer unix.Close(f)
		var s unix.Stat_t
		err = unix.Fstat(f, &s)
		return fromStat(&s), err
	}},
}

// abiStats asks in the ways that only this ABI has.
func abiStats() {
	newFileOf("f", 06755, 1, 2)
	newDirOf("d", 03750, 3, 4)
	newLink("f", "l")
	must(unix.Lchown("l", 5, 6), "lchown")
	newNode("c", unix.S_IFCHR|0640, 5, 1)
	newNode("b", unix.S_IFBLK|0660, 8, 17)
	for _, path := range []string{"f", "d", "l", "c", "b"} {
		statBy(abiStatSpellings, path)
	}
	for _, path := range []string{"none", "", "f/", longName(256), longPath(4096)} {
		statErrors(abiStatSpellings, path)
	}
}

func statErrors(spellings []statSpelling, path string) {
	for _, s := range spellings {
		_, err := s.stat(path)
		say("%s(%s) = %s", s.name, quote(path), errno(err))
	}
}

func everyStat(path string) { statBy(statSpellings, path) }

func statBy(spellings []statSpelling, path string) {
	for _, s := range spellings {
		i, err := s.stat(path)
		if err != nil {
			say("%s %s: %s", s.name, path, errno(err))
			continue
		}
		say("%s %s: %s", s.name, path, i)
	}
}

func statx(at fd, path any, flags, mask hex) (info, error) {
	var s unix.Statx_t
	_, e := call(unix.SYS_STATX, at, path, flags, mask, addr(&s))
	if e != 0 {
		return info{}, e
	}
	return fromStatx(&s), nil
}

func fstatat(at fd, path any, flags hex) (info, error) {
	var s unix.Stat_t
	_, e := call(sysFstatat, at, path, addr(&s), flags)
	if e != 0 {
		return info{}, e
	}
	return fromStat(&s), nil
}

func statxLine(at fd, path any, flags, mask hex) {
	i, err := statx(at, path, flags, mask)
	sayInfo(fmt.Sprintf("statx(%s)", list([]any{at, path, flags, mask})), i, err)
}

func fstatatLine(at fd, path any, flags hex) {
	i, err := fstatat(at, path, flags)
	sayInfo(fmt.Sprintf("fstatat(%s)", list([]any{at, path, flags})), i, err)
}

func sayInfo(what string, i info, err error) {
	if err != nil {
		say("%s = %s", what, errno(err))
		return
	}
	say("%s = %s", what, i)
}

// lookThroughFd prints what stat says about /proc/self/fd/N.
func lookThroughFd(label string, f fd) {
	i, err := fstatat(cwd, procFd(f), 0)
	sayInfo(label+" through /proc/self/fd", i, err)
}

func procFd(f fd) string { return fmt.Sprintf("/proc/self/fd/%d", int(f)) }
