package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// An arch is one of the architectures that tables are written for.
type arch struct {
	goarch string // names x/sys's file and ours
	table  string // suffix of the Go table
	uid16  bool   // has the old calls with 16-bit ids, and *32 calls beside them
}

var arches = []arch{
	{"amd64", "AMD64", false},
	{"386", "386", true},
	{"arm64", "ARM64", false},
	{"arm", "ARM", true},
	{"riscv64", "RISCV64", false},
}

// maxNR bounds the numbers: a table is an array, and x/sys has no number above it (the private calls of 32-bit arm at
// 0xf0000 are not in its list).
const maxNR = 1023

// newest lists calls that the selected x/sys may not know yet. Since Linux 5.1 a new call has the same number
// on every architecture of ours (scripts/syscall.tbl).
var newest = map[string]int{
	"setxattrat":       463,
	"getxattrat":       464,
	"listxattrat":      465,
	"removexattrat":    466,
	"open_tree_attr":   467,
	"file_getattr":     468,
	"file_setattr":     469,
	"listns":           470,
	"rseq_slice_yield": 471,
}

// notCalls are constants of unistd.h that look like system calls to x/sys's generator.
var notCalls = map[string]bool{
	"arch_specific_syscall": true, // first of 16 numbers that an architecture of the generic table may define
	"syscall_mask":          true, // arm: __NR_SYSCALL_MASK, OABI or Thumb base
}

// uid16 lists the calls that exist twice on 32-bit ABIs: "chown" with 16-bit ids (kernel/uid16.c) and "chown32".
var uid16 = []string{
	"chown", "lchown", "fchown",
	"getuid", "geteuid", "getgid", "getegid",
	"setuid", "setgid", "setreuid", "setregid",
	"setresuid", "getresuid", "setresgid", "getresgid",
	"setfsuid", "setfsgid", "getgroups", "setgroups",
}

// x32 has amd64's numbers, but calls that read structures with pointers were given new ones from 512
// (arch/x86/entry/syscalls/syscall_64.tbl, "x32 specific syscalls"). Their old numbers fail with ENOSYS, and so do the
// calls that are marked "64" without a replacement here.
var x32 = map[int]string{
	512: "rt_sigaction", 513: "rt_sigreturn", 514: "ioctl", 515: "readv", 516: "writev", 517: "recvfrom", 518: "sendmsg",
	519: "recvmsg", 520: "execve", 521: "ptrace", 522: "rt_sigpending", 523: "rt_sigtimedwait", 524: "rt_sigqueueinfo",
	525: "sigaltstack", 526: "timer_create", 527: "mq_notify", 528: "kexec_load", 529: "waitid", 530: "set_robust_list",
	531: "get_robust_list", 532: "vmsplice", 533: "move_pages", 534: "preadv", 535: "pwritev", 536: "rt_tgsigqueueinfo",
	537: "recvmmsg", 538: "sendmmsg", 539: "process_vm_readv", 540: "process_vm_writev", 541: "setsockopt",
	542: "getsockopt", 543: "io_setup", 544: "io_submit", 545: "execveat", 546: "preadv2", 547: "pwritev2",
}

// x32Lacks lists calls of amd64 that x32 does not have (marked "64" in the same table, not replaced).
var x32Lacks = []string{
	"uselib", "_sysctl", "create_module", "get_kernel_syms", "query_module", "nfsservctl", "set_thread_area",
	"get_thread_area", "epoll_ctl_old", "epoll_wait_old", "vserver", "uretprobe", "uprobe",
}

// A table maps numbers to canonical names.
type table map[int]string

// tables reads the numbers of every architecture from dir, the source of golang.org/x/sys/unix.
func tables(dir string) (map[string]table, error) {
	all := make(map[string]table)
	for _, a := range arches {
		names, err := readNumbers(filepath.Join(dir, "zsysnum_linux_"+a.goarch+".go"))
		if err != nil {
			return nil, err
		}
		t, err := canonical(a, names)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.goarch, err)
		}
		all[a.table] = t
	}
	all["X32"] = x32Table(all["AMD64"])
	return all, nil
}

var numberLine = regexp.MustCompile(`(?m)^\s+SYS_(\w+)\s+= (\d+)$`)

// readNumbers returns the constants of one file of x/sys, with the names in lower case.
func readNumbers(file string) (map[string]int, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	names := make(map[string]int)
	for _, m := range numberLine.FindAllSubmatch(text, -1) {
		nr, err := strconv.Atoi(string(m[2]))
		if err != nil || nr > maxNR {
			return nil, fmt.Errorf("%s: number of %s out of range: %s", file, m[1], m[2])
		}
		names[strings.ToLower(string(m[1]))] = nr
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: no numbers found", file)
	}
	return names, nil
}

// canonical gives the calls of one architecture their names in ptlib and turns the list into a table.
func canonical(a arch, names map[string]int) (table, error) {
	for name, nr := range newest {
		if have, ok := names[name]; ok && have != nr {
			return nil, fmt.Errorf("%s is %d in x/sys and %d in the list of newest calls", name, have, nr)
		}
		names[name] = nr
	}
	if a.uid16 {
		if err := renameUID16(names); err != nil {
			return nil, err
		}
	}
	t := make(table)
	for name, nr := range names {
		if notCalls[name] {
			continue
		}
		if other, ok := t[nr]; ok {
			return nil, fmt.Errorf("%s and %s both have number %d", name, other, nr)
		}
		t[nr] = name
	}
	return t, nil
}

// renameUID16 makes "chown32" the canonical "chown", and the "chown" that stood beside it "chown16". 32-bit arm's
// EABI, for one, has both.
func renameUID16(names map[string]int) error {
	for _, name := range uid16 {
		old, ok16 := names[name]
		wide, ok32 := names[name+"32"]
		if !ok16 || !ok32 {
			return fmt.Errorf("%s or %s32 is missing", name, name)
		}
		delete(names, name+"32")
		names[name+"16"], names[name] = old, wide
	}
	return nil
}

func x32Table(amd64 table) table {
	drop := make(map[string]bool)
	for _, name := range x32 {
		drop[name] = true
	}
	for _, name := range x32Lacks {
		drop[name] = true
	}
	t := make(table)
	for nr, name := range amd64 {
		if !drop[name] {
			t[nr] = name
		}
	}
	for nr, name := range x32 {
		t[nr] = name
	}
	return t
}
