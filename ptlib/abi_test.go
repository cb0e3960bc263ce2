package ptlib

import "testing"

func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		abi  ABI
		nr   int
		want Sys
		name string
	}{
		{ABIAMD64, 0, SysRead, "read"},
		{ABIAMD64, 262, SysNewfstatat, "newfstatat"},
		{ABIAMD64, 425, SysIoUringSetup, "io_uring_setup"},
		{ABIAMD64, 466, SysRemovexattrat, "removexattrat"},
		{ABI386, 0, SysRestartSyscall, "restart_syscall"},
		{ABI386, 18, SysOldstat, "oldstat"},
		{ABI386, 106, SysStat, "stat"},
		{ABI386, 195, SysStat64, "stat64"},
		{ABI386, 300, SysFstatat64, "fstatat64"},
		{ABI386, 182, SysChown16, "chown16"},
		{ABI386, 212, SysChown, "chown"},
		{ABI386, 139, SysSetfsgid16, "setfsgid16"},
		{ABI386, 140, SysLlseek, "_llseek"},
		{ABIX32, x32Bit, SysRead, "read"},
		{ABIX32, x32Bit | 520, SysExecve, "execve"},
		{ABIARM64, 79, SysNewfstatat, "newfstatat"},
		{ABIARM64, 160, SysUname, "uname"},
		{ABIARM, 24, SysGetuid16, "getuid16"},
		{ABIARM, 199, SysGetuid, "getuid"},
		{ABIARM, 327, SysFstatat64, "fstatat64"},
		{ABIRISCV64, 55, SysFchown, "fchown"},
		{ABIRISCV64, 258, SysRiscvHwprobe, "riscv_hwprobe"},
	} {
		if got := sysOf(c.abi, c.nr); got != c.want {
			t.Errorf("sysOf(%v, %d) = %v, want %v", c.abi, c.nr, got, c.want)
		}
		if got := nrOf(c.abi, c.want); got != c.nr {
			t.Errorf("nrOf(%v, %v) = %d, want %d", c.abi, c.want, got, c.nr)
		}
		if got := c.want.String(); got != c.name {
			t.Errorf("name of %d is %q, want %q", c.want, got, c.name)
		}
	}
}

func TestNumbersAbsent(t *testing.T) {
	for _, c := range []struct {
		abi ABI
		nr  int
	}{
		{ABIUnknown, 0}, {ABI(200), 0}, {ABIAMD64, -1}, {ABIAMD64, 1 << 20}, {ABIAMD64, x32Bit},
		{ABIX32, 0}, {ABIX32, -1}, {ABIX32, x32Bit | 59}, {ABIARM64, 0xf0002}, {ABIARM, 0xf0002}, {ABIARM64, 244},
	} {
		if got := sysOf(c.abi, c.nr); got != SysUnknown {
			t.Errorf("sysOf(%v, %#x) = %v", c.abi, c.nr, got)
		}
	}
	for _, c := range []struct {
		abi ABI
		sys Sys
	}{
		{ABIUnknown, SysRead}, {ABI(200), SysRead}, {ABIAMD64, numSys}, {ABIAMD64, SysUnknown},
		{ABIAMD64, SysChown16}, {ABIARM64, SysChown}, {ABIX32, SysUprobe}, {ABIARM, SysNewfstatat},
	} {
		if got := nrOf(c.abi, c.sys); got != -1 {
			t.Errorf("nrOf(%v, %v) = %d, want -1", c.abi, c.sys, got)
		}
	}
}

// Every table is its own inverse, every call is in some table, and names and constants agree.
func TestTablesAreConsistent(t *testing.T) {
	used := make(map[Sys]bool)
	for i := range abis {
		abi := ABI(i)
		for nr, s := range abis[abi].sys {
			if s == SysUnknown {
				continue
			}
			used[s] = true
			if got := nrOf(abi, s); got != nr|abis[abi].flag {
				t.Errorf("%v: number %d is %v, whose number is %d", abi, nr, s, got)
			}
		}
	}
	for s := range AllSys() {
		if !used[s] {
			t.Errorf("%v is in no table", s)
		}
		if got, ok := ParseSys(s.String()); !ok || got != s {
			t.Errorf("ParseSys(%q) = %v, %v", s.String(), got, ok)
		}
	}
	if _, ok := ParseSys("unknown"); ok {
		t.Error(`ParseSys("unknown") is a call`)
	}
}

func TestABIOf(t *testing.T) {
	for _, abi := range []ABI{ABIAMD64, ABI386, ABIX32, ABIARM64, ABIARM, ABIRISCV64} {
		if got := abiOf(abi.AuditArch(), nrOf(abi, SysExecve)); got != abi {
			t.Errorf("abiOf(%#x) = %v, want %v", abi.AuditArch(), got, abi)
		}
	}
	if got := abiOf(auditArchAMD64, -1); got != ABIAMD64 { // a call that a tracer turned into none
		t.Errorf("abiOf(amd64, -1) = %v", got)
	}
	if got := abiOf(0, 0); got != ABIUnknown {
		t.Errorf("abiOf(0) = %v", got)
	}
}

func TestMmap(t *testing.T) {
	for abi, want := range map[ABI]Sys{ABIAMD64: SysMmap, ABI386: SysMmap2, ABIARM64: SysMmap, ABIRISCV64: SysMmap} {
		if got := abi.Mmap(); got != want {
			t.Errorf("%v: %v, want %v", abi, got, want)
		}
	}
}
