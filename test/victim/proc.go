//go:build linux

package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

var procCases = []testCase{
	{"proc-status-ids", "", func() { sayStatus("/proc/self/status", "Uid", "Gid", "Groups") }},
	{"proc-status-capabilities", "", func() {
		sayStatus("/proc/self/status", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs")
	}},
	{"proc-status-tracer", "", func() { sayStatus("/proc/self/status", "TracerPid", "Seccomp") }},
	{"proc-status-after-changes", "", func() {
		setgroups(9, 8)
		setresgid(1, 2, 3)
		setfsgid(2)
		changeCaps("inheritable", func(s *capSets) { s.inheritable = 1 << netRaw })
		prctl("CAPBSET_DROP", unix.PR_CAPBSET_DROP, unix.CAP_MKNOD)
		prctl("AMBIENT raise", unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, netRaw, 0, 0)
		prctl("SET_NO_NEW_PRIVS", unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
		setresuid(1000, 1001, 1002)
		sayStatus("/proc/self/status")
		sayStatus(fmt.Sprintf("/proc/%d/status", unix.Getpid()))
	}},
	{"proc-status-of-thread", "", func() {
		as(1000, 1001, func() {
			sayStatus("/proc/thread-self/status")
			sayStatus(fmt.Sprintf("/proc/self/task/%d/status", unix.Gettid()))
			sayStatus("/proc/self/status")
		})
	}},
	{"proc-status-of-child", "", func() {
		self := copySelf("waiter", 0755)
		r, w, err := os.Pipe()
		must(err, "pipe")
		var pid int
		as(1000, 1001, func() { pid, err = startWith(r, self, "wait") })
		must(err, "start")
		sayStatus(fmt.Sprintf("/proc/%d/status", pid))
		w.Close()
		wait(pid, "child")
	}},
	{"proc-status-after-exec", "", func() {
		self := copySelf("v", 04755)
		as(1000, 1001, func() { execute(self, "status") })
	}},
	{"proc-status-in-pieces", "", func() {
		setresuid(1000, 1001, 0)
		whole, err := os.ReadFile("/proc/self/status")
		must(err, "read")
		f := opened("/proc/self/status", unix.O_RDONLY)
		var pieces []byte
		b := make([]byte, 7)
		for {
			n, err := unix.Read(int(f), b)
			must(err, "read")
			if n == 0 {
				break
			}
			pieces = append(pieces, b[:n]...)
		}
		say("%v", statusLine(string(pieces), "Uid") == statusLine(string(whole), "Uid"))
		say("%s", statusLine(string(pieces), "Uid"))
		n, err := unix.Pread(int(f), b, 1)
		say("pread: %q %s", b[:n], errno(err))
	}},
	{"proc-uid-map", "", func() {
		for _, file := range []string{"uid_map", "gid_map", "setgroups"} {
			text, err := os.ReadFile("/proc/self/" + file)
			say("%s: %v %s", file, strings.Fields(string(text)), errno(err))
		}
	}},
	{"proc-files-belong-to", "", func() {
		sayProcFiles()
	}},
	// fs/proc/base.c task_dump_owner: to the effective ids, after an exec.
	{"proc-files-belong-to-other", "", func() {
		self := copySelf("v", 0755)
		newDir("d", 0777)
		as(1000, 1001, func() { execute(self, "proc-files", "d/f") })
	}},
	{"proc-fd-links", "", func() {
		newFileOf("f", 0640, 1, 2)
		f := opened("f", unix.O_RDONLY)
		b := make([]byte, 4096)
		n, err := unix.Readlink(procFd(f), b)
		say("ends in /f: %v %s", strings.HasSuffix(string(b[:max(n, 0)]), "/f"), errno(err))
	}},
}

func sayProcFiles() {
	for _, path := range []string{"/proc/self/status", "/proc/self/fd", "/proc/self/exe", "/proc/self/task"} {
		say("%s: %s", path, ownerOf(path))
	}
}

// statusFields are the lines of /proc/PID/status that tell credentials.
var statusFields = []string{"Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs"}

// sayStatus prints lines of a status file: the capability sets by name.
func sayStatus(path string, fields ...string) {
	if fields == nil {
		fields = statusFields
	}
	text, err := os.ReadFile(path)
	must(err, "read status")
	for _, field := range fields {
		line := statusLine(string(text), field)
		if strings.HasPrefix(field, "Cap") {
			var set uint64
			fmt.Sscanf(line, "%x", &set)
			line = capList(set)
		}
		say("%s: %s", field, line)
	}
}

// statusLine is what stands behind a field, or "missing".
func statusLine(text, field string) string {
	for line := range strings.Lines(text) {
		if value, found := strings.CutPrefix(line, field+":"); found {
			return strings.Join(strings.Fields(value), " ")
		}
	}
	return "missing"
}
