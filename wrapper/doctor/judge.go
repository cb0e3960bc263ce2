package doctor

import (
	"fmt"
	"strings"
)

// Judge says what the facts mean.
func Judge(f *Facts) *Report {
	r := &Report{Schema: Schema, Level: Full, Status: StatusFull}
	f.judgeSystem(r)
	if f.OS != "linux" {
		return r
	}
	f.judgeSelf(r)
	f.judgeExperiments(r)
	f.judgePlatform(r)
	if f.Experiments["retTrace"].OK {
		f.judgeContested(r)
		f.judgeNewer(r)
	}
	f.judgeDirs(r)
	f.judgeLimits(r)
	return r
}

func (f *Facts) judgeSystem(r *Report) {
	if f.OS != "linux" {
		r.add(Finding{
			"system", Fatal, f.OS + " on " + f.Arch,
			"feign pack and feign manifest work here; feign run traces on Linux only",
			"run the action on Linux: in a container or a virtual machine",
		})
		return
	}
	r.ok("system", "Linux "+f.Kernel+" on "+f.Arch)
	if len(f.Sandbox) == 0 {
		r.ok("container", "none by evidence")
	}
	var kinds []string
	for _, s := range f.Sandbox {
		kinds = append(kinds, s.Kind+" ("+s.Evidence+")")
	}
	if len(kinds) > 0 {
		r.ok("container", join(kinds))
	}
}

func (f *Facts) judgeSelf(r *Report) {
	if f.Proc {
		r.ok("proc", "/proc is mounted")
	} else {
		r.add(Finding{"proc", Fatal, "/proc is not mounted", "feign run refuses: it reads there about its tracees", "mount -t proc proc /proc"})
	}
	if f.Tracer == "" {
		r.ok("tracer", "none: this process is not being traced")
	} else {
		r.add(Finding{
			"tracer", Fatal, "this process is being traced, by " + f.Tracer,
			"feign run refuses: a process has only one tracer", outside,
		})
	}
	switch {
	case f.Filters == 0:
		r.ok("outer-filter", "none: no seccomp filter is in force")
	default:
		r.add(Finding{
			"outer-filter", Note, count(f.Filters),
			"calls that sandboxes forbid are caught by SECCOMP_RET_TRAP, which outranks their answers; each costs a signal more",
			"nothing needs to be changed, unless a call is named below",
		})
	}
	f.judgeYama(r)
	switch {
	case f.CanChown && f.UID == 0:
		r.add(Finding{"user", Note, "root, with CAP_CHOWN", "owners and modes are remembered all the same, not set", "feign is meant for a user without privileges"})
	default:
		r.ok("user", fmt.Sprintf("uid %d, without CAP_CHOWN", f.UID))
	}
	switch {
	case f.UIDMap == "":
		r.ok("uid-map", "unknown")
	case f.MapsOne:
		r.ok("uid-map", f.UIDMap+": a single id, which does not matter: the kernel is never asked to change an owner")
	default:
		r.ok("uid-map", f.UIDMap)
	}
	if f.UserNS.OK {
		r.ok("user-namespaces", "permitted; feign needs none")
	} else {
		r.ok("user-namespaces", "refused ("+f.UserNS.Why+"); feign needs none")
	}
}

func count(filters int) string {
	switch {
	case filters < 0:
		return "a seccomp filter is in force"
	case filters == 1:
		return "1 seccomp filter is in force"
	}
	return fmt.Sprintf("%d seccomp filters are in force", filters)
}

// judgeYama tells of Yama's scope (Documentation/admin-guide/LSM/Yama.rst). Whether it matters is measured: scope 2 lets those
// with CAP_SYS_PTRACE trace.
func (f *Facts) judgeYama(r *Report) {
	if f.Yama < 0 {
		r.ok("yama", "not there")
		return
	}
	found := fmt.Sprintf("kernel.yama.ptrace_scope = %d", f.Yama)
	switch {
	case f.Yama == 0:
		r.ok("yama", found+": any process of the same user may be traced")
	case f.Yama == 1:
		r.ok("yama", found+": descendants may be traced, which is all that feign does")
	case f.Experiments["traceme"].OK:
		r.add(Finding{"yama", Note, found + ", and this process may trace nevertheless", "works as long as it keeps CAP_SYS_PTRACE", ""})
	case f.Yama == 2:
		r.add(Finding{"yama", Fatal, found + ": only CAP_SYS_PTRACE may trace", "feign run refuses", "sysctl kernel.yama.ptrace_scope=1"})
	default:
		r.add(Finding{
			"yama", Fatal, found + ": nobody may trace", "feign run refuses",
			"set kernel.yama.ptrace_scope=1 in /etc/sysctl.d and reboot: the kernel does not let it be lowered from 3",
		})
	}
}

// join lists names: "a", "a and b", "a, b and c".
func join(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
