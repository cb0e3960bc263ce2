//go:build linux

package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// The calls that change who we are. Raw calls change this thread only.

func setuid(id int64)           { try("setuid", sysSetuid, id) }
func setgid(id int64)           { try("setgid", sysSetgid, id) }
func seteuid(id int64)          { setresuid(-1, id, -1) }
func setreuid(r, e int64)       { try("setreuid", sysSetreuid, r, e) }
func setregid(r, e int64)       { try("setregid", sysSetregid, r, e) }
func setresuid(r, e, s int64)   { try("setresuid", sysSetresuid, r, e, s) }
func setresgid(r, e, s int64)   { try("setresgid", sysSetresgid, r, e, s) }
func setfsuid(id int64)         { try("setfsuid", sysSetfsuid, id) }
func setfsgid(id int64)         { try("setfsgid", sysSetfsgid, id) }
func setgroups(groups ...int64) { setgroupsList(groups) }

func setgroupsList(groups []int64) {
	_, e := call(sysSetgroups, len(groups), groupsArg(groups))
	say("setgroups(%v) = %s", groups, errno(e))
}

func groupsArg(groups []int64) ptr {
	raw := make([]uint32, len(groups)+1)
	for i, g := range groups {
		raw[i] = uint32(g)
	}
	return addr(&raw[0])
}

// drop becomes another user for good, as su does, and prints nothing.
func drop(uid, gid int64, groups ...int64) {
	for _, step := range []struct {
		nr   uintptr
		args []any
	}{
		{sysSetgroups, []any{len(groups), groupsArg(groups)}},
		{sysSetresgid, []any{gid, gid, gid}},
		{sysSetresuid, []any{uid, uid, uid}},
	} {
		if _, e := call(step.nr, step.args...); e != 0 {
			must(e, "drop")
		}
	}
}

// inThread runs f on a thread of its own, which starts with the credentials
// that the program was started with and ends with f.
func inThread(f func()) {
	done := make(chan struct{})
	go func() {
		runtime.LockOSThread() // never unlocked: the thread must not be used again
		defer close(done)
		f()
	}()
	<-done
}

// as runs f on a thread that has dropped to another user.
func as(uid, gid int64, f func()) {
	inThread(func() {
		drop(uid, gid)
		f()
	})
}

type resIDs struct{ r, e, s uint32 }

func getres(nr uintptr) resIDs {
	var v resIDs
	_, e := call(nr, addr(&v.r), addr(&v.e), addr(&v.s))
	if e != 0 {
		must(e, "getres*id")
	}
	return v
}

// groups are the supplementary groups as the kernel lists them.
func groups() []uint32 {
	n, e := call(sysGetgroups, 0, nil)
	if e != 0 {
		must(e, "getgroups")
	}
	list := make([]uint32, n+1)
	n, e = call(sysGetgroups, n, addr(&list[0]))
	if e != 0 {
		must(e, "getgroups")
	}
	return list[:n]
}

// whoami prints every id of this thread: real, effective, saved, file system.
func whoami() {
	u, g := getres(sysGetresuid), getres(sysGetresgid)
	fsuid, _ := call(sysSetfsuid, -1)
	fsgid, _ := call(sysSetfsgid, -1)
	say("uid %d %d %d %d gid %d %d %d %d groups %v",
		u.r, u.e, u.s, uint32(fsuid), g.r, g.e, g.s, uint32(fsgid), groups())
}

// Capabilities.

type capHeader struct {
	version uint32
	pid     int32
}

type capData struct{ effective, permitted, inheritable uint32 }

type capSets struct{ effective, permitted, inheritable uint64 }

const capVersion = unix.LINUX_CAPABILITY_VERSION_3

func capget() (capSets, unix.Errno) {
	header := capHeader{version: capVersion}
	var d [2]capData
	_, e := call(unix.SYS_CAPGET, addr(&header), addr(&d))
	join := func(low, high uint32) uint64 { return uint64(high)<<32 | uint64(low) }
	return capSets{
		join(d[0].effective, d[1].effective),
		join(d[0].permitted, d[1].permitted),
		join(d[0].inheritable, d[1].inheritable),
	}, e
}

func capset(s capSets) unix.Errno {
	header := capHeader{version: capVersion}
	d := [2]capData{
		{uint32(s.effective), uint32(s.permitted), uint32(s.inheritable)},
		{uint32(s.effective >> 32), uint32(s.permitted >> 32), uint32(s.inheritable >> 32)},
	}
	_, e := call(unix.SYS_CAPSET, addr(&header), addr(&d))
	return e
}

// changeCaps applies a change to the sets of this thread and prints how it went.
func changeCaps(what string, change func(s *capSets)) {
	s, e := capget()
	must(e0(e), "capget")
	change(&s)
	say("%s: %s", what, errno(capset(s)))
}

// without drops capabilities from the effective and permitted sets.
func without(caps ...uint) {
	s, e := capget()
	must(e0(e), "capget")
	for _, c := range caps {
		s.effective &^= 1 << c
		s.permitted &^= 1 << c
	}
	must(e0(capset(s)), "capset")
}

// e0 makes an error of an errno, nil of none.
func e0(e unix.Errno) error {
	if e == 0 {
		return nil
	}
	return e
}

// allCaps are the capabilities up to CAP_CHECKPOINT_RESTORE. CAP_SYS_RESOURCE
// counts as held whenever all the others are: machines that build often take
// it from root, and it decides about nothing that the cases ask for.
const allCaps = 1<<(unix.CAP_CHECKPOINT_RESTORE+1) - 1

var capNames = map[uint]string{
	unix.CAP_CHOWN: "chown", unix.CAP_DAC_OVERRIDE: "dac_override", unix.CAP_DAC_READ_SEARCH: "dac_read_search",
	unix.CAP_FOWNER: "fowner", unix.CAP_FSETID: "fsetid", unix.CAP_KILL: "kill", unix.CAP_SETGID: "setgid",
	unix.CAP_SETUID: "setuid", unix.CAP_SETPCAP: "setpcap", unix.CAP_NET_RAW: "net_raw",
	unix.CAP_SYS_ADMIN: "sys_admin", unix.CAP_MKNOD: "mknod", unix.CAP_SETFCAP: "setfcap",
}

func capList(set uint64) string {
	const resource = uint64(1) << unix.CAP_SYS_RESOURCE
	set = set&allCaps | resource
	missing := allCaps &^ set
	switch {
	case set == resource:
		return "none"
	case missing == 0:
		return "all"
	}
	if n := len(bits(missing)); n <= 10 {
		return "all but " + strings.Join(bits(missing), ",")
	}
	return strings.Join(bits(set&^resource), ",")
}

func bits(set uint64) []string {
	var names []string
	for c := range uint(64) {
		if set&(1<<c) == 0 {
			continue
		}
		if name, known := capNames[c]; known {
			names = append(names, name)
		} else {
			names = append(names, fmt.Sprint(c))
		}
	}
	slices.Sort(names)
	return names
}

// caps prints every capability set of this thread.
func caps() {
	s, e := capget()
	must(e0(e), "capget")
	say("caps effective %s; permitted %s; inheritable %s; bounding %s; ambient %s",
		capList(s.effective), capList(s.permitted), capList(s.inheritable),
		capList(prctlSet(func(c int) (int, unix.Errno) { return call(unix.SYS_PRCTL, unix.PR_CAPBSET_READ, c) })),
		capList(prctlSet(func(c int) (int, unix.Errno) {
			return call(unix.SYS_PRCTL, unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_IS_SET, c)
		})))
}

// prctlSet collects a set that prctl tells one capability at a time.
func prctlSet(has func(c int) (int, unix.Errno)) (set uint64) {
	for c := range int(unix.CAP_CHECKPOINT_RESTORE) + 1 {
		if n, e := has(c); e == 0 && n == 1 {
			set |= 1 << c
		}
	}
	return set
}
