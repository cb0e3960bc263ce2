//go:build linux

package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// play is what a case executes: the program seen from behind an exec.
func play(role string, args []string) {
	switch role {
	case "nothing":
	case "ids":
		whoami()
		caps()
		sayAuxv()
		n, e := call(unix.SYS_PRCTL, unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
		say("no new privileges %s", outcome(n, e))
	case "there-and-back":
		whoami()
		seteuid(1000)
		whoami()
		seteuid(0)
		whoami()
		setuid(1000)
		seteuid(0)
		whoami()
	case "create":
		newFile(args[0], 0644)
	case "exec-at":
		// The descriptor was handed down as 3.
		_, e := call(unix.SYS_EXECVEAT, 3, "", stringVector("v", "-role", args[0]), stringVector(), unix.AT_EMPTY_PATH)
		say("execveat: %s", errno(e))
		os.Exit(1)
	case "wait":
		// Until the other end of standard input is closed; who waits for the beginning is told.
		unix.Write(3, []byte("."))
		unix.Read(0, make([]byte, 1))
	case "connect":
		s, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		must(err, "socket")
		must(unix.Connect(s, &unix.SockaddrUnix{Name: args[0]}), "connect")
		for range 2 {
			unix.Read(0, make([]byte, 1))
			unix.Write(s, []byte("."))
		}
	case "proc-files":
		sayProcFiles()
		newFile(args[0], 0644)
		n, e := call(sysChmod, procFd(opened(args[0], unix.O_PATH)), 0640)
		say("chmod of /proc/self/fd: %s", outcome(n, e))
		look(args[0])
	case "walker":
		playWalker(args)
	case "read-only":
		playReadOnly(args[0])
	case "status":
		sayStatus("/proc/self/status")
	default:
		say("victim: no role %q", role)
		os.Exit(2)
	}
}

// sayAuxv prints what the kernel told the program about itself at exec.
func sayAuxv() {
	const atUID, atEUID, atGID, atEGID, atSecure = 11, 12, 13, 14, 23
	v := map[uintptr]uintptr{}
	pairs := auxv()
	for i := 0; i+1 < len(pairs); i += 2 {
		v[pairs[i]] = pairs[i+1]
	}
	say("auxv uid %d %d gid %d %d secure %d", v[atUID], v[atEUID], v[atGID], v[atEGID], v[atSecure])
}
