package oldkernel

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib/bpf"
)

// An Age is a kernel to run as on.
type Age string

const (
	// Linux4_14 is the oldest kernel that feign is meant for. It lacks, among others, PTRACE_GET_SYSCALL_INFO,
	// SECCOMP_FILTER_FLAG_SPEC_ALLOW, pidfd_open(2), clone3(2), openat2(2), faccessat2(2), fchmodat2(2) and close_range(2).
	Linux4_14 Age = "4.14"
	// Linux4_10 lacks statx(2) too, as some sandboxes of newer ones do.
	Linux4_10 Age = "4.10"
)

// arches are the numbers that matter, for each kind of program that a machine may run.
var arches = []struct {
	audit           uint32
	ptrace, seccomp int
	last            int // of 4.14; statx(2) in all but i386, where it is the one before
	statx           int
	end             int // no table reaches this far
	// runtime are newer calls that stay: Go's runtime goes by the release that uname(2) tells (runtime/os_linux32.go).
	runtime []int
}{
	{unix.AUDIT_ARCH_X86_64, 101, 317, 332, 332, 1 << 30, nil},
	{unix.AUDIT_ARCH_I386, 26, 354, 384, 383, 1 << 30, timers64},
	{unix.AUDIT_ARCH_AARCH64, 117, 277, 291, 291, 1 << 30, nil},
	{unix.AUDIT_ARCH_ARM, 26, 383, 397, 397, 0xf0000, timers64}, // private calls from there on
	{unix.AUDIT_ARCH_RISCV64, 117, 277, 291, 291, 1 << 30, nil},
}

// timers64 are timer_settime64(2) and futex_time64(2).
var timers64 = []int{409, 422}

const (
	ptraceGetSyscallInfo = 0x420e

	// seccompFlags are SECCOMP_FILTER_FLAG_TSYNC and SECCOMP_FILTER_FLAG_LOG, which is all that 4.14 knows.
	seccompFlags = 3
)

// filter is the program that makes a kernel old.
func filter(age Age) ([]bpf.Insn, error) {
	if age != Linux4_14 && age != Linux4_10 {
		return nil, fmt.Errorf("no rules for Linux %q (use %s or %s)", age, Linux4_14, Linux4_10)
	}
	errno := func(e unix.Errno) bpf.Action { return bpf.Errno(uint16(e)) }
	var rules []bpf.ABIRules
	for _, a := range arches {
		r := bpf.ABIRules{
			Arch: a.audit,
			Rules: []bpf.Rule{
				// kernel/ptrace.c, ptrace_request: EIO for a request that it does not know.
				{NR: a.ptrace, When: []bpf.Test{{Arg: bpf.Arg0, Mask: ^uint32(0), Value: ptraceGetSyscallInfo}}, Action: errno(unix.EIO)},
				{NR: a.seccomp, When: []bpf.Test{
					{Arg: bpf.Arg0, Mask: ^uint32(0), Value: unix.SECCOMP_SET_MODE_FILTER},
					{Arg: bpf.Arg1, Op: bpf.NotEqual, Mask: ^uint32(seccompFlags)},
				}, Action: errno(unix.EINVAL)},
			},
			Ranges: []bpf.Range{{First: a.last + 1, Last: a.end - 1, Action: errno(unix.ENOSYS)}},
		}
		for _, nr := range a.runtime {
			r.Rules = append(r.Rules, bpf.Rule{NR: nr, Action: bpf.Allow})
		}
		if age == Linux4_10 {
			r.Rules = append(r.Rules, bpf.Rule{NR: a.statx, Action: errno(unix.ENOSYS)})
		}
		if a.audit == unix.AUDIT_ARCH_X86_64 {
			r.HighBit = bpf.Allow // x32: there is none
		}
		rules = append(rules, r)
	}
	return bpf.Compile(rules, bpf.Allow)
}
