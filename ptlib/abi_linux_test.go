package ptlib

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// The table of the processor that the test runs on has the numbers that x/sys was compiled with.
func TestNumbersOfThisProcessor(t *testing.T) {
	var abi ABI
	for i := range abis {
		if abis[i].name == runtime.GOARCH {
			abi = ABI(i)
		}
	}
	if abi == ABIUnknown {
		t.Skip("no table for " + runtime.GOARCH)
	}
	for s, nr := range map[Sys]int{
		SysRead:             unix.SYS_READ,
		SysOpenat:           unix.SYS_OPENAT,
		SysOpenat2:          unix.SYS_OPENAT2,
		SysStatx:            unix.SYS_STATX,
		SysFchownat:         unix.SYS_FCHOWNAT,
		SysFchmodat2:        unix.SYS_FCHMODAT2,
		SysMknodat:          unix.SYS_MKNODAT,
		SysExecve:           unix.SYS_EXECVE,
		SysExecveat:         unix.SYS_EXECVEAT,
		SysCapget:           unix.SYS_CAPGET,
		SysChroot:           unix.SYS_CHROOT,
		SysSeccomp:          unix.SYS_SECCOMP,
		SysIoUringSetup:     unix.SYS_IO_URING_SETUP,
		SysSchedSetaffinity: unix.SYS_SCHED_SETAFFINITY,
		SysSetxattrat:       unix.SYS_SETXATTRAT,
		SysFileSetattr:      unix.SYS_FILE_SETATTR,
	} {
		if got := nrOf(abi, s); got != nr {
			t.Errorf("nrOf(%v, %v) = %d, want %d", abi, s, got, nr)
		}
		if got := sysOf(abi, nr); got != s {
			t.Errorf("sysOf(%v, %d) = %v, want %v", abi, nr, got, s)
		}
	}
}
