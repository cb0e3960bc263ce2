//go:build linux

package main

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

var execCases = []testCase{
	{"exec-as-root", "", func() { execute(copySelf("v", 0755), "ids") }},
	{"exec-after-drop", "", func() {
		self := copySelf("v", 0755)
		drop(1000, 1001, 5, 6)
		execute(self, "ids")
	}},
	{"exec-after-seteuid", "", func() {
		self := copySelf("v", 0755)
		seteuid(1000)
		execute(self, "ids")
		seteuid(0)
		setreuid(1000, 0)
		execute(self, "ids")
	}},
	{"exec-suid-root", "", func() {
		self := copySelf("v", 04755)
		drop(1000, 1000)
		execute(self, "ids")
	}},
	{"exec-suid-other", "", func() {
		self := copySelf("v", 0755)
		give(self, 04755, 1001, 1002)
		execute(self, "ids")
		as(1000, 1000, func() { execute(self, "ids") })
	}},
	{"exec-sgid", "", func() {
		self := copySelf("v", 0755)
		give(self, 02755, 1001, 1002)
		execute(self, "ids")
		as(1000, 1000, func() { execute(self, "ids") })
	}},
	{"exec-suid-sgid", "", func() {
		self := copySelf("v", 0755)
		give(self, 06755, 1001, 1002)
		as(1000, 1000, func() { execute(self, "ids") })
		as(1001, 1002, func() { execute(self, "ids") })
	}},
	// fs/exec.c bprm_fill_uid: without group execute it is a mandatory lock.
	{"exec-sgid-without-group-exec", "", func() {
		self := copySelf("v", 0755)
		give(self, 02745, 1001, 1002)
		as(1000, 1000, func() { execute(self, "ids") })
	}},
	{"exec-suid-not-executable-for-us", "", func() {
		self := copySelf("v", 04750)
		as(1000, 1000, func() { execute(self, "ids") })
		as(1000, 0, func() { execute(self, "ids") })
	}},
	{"exec-suid-cleared-by-chown", "", func() {
		self := copySelf("v", 04755)
		chown(self, 1001, 1001)
		as(1000, 1000, func() { execute(self, "ids") })
	}},
	{"exec-suid-by-other-name", "", func() {
		self := copySelf("v", 04755)
		rename(self, "w")
		link("w", "x")
		symlink("x", "y")
		as(1000, 1000, func() { execute("./y", "ids") })
	}},
	{"exec-suid-no-new-privs", "", func() {
		self := copySelf("v", 06755)
		caps := copySelf("c", 0755)
		setFileCaps(caps, netRaw)
		as(1000, 1000, func() {
			prctl("SET_NO_NEW_PRIVS", unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
			execute(self, "ids")
			execute(caps, "ids")
		})
	}},
	{"exec-suid-and-back", "", func() {
		self := copySelf("v", 04755)
		drop(1000, 1000)
		execute(self, "there-and-back")
	}},
	{"exec-suid-creates", "", func() {
		self := copySelf("v", 04755)
		newDir("d", 0777)
		drop(1000, 1000)
		execute(self, "create", "d/f")
		look("d/f")
		open("d/f", unix.O_WRONLY)
	}},
	{"exec-suid-script", "", func() {
		copySelf("v", 0755)
		newFile("s", 0755)
		fill("s", "#!./v -role=ids\n")
		give("s", 06755, 1001, 1001)
		as(1000, 1000, func() { executeRaw("./s") })
	}},
	{"exec-suid-interpreter", "", func() {
		copySelf("v", 04755)
		newFile("s", 0755)
		fill("s", "#!./v -role=ids\n")
		as(1000, 1000, func() { executeRaw("./s") })
	}},
	{"exec-file-capability", "", func() {
		self := copySelf("v", 0755)
		setFileCaps(self, netRaw)
		execute(self, "ids")
		as(1000, 1000, func() { execute(self, "ids") })
	}},
	{"exec-file-capability-not-effective", "", func() {
		self := copySelf("v", 0755)
		b := []byte(fileCaps(netRaw))
		b[0] = 0
		must(unix.Setxattr(self, "security.capability", b, 0), "setxattr")
		as(1000, 1000, func() { execute(self, "ids") })
	}},
	{"exec-file-capability-inheritable", "", func() {
		self := copySelf("v", 0755)
		b := []byte(fileCaps(netRaw))
		copy(b[4:8], []byte{0, 0, 0, 0})
		b[9] = 1 << (netRaw - 8) // inheritable, low word
		must(unix.Setxattr(self, "security.capability", b, 0), "setxattr")
		as(1000, 1000, func() { execute(self, "ids") })
		inThread(func() {
			changeCaps("inheritable", func(s *capSets) { s.inheritable = 1 << netRaw })
			drop(1000, 1000)
			execute(self, "ids")
		})
	}},
	// commoncap.c bprm_caps_from_vfs_caps: what cannot be given is an error.
	{"exec-file-capability-not-bounded", "", func() {
		self := copySelf("v", 0755)
		setFileCaps(self, netRaw)
		inThread(func() {
			prctl("CAPBSET_DROP", unix.PR_CAPBSET_DROP, netRaw)
			drop(1000, 1000)
			execute(self, "ids")
		})
	}},
	{"exec-file-capability-and-suid", "", func() {
		self := copySelf("v", 04755)
		setFileCaps(self, netRaw)
		as(1000, 1000, func() { execute(self, "ids") })
	}},
	{"exec-keeps-bounding", "", func() {
		self := copySelf("v", 0755)
		prctl("CAPBSET_DROP", unix.PR_CAPBSET_DROP, netRaw)
		execute(self, "ids")
	}},
	{"exec-ambient", "", func() {
		self := copySelf("v", 0755)
		suid := copySelf("s", 04755)
		changeCaps("inheritable", func(s *capSets) { s.inheritable = 1 << netRaw })
		prctl("AMBIENT raise", unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, netRaw, 0, 0)
		prctl("SET_KEEPCAPS", unix.PR_SET_KEEPCAPS, 1)
		setuid(1000)
		changeCaps("again", func(s *capSets) { s.inheritable = 1 << netRaw })
		prctl("AMBIENT raise", unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, netRaw, 0, 0)
		execute(self, "ids")
		execute(suid, "ids")
	}},
	{"exec-keepcaps-ends", "", func() {
		self := copySelf("v", 0755)
		prctl("SET_KEEPCAPS", unix.PR_SET_KEEPCAPS, 1)
		setuid(1000)
		caps()
		execute(self, "ids")
	}},
	{"exec-securebits-noroot", "", func() {
		self := copySelf("v", 0755)
		prctl("SET_SECUREBITS", unix.PR_SET_SECUREBITS, 1)
		execute(self, "ids")
	}},
	{"exec-restores-dropped", "", func() {
		self := copySelf("v", 0755)
		changeCaps("none", func(s *capSets) { *s = capSets{} })
		execute(self, "ids")
	}},
	{"exec-execveat", "", func() {
		self := copySelf("v", 04755)
		copySelf("helper", 0755)
		f := opened(self, unix.O_PATH)
		as(1000, 1000, func() { executeAt(f, "ids") })
	}},
	{"exec-from-thread", "", func() {
		self := copySelf("v", 0755)
		newDir("d", 0777)
		as(1000, 1001, func() { execute(self, "create", "d/f") })
		execute(self, "create", "d/g")
		look("d/f", "d/g")
	}},
	// A thread that is not the leader becomes the process, with its own ids.
	{"exec-replaces-from-thread", "", func() {
		self := copySelf("v", 0755)
		as(1000, 1001, func() {
			must(unix.Exec(self, []string{self, "-role", "ids"}, os.Environ()), "exec")
		})
	}},
	{"exec-errors", "", func() {
		newFile("none-x", 0644)
		newFile("empty", 0755)
		newFile("text", 0755)
		fill("text", "just text\n")
		newFile("no-interpreter", 0755)
		fill("no-interpreter", "#!/none/such\n")
		newDir("d", 0755)
		newLink("loop", "loop")
		for _, path := range []string{"none", "none-x", "text", "no-interpreter", "d", "loop", "text/x", "", longPath(4096)} {
			executeRaw(path)
		}
	}},
	{"exec-modes-as-root", "", func() {
		for _, mode := range []uint32{0, 0644, 0100, 0010, 0001, 0111} {
			self := copySelf("v", 0755)
			give(self, mode, 1001, 1001)
			execute(self, "nothing")
			unlink("v")
		}
	}},
	{"exec-modes-as-other", "", func() {
		newDir("d", 0755)
		self := copySelf("d/v", 0755)
		for _, mode := range []uint32{0711, 0700, 0766, 0755} {
			must(unix.Chmod(self, mode), "chmod")
			as(1000, 1000, func() { execute(self, "nothing") })
		}
		must(unix.Chmod("d", 0700), "chmod")
		as(1000, 1000, func() { execute(self, "nothing") })
	}},
}

// copySelf copies this program, for a case to change and to execute.
func copySelf(path string, mode uint32) string {
	text, err := os.ReadFile("/proc/self/exe")
	must(err, "read own file")
	must(os.WriteFile(path, text, 0600), "copy to "+path)
	must(unix.Chmod(path, mode), "chmod "+path)
	return "./" + path
}

// execute runs a copy of this program in a role, from this thread, and waits.
func execute(path, role string, args ...string) {
	executeRaw(path, append([]string{"-role", role}, args...)...)
}

func executeRaw(path string, args ...string) {
	child, err := start(path, args...)
	if err != nil {
		say("exec %s: %s", quote(path), errno(err))
		return
	}
	wait(child, path)
}

func start(path string, args ...string) (int, error) {
	return syscall.ForkExec(path, append([]string{path}, args...), &syscall.ProcAttr{
		Env: os.Environ(), Files: []uintptr{0, 1, 2},
	})
}

// startWith starts a role with a file as its standard input.
func startWith(stdin *os.File, path, role string, args ...string) (int, error) {
	return syscall.ForkExec(path, append([]string{path, "-role", role}, args...), &syscall.ProcAttr{
		Env: os.Environ(), Files: []uintptr{stdin.Fd(), 1, 2},
	})
}

func wait(child int, what string) {
	var status unix.WaitStatus
	_, err := unix.Wait4(child, &status, 0, nil)
	must(err, "wait")
	if status.Signaled() {
		say("%s: signal %d", what, status.Signal())
		return
	}
	say("%s: exit %d", what, status.ExitStatus())
}

// executeAt runs an open file by execveat, from a program that is handed the
// descriptor.
func executeAt(f fd, role string) {
	helper := "./helper"
	child, err := syscall.ForkExec(helper, []string{helper, "-role", "exec-at", role}, &syscall.ProcAttr{
		Env: os.Environ(), Files: []uintptr{0, 1, 2, uintptr(f)},
	})
	must(err, "exec helper")
	wait(child, "execveat")
}
