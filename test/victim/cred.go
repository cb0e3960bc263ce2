//go:build linux

package main

import (
	"strings"

	"golang.org/x/sys/unix"
)

var credCases = []testCase{
	{"ids-at-start", "", func() {
		whoami()
		try("getuid", sysGetuid)
		try("geteuid", sysGeteuid)
		try("getgid", sysGetgid)
		try("getegid", sysGetegid)
	}},
	{"setuid-as-root", "", func() {
		setuid(1000)
		whoami()
		setuid(0)
		setuid(1001)
		setuid(1000)
		whoami()
	}},
	{"setgid-as-root", "", func() {
		setgid(1000)
		whoami()
		setgid(0)
		whoami()
	}},
	{"seteuid-and-back", "", func() {
		seteuid(1000)
		whoami()
		setuid(1001)
		seteuid(0)
		whoami()
		setresgid(-1, 1000, -1)
		whoami()
	}},
	{"setreuid", "", func() {
		setreuid(-1, 1000)
		whoami()
		setreuid(1000, 0)
		whoami()
		setreuid(1001, 1002)
		whoami()
		setreuid(1002, 1001)
		whoami()
		setreuid(0, -1)
		setreuid(-1, 0)
		whoami()
	}},
	{"setregid", "", func() {
		setregid(5, 6)
		whoami()
		setregid(-1, 5)
		whoami()
		setuid(1000)
		setregid(6, -1)
		setregid(-1, 6)
		setregid(7, 7)
		whoami()
	}},
	// kernel/sys.c __sys_setreuid: the saved id follows the effective one
	// when the real one is set.
	{"setreuid-saved", "", func() {
		setresuid(1000, 1001, 1002)
		whoami()
		setreuid(-1, 1002)
		whoami()
		setreuid(1000, -1)
		whoami()
	}},
	{"setresuid", "", func() {
		setresuid(1, 2, 3)
		whoami()
		for _, ids := range [][3]int64{{-1, 3, -1}, {2, -1, 1}, {4, -1, -1}, {-1, 0, -1}, {-1, -1, 2}, {3, 3, 3}, {-1, -1, -1}, {1, 1, 1}} {
			setresuid(ids[0], ids[1], ids[2])
			whoami()
		}
	}},
	{"setresgid", "", func() {
		setresgid(1, 2, 3)
		setresuid(1000, 1000, 1000)
		whoami()
		for _, ids := range [][3]int64{{-1, 3, -1}, {2, -1, 1}, {4, -1, -1}, {-1, 0, -1}, {3, 3, 3}} {
			setresgid(ids[0], ids[1], ids[2])
			whoami()
		}
	}},
	{"setfsuid", "", func() {
		setfsuid(1000)
		setfsuid(-1)
		whoami()
		setfsgid(1001)
		setfsgid(-1)
		whoami()
		seteuid(5)
		whoami()
	}},
	{"setfsuid-after-drop", "", func() {
		setresuid(1, 2, 3)
		for _, id := range []int64{1, 2, 3, 4, 0, -1} {
			setfsuid(id)
			setfsuid(-1)
		}
		whoami()
	}},
	{"setid-invalid", "", func() {
		setuid(-1)
		setgid(-1)
		setresuid(-1, -1, -1)
		setresgid(-1, -1, -1)
		setreuid(-1, -1)
		setregid(-1, -1)
		whoami()
	}},
	{"setid-big", "", func() {
		setgid(65536)
		setresgid(1<<31, 1<<32-5000, 65535)
		setresuid(65534, 65535, 1<<31)
		whoami()
	}},
	{"setuid-after-drop", "", func() {
		drop(1000, 1000)
		setuid(0)
		setuid(1000)
		seteuid(0)
		setreuid(0, 0)
		setresuid(0, -1, -1)
		setgid(0)
		setregid(0, 0)
		setresgid(0, 0, 0)
		setgroups()
		setgroups(1000)
		whoami()
	}},
	{"setuid-first-then-groups", "", func() {
		setgroups(5, 6)
		setuid(1000)
		setgid(1000)
		setgroups()
		whoami()
	}},
	{"setuid-saved-root", "", func() {
		setresuid(1000, 1000, 0)
		whoami()
		setuid(1001)
		seteuid(0)
		setuid(1001)
		whoami()
		seteuid(0)
	}},
	{"setgroups", "", func() {
		setgroups(7, 3, 5, 3)
		whoami()
		setgroups()
		whoami()
		setgroups(0, 65534, 1<<32-2)
		whoami()
		setgroups(1, 1<<32-1)
		whoami()
	}},
	{"setgroups-sizes", "", func() {
		setgroups(1, 2, 3)
		list := make([]uint32, 8)
		for _, size := range []int{0, 1, 2, 3, 4, -1} {
			n, e := call(sysGetgroups, size, addr(&list[0]))
			say("getgroups(%d) = %s", size, outcome(n, e))
		}
		for _, size := range []int{65537, -1} {
			n, e := call(sysSetgroups, size, addr(&list[0]))
			say("setgroups(%d) = %s", size, outcome(n, e))
		}
		many := make([]uint32, 65536)
		for i := range many {
			many[i] = uint32(65536 - i)
		}
		n, e := call(sysSetgroups, len(many), addr(&many[0]))
		say("setgroups(%d) = %s", len(many), outcome(n, e))
		got := groups()
		say("%d groups from %d to %d", len(got), got[0], got[len(got)-1])
	}},
	// security/commoncap.c cap_emulate_setxuid
	{"setuid-clears-capabilities", "", func() {
		setuid(1000)
		caps()
	}},
	{"seteuid-moves-capabilities", "", func() {
		seteuid(1000)
		caps()
		seteuid(0)
		caps()
		setresuid(1000, 1000, 0)
		caps()
		setresuid(1000, 1000, 1000)
		caps()
	}},
	{"setreuid-keeps-with-one-root", "", func() {
		setresuid(0, 1000, 1000)
		caps()
		seteuid(0)
		caps()
		setresuid(1000, 0, 1000)
		caps()
	}},
	{"setfsuid-moves-file-capabilities", "", func() {
		setfsuid(1000)
		caps()
		setfsuid(0)
		caps()
	}},
	{"keepcaps", "", func() {
		prctl("GET_KEEPCAPS", unix.PR_GET_KEEPCAPS)
		prctl("SET_KEEPCAPS", unix.PR_SET_KEEPCAPS, 2)
		prctl("SET_KEEPCAPS", unix.PR_SET_KEEPCAPS, 1)
		prctl("GET_KEEPCAPS", unix.PR_GET_KEEPCAPS)
		setuid(1000)
		caps()
		changeCaps("effective again", func(s *capSets) { s.effective = s.permitted })
		caps()
		setgid(7)
		whoami()
	}},
	{"setuid-no-fixup", "", func() {
		prctl("SECUREBITS", unix.PR_SET_SECUREBITS, 1<<2)
		setuid(1000)
		caps()
		setuid(0)
		whoami()
	}},
	{"exec-inherits-ids", "", func() {
		self := copySelf("v", 0755)
		setgroups(4, 5)
		setresgid(1, 2, 3)
		setresuid(1000, 1001, 1002)
		execute(self, "ids")
	}},
	{"root-again-after-exec", "", func() {
		self := copySelf("v", 0755)
		setresuid(1000, 1000, 0)
		execute(self, "ids")
		seteuid(0)
		execute(self, "ids")
	}},
}

func prctl(name string, args ...any) {
	n, e := call(unix.SYS_PRCTL, args...)
	say("prctl(%s) = %s", strings.TrimSuffix(name+", "+list(args[1:]), ", "), outcome(n, e))
}
