package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib/bpf"
)

func init() { victims["outer"] = victimOuter }

// auditArch are the architectures as filters see them.
var auditArch = map[string]uint32{
	"386": unix.AUDIT_ARCH_I386, "amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64, "riscv64": unix.AUDIT_ARCH_RISCV64,
}

// setID is a test that a mode has suid or sgid; a filter's tests are ANDed, so there is a rule for each bit.
func setID(nr int, arg bpf.Word) []bpf.Rule {
	var rules []bpf.Rule
	for _, bit := range []uint32{unix.S_ISUID, unix.S_ISGID} {
		rules = append(rules, bpf.Rule{
			NR: nr, Action: bpf.Errno(uint16(unix.EPERM)),
			When: []bpf.Test{{Arg: arg, Op: bpf.Equal, Mask: bit, Value: bit}},
		})
	}
	return rules
}

// outerRules are filters of sandboxes, of calls that all architectures have.
var outerRules = map[string]func() []bpf.Rule{
	// Nix's builder (libstore, setupSeccomp).
	"nix": func() []bpf.Rule {
		rules := append(setID(unix.SYS_FCHMOD, bpf.Arg1), setID(unix.SYS_FCHMODAT, bpf.Arg2)...)
		for _, nr := range []int{unix.SYS_SETXATTR, unix.SYS_FSETXATTR, unix.SYS_GETXATTR, unix.SYS_LISTXATTR} {
			rules = append(rules, bpf.Rule{NR: nr, Action: bpf.Errno(uint16(unix.ENOTSUP))})
		}
		return rules
	},
	// One that nobody should write.
	"nochown": func() []bpf.Rule {
		return []bpf.Rule{
			{NR: unix.SYS_FCHOWNAT, Action: bpf.Errno(uint16(unix.EPERM))},
			{NR: unix.SYS_MKNODAT, Action: bpf.KillProcess},
			{NR: unix.SYS_REMOVEXATTR, Action: bpf.Trap(0)},
		}
	},
}

// victimOuter runs a command under a sandbox's filter: outer NAME COMMAND...
func victimOuter(args []string) error {
	rules, ok := outerRules[args[0]]
	if !ok {
		return fmt.Errorf("outer %s: not known", args[0])
	}
	path, err := exec.LookPath(args[1])
	if err != nil {
		return err
	}
	abi := bpf.ABIRules{Arch: auditArch[runtime.GOARCH], HighBit: bpf.Allow, Rules: rules()}
	program, err := bpf.Compile([]bpf.ABIRules{abi}, bpf.Allow)
	if err != nil {
		return err
	}
	runtime.LockOSThread() // the filter is the thread's, and so is the execve
	if err := installProgram(program); err != nil {
		return err
	}
	return unix.Exec(path, args[1:], os.Environ())
}
