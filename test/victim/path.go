//go:build linux

package main

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// longName is a name of n bytes, longPath a path of n bytes that would be
// ".", if it is not too long.
func longName(n int) string { return strings.Repeat("n", n) }

func longPath(n int) string { return strings.Repeat("./", n/2) + strings.Repeat(".", n%2) }

var pathCases = []testCase{
	{"path-lengths", "", func() {
		for _, n := range []int{255, 256} {
			mkdir(longName(n), 0755)
			chown(longName(n), 1, 2)
		}
		for _, n := range []int{4094, 4095, 4096, 5000} {
			chown(longPath(n), 3, 4)
			try("chdir", unix.SYS_CHDIR, longPath(n))
		}
		look(".")
	}},
	{"path-odd-names", "", func() {
		for i, name := range []string{"with space", "new\nline", "\xff\xfe", "-dash", "%s%n", "tab\t", "\\back", "ünï"} {
			newFileOf(name, 04711, i+1, i+2)
			say("%q: %s", name, ownerOf(name))
			must(unix.Rename(name, name+"'"), "rename")
			say("%q: %s", name+"'", ownerOf(name+"'"))
		}
	}},
	// Deeper than any path may be long.
	{"path-deep", "", func() {
		const depth = 40
		name := longName(200)
		for i := range depth {
			must(unix.Mkdir(name, 0755), "mkdir")
			must(unix.Chown(name, i, i+1), "chown")
			must(unix.Chdir(name), "chdir")
		}
		newFileOf("f", 04755, 7, 8)
		look("f", ".")
		link("f", "g")
		chown("g", 9, 9)
		unlink("f")
		look("g")
		unlink("g")
		wrong := 0
		for i := depth - 1; i >= 0; i-- {
			must(unix.Chdir(".."), "chdir")
			if ownerOf(name) != fmt.Sprintf("0755 %d:%d", i, i+1) {
				wrong++
			}
			must(unix.Rmdir(name), "rmdir")
		}
		say("%d wrong", wrong)
	}},
	{"path-symlink-chain", "", func() {
		newFileOf("l0", 0644, 1, 2)
		for i := range 41 {
			newLink(fmt.Sprint("l", i), fmt.Sprint("l", i+1))
		}
		lookThrough("l1", "l40", "l41")
		chown("l40", 3, 4)
		chown("l41", 5, 6)
		look("l0")
	}},
	{"path-nofollow", "", func() {
		newFileOf("f", 0644, 1, 2)
		newLink("f", "l")
		open("l", unix.O_RDONLY|unix.O_NOFOLLOW)
		open("l", unix.O_PATH|unix.O_NOFOLLOW)
		open("l", unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY, octal(0644))
		open("f/", unix.O_RDONLY)
		open("f", unix.O_RDONLY|unix.O_DIRECTORY)
	}},
	{"path-openat2-resolve", "", func() {
		newDir("d", 0755)
		newFileOf("d/f", 0, 1, 2)
		newLink("f", "d/l")
		newLink("/etc/passwd", "d/abs")
		d := opened("d", unix.O_PATH)
		for _, resolve := range []uint64{0, unix.RESOLVE_BENEATH, unix.RESOLVE_IN_ROOT, unix.RESOLVE_NO_SYMLINKS, unix.RESOLVE_NO_XDEV} {
			for _, path := range []string{"f", "l", "abs", "../d/f"} {
				how := unix.OpenHow{Flags: unix.O_RDONLY, Resolve: resolve}
				n, e := call(unix.SYS_OPENAT2, d, path, addr(&how), unix.SizeofOpenHow)
				say("%#x %s: %s", resolve, path, errno(closeNew(n, e)))
			}
		}
	}},
	{"path-readlink", "", func() {
		newLink("target", "l")
		newFile("f", 0644)
		l := opened("l", unix.O_PATH|unix.O_NOFOLLOW)
		for _, size := range []int{3, 6, 20} {
			try("readlink", sysReadlink, "l", make([]byte, size), size)
		}
		try("readlink", sysReadlink, "f", make([]byte, 9), 9)
		try("readlink", sysReadlink, "none", make([]byte, 9), 9)
		try("readlink", sysReadlink, "l", make([]byte, 9), 0)
		try("readlinkat", unix.SYS_READLINKAT, l, "", make([]byte, 9), 9)
		try("readlinkat", unix.SYS_READLINKAT, cwd, "l", make([]byte, 9), 9)
	}},
	{"path-getcwd", "", func() {
		newDir("d", 0)
		must(unix.Chdir("d"), "chdir")
		wd, err := unix.Getwd()
		say("ends in /d: %v %s", strings.HasSuffix(wd, "/d"), errno(err))
		must(unix.Rmdir("../d"), "rmdir")
		_, err = unix.Getwd()
		say("removed: %s", errno(err))
		open("f", unix.O_CREAT|unix.O_WRONLY, octal(0644))
		look(".")
	}},
	{"path-dots", "", func() {
		newDir("d", 0755)
		newDir("d/e", 0755)
		newFile("d/f", 0644)
		chown("d/../d/./f", 1, 2)
		chown("./d//e/../f", 3, -1)
		chown("d/e/..", 5, 6)
		look("d", "d/f")
		try("chdir", unix.SYS_CHDIR, "d/e")
		chown("../f", 7, 8)
		look("../f", "..")
	}},
	{"path-absolute", "", func() {
		wd, err := unix.Getwd()
		must(err, "getwd")
		newFile("f", 0644)
		must(unix.Chown(wd+"/f", 1, 2), "chown")
		must(unix.Chown("/proc/self/cwd/f", -1, 3), "chown")
		look("f")
		_, e := call(unix.SYS_FCHOWNAT, 999, wd+"/f", 4, -1, 0)
		say("an absolute path needs no descriptor: %s", errno(e))
		look("f")
	}},
}
