//go:build linux

package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Steps about ids and capabilities.

func stepCred(_ *walker, d *dice) {
	uid, gid := d.uid(), d.gid()
	switch d.below(16) {
	case 0, 1, 2, 3:
		seteuid(uid)
	case 4, 5, 6:
		setresuid(-1, 0, -1)
	case 7:
		setfsuid(uid)
	case 8:
		setfsgid(gid)
	case 9:
		setresgid(-1, gid, -1)
	case 10:
		setresgid(d.gid(), gid, d.gid())
	case 11:
		setgroups([][]int64{{}, {2000}, {2000, 2001}, {0}}[d.below(4)]...)
	case 12:
		setreuid(uid, d.uid())
	case 13:
		setuid(max(uid, 0))
	case 14:
		setresuid(uid, d.uid(), d.uid())
	case 15:
		setgid(max(gid, 0))
	}
	fmt.Print("   ")
	whoami()
	effective()
}

// effective prints the two sets of capabilities that decide.
func effective() {
	s, e := capget()
	must(e0(e), "capget")
	say("   caps effective %s; permitted %s", capList(s.effective), capList(s.permitted))
}

func stepCaps(_ *walker, d *dice) {
	c := one[uint](d, unix.CAP_CHOWN, unix.CAP_DAC_OVERRIDE, unix.CAP_DAC_READ_SEARCH, unix.CAP_FOWNER,
		unix.CAP_FSETID, unix.CAP_MKNOD, unix.CAP_SYS_ADMIN, unix.CAP_SETFCAP, unix.CAP_SETUID, unix.CAP_SETGID)
	switch d.below(8) {
	case 0, 1, 2:
		changeCaps(fmt.Sprint("drop effective ", c), func(s *capSets) { s.effective &^= 1 << c })
	case 3:
		changeCaps(fmt.Sprint("drop ", c), func(s *capSets) { s.effective &^= 1 << c; s.permitted &^= 1 << c })
	case 4, 5:
		changeCaps("all effective", func(s *capSets) { s.effective = s.permitted })
	case 6:
		prctl("SET_KEEPCAPS", unix.PR_SET_KEEPCAPS, d.below(2))
	case 7:
		prctl("CAPBSET_DROP", unix.PR_CAPBSET_DROP, int(c))
	}
	effective()
}
