//go:build linux

package main

import (
	"fmt"
	"os"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// Discretionary access: what the modes say, and to whom they do not apply.
// dacCases is in two halves: root passes, and others do not.
var dacCases = append([]testCase{
	{"root-opens-mode-zero", "", func() {
		newFileOf("mine", 0, 0, 0)
		newFileOf("other", 0, 1000, 1000)
		for _, path := range []string{"mine", "other"} {
			for _, flags := range []openFlags{unix.O_RDONLY, unix.O_WRONLY, unix.O_RDWR, unix.O_WRONLY | unix.O_TRUNC, unix.O_RDONLY | unix.O_NOATIME} {
				open(path, flags)
			}
			write(path, "text")
			look(path)
		}
	}},
	{"root-uses-dir-of-mode-zero", "", func() {
		newDir("d", 0755)
		newFile("d/f", 0)
		newDir("d/e", 0)
		chmod("d", 0)
		dirTypes("d")
		open("d/new", unix.O_CREAT|unix.O_WRONLY, octal(0))
		mkdir("d/e/x", 0)
		rename("d/f", "d/e/g")
		link("d/new", "d/e/h")
		symlink("t", "d/e/l")
		dirTypes("d/e")
		look("d", "d/new", "d/e", "d/e/g", "d/e/l")
		for _, name := range []string{"g", "h", "l"} {
			unlink("d/e/" + name)
		}
		rmdir("d/e")
		rmdir("d/e/x")
		rmdir("d/e")
		unlink("d/new")
		rmdir("d")
	}},
	{"root-writes-read-only-dir", "", func() {
		newDir("d", 0755)
		newFile("d/f", 0444)
		chmod("d", 0555)
		write("d/f", "text")
		open("d/g", unix.O_CREAT|unix.O_WRONLY, octal(0444))
		rename("d/f", "d/h")
		unlink("d/g")
		dirTypes("d")
		look("d", "d/h")
	}},
	{"root-chdir-mode-zero", "", func() {
		newDir("d", 0755)
		newFile("d/f", 0640)
		chmod("d", 0)
		try("chdir", unix.SYS_CHDIR, "d")
		look("f", ".")
		dirTypes(".")
		try("chdir", unix.SYS_CHDIR, "..")
		f := opened("d", unix.O_RDONLY)
		try("fchdir", unix.SYS_FCHDIR, f)
		look("f")
	}},
	{"root-access", "", func() {
		for _, mode := range []uint32{0, 0100, 0010, 0001, 0444, 0644, 0755} {
			newFileOf("f", mode, 1000, 1000)
			newDirOf("d", mode, 1000, 1000)
			say("mode %#o: file %s dir %s", mode, accessBits("f"), accessBits("d"))
			unlink("f")
			rmdir("d")
		}
	}},
	{"access-spellings", "", func() {
		newFile("f", 0)
		newLink("none", "l")
		f := opened("f", unix.O_PATH)
		try("access", sysAccess, "f", 6)
		try("faccessat", unix.SYS_FACCESSAT, cwd, "f", 6)
		try("faccessat2", unix.SYS_FACCESSAT2, cwd, "f", 6, hex(0))
		try("faccessat2", unix.SYS_FACCESSAT2, cwd, "f", 6, hex(unix.AT_EACCESS))
		try("faccessat2", unix.SYS_FACCESSAT2, f, "", 6, hex(unix.AT_EMPTY_PATH))
		try("faccessat2", unix.SYS_FACCESSAT2, f, "", 1, hex(unix.AT_EMPTY_PATH))
		try("faccessat2", unix.SYS_FACCESSAT2, cwd, "l", 0, hex(0))
		try("faccessat2", unix.SYS_FACCESSAT2, cwd, "l", 7, hex(unix.AT_SYMLINK_NOFOLLOW))
	}},
	{"access-errors", "", func() {
		newFile("f", 0644)
		for _, path := range []string{"none", "", "f/x", longPath(4096)} {
			access(path, 0)
		}
		access("f", 8)
		try("faccessat2", unix.SYS_FACCESSAT2, cwd, "f", 0, hex(0x40))
		try("faccessat2", unix.SYS_FACCESSAT2, fd(999), "f", 0, hex(0))
	}},
	// access asks with the real ids, open with the effective ones.
	{"access-real-and-effective", "", func() {
		newFile("f", 0600)
		setreuid(1000, 0)
		access("f", 4)
		try("faccessat2", unix.SYS_FACCESSAT2, cwd, "f", 4, hex(unix.AT_EACCESS))
		open("f", unix.O_RDONLY)
		setreuid(0, 1000)
		access("f", 4)
		try("faccessat2", unix.SYS_FACCESSAT2, cwd, "f", 4, hex(unix.AT_EACCESS))
		open("f", unix.O_RDONLY)
	}},
	{"root-changes-times", "", func() {
		newFileOf("f", 0, 1000, 1000)
		utimens("f", nil)
		utimens("f", &[2]unix.Timespec{{Sec: 1000}, {Sec: 2000}})
		var s unix.Stat_t
		must(unix.Stat("f", &s), "stat")
		say("mtime %d", s.Mtim.Sec)
	}},
	{"root-truncates-mode-zero", "", func() {
		newFileOf("f", 0, 1000, 1000)
		truncate("f", 10)
		look("f")
		newDir("d", 0)
		truncate("d", 0)
		truncate("none", 0)
	}},
	{"root-in-sticky-dir", "", func() {
		newDirOf("d", 01777, 5, 5)
		newFileOf("d/f", 0, 6, 6)
		rename("d/f", "d/g")
		unlink("d/g")
	}},
	{"root-opens-after-mode-change", "", func() {
		newFile("f", 0644)
		f := opened("f", unix.O_RDWR)
		fchmod(f, 0)
		n, err := unix.Write(int(f), []byte("text"))
		say("write: %d %s", n, errno(err))
		open("f", unix.O_RDWR)
		n, e := call(sysOpen, procFd(f), unix.O_RDWR)
		say("open through /proc: %s", errno(closeNew(n, e)))
	}},
}, slices.Concat(otherCases, othersCases)...)

// accessBits asks for each bit alone and for all of them.
func accessBits(path string) string {
	text := ""
	for _, bits := range []struct {
		name string
		mode uint32
	}{{"r", 4}, {"w", 2}, {"x", 1}, {"rwx", 7}} {
		err := unix.Access(path, bits.mode)
		text += fmt.Sprintf("%s:%s ", bits.name, errno(err))
	}
	return text
}

func utimens(path string, times *[2]unix.Timespec) {
	what, where := "now", ptr(0)
	if times != nil {
		what, where = "given", addr(times)
	}
	_, e := call(unix.SYS_UTIMENSAT, cwd, path, where, 0)
	say("utimensat(%q, %s) = %s", path, what, errno(e))
}

// openBits says which ways to open a path are allowed.
func openBits(path string) string {
	text := ""
	for _, way := range []struct {
		name  string
		flags int
	}{{"r", unix.O_RDONLY}, {"w", unix.O_WRONLY}, {"rw", unix.O_RDWR}} {
		f, err := unix.Open(path, way.flags, 0)
		if err == nil {
			unix.Close(f)
		}
		text += fmt.Sprintf("%s:%s ", way.name, errno(err))
	}
	return text
}

// startWaiting starts a child that waits until the returned function is
// called, which ends it and waits for it.
func startWaiting() (pid int, end func()) {
	copySelf("waiter", 0755)
	return startWaiter()
}

// startWaiter is startWaiting once more, which anybody may. The child has begun when it returns.
func startWaiter() (pid int, end func()) {
	r, w, err := os.Pipe()
	must(err, "pipe")
	began, begin, err := os.Pipe()
	must(err, "pipe")
	pid, err = syscall.ForkExec("./waiter", []string{"waiter", "-role", "wait"}, &syscall.ProcAttr{
		Env: os.Environ(), Files: []uintptr{r.Fd(), 1, 2, begin.Fd()},
	})
	must(err, "start")
	_, err = began.Read(make([]byte, 1))
	must(err, "read what the child says")
	return pid, func() {
		w.Close()
		wait(pid, "child")
	}
}
