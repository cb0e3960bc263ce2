package ptlib

import "fmt"

// An ABI is a system call convention: which register holds the number, what the numbers mean, and how structures in
// the tracee's memory are laid out. One tracee may use several (int 0x80 in a 64-bit x86 program), so it belongs to a
// stop and not to a process.
type ABI uint8

const (
	ABIUnknown ABI = iota // not recognised: the call can be refused, never interpreted
	ABIAMD64
	ABI386     // i386, native or as the compatibility ABI of amd64
	ABIX32     // amd64 with 32-bit pointers: numbers carry bit 30, __X32_SYSCALL_BIT
	ABIARM64   // AArch64
	ABIARM     // 32-bit EABI, native or as the compatibility ABI of arm64
	ABIRISCV64 // RISC-V, 64 bit
)

// x32Bit marks a number as one of x32 (arch/x86/include/uapi/asm/unistd.h, __X32_SYSCALL_BIT). An x32 call has the
// audit architecture of amd64; this bit is all that tells them apart.
const x32Bit = 0x40000000

// Values of struct seccomp_data.arch (include/uapi/linux/audit.h, AUDIT_ARCH_*).
const (
	auditArchAMD64   = 0xc000003e
	auditArch386     = 0x40000003
	auditArchARM64   = 0xc00000b7
	auditArchARM     = 0x40000028
	auditArchRISCV64 = 0xc00000f3
)

// abis holds what differs between the ABIs, indexed by ABI. The tables are data, so all of them are in every build: a
// filter for 32-bit tracees, the generated documentation and the tests need those of other processors too.
var abis = [...]struct {
	name  string
	audit uint32
	bits  int
	flag  int            // set in every number of the ABI
	sys   []Sys          // by number without flag; SysUnknown in holes
	nr    *[numSys]int16 // by Sys; -1 where the ABI lacks the call
}{
	ABIUnknown: {name: "unknown"},
	ABIAMD64:   {"amd64", auditArchAMD64, 64, 0, sysnoAMD64[:], invert(sysnoAMD64[:])},
	ABI386:     {"386", auditArch386, 32, 0, sysno386[:], invert(sysno386[:])},
	ABIX32:     {"x32", auditArchAMD64, 32, x32Bit, sysnoX32[:], invert(sysnoX32[:])},
	ABIARM64:   {"arm64", auditArchARM64, 64, 0, sysnoARM64[:], invert(sysnoARM64[:])},
	ABIARM:     {"arm", auditArchARM, 32, 0, sysnoARM[:], invert(sysnoARM[:])},
	ABIRISCV64: {"riscv64", auditArchRISCV64, 64, 0, sysnoRISCV64[:], invert(sysnoRISCV64[:])},
}

// String returns the name that Go uses for the processor ("amd64", "386"), or "x32", or "unknown".
func (a ABI) String() string {
	if int(a) >= len(abis) {
		return fmt.Sprintf("abi(%d)", uint8(a))
	}
	return abis[a].name
}

// AuditArch returns the AUDIT_ARCH_* value that seccomp and PTRACE_GET_SYSCALL_INFO report for the ABI, 0 for
// ABIUnknown. ABIAMD64 and ABIX32 share theirs.
func (a ABI) AuditArch() uint32 {
	if int(a) >= len(abis) {
		return 0
	}
	return abis[a].audit
}

// PointerBits returns 32 or 64, the size of a pointer in the tracee's structures, 0 for ABIUnknown.
func (a ABI) PointerBits() int {
	if int(a) >= len(abis) {
		return 0
	}
	return abis[a].bits
}

// abiOf tells the ABI of the call number nr that arrived with the audit architecture arch.
func abiOf(arch uint32, nr int) ABI {
	switch arch {
	case auditArchAMD64:
		if nr >= 0 && nr&x32Bit != 0 {
			return ABIX32
		}
		return ABIAMD64
	case auditArch386:
		return ABI386
	case auditArchARM64:
		return ABIARM64
	case auditArchARM:
		return ABIARM
	case auditArchRISCV64:
		return ABIRISCV64
	}
	return ABIUnknown
}

// sysOf returns the canonical call for the number nr of abi, SysUnknown if the table has none: a newer kernel's call,
// a number that a tracer replaced by -1, or one of the private numbers of 32-bit arm (0xf0000 and up).
func sysOf(abi ABI, nr int) Sys {
	if int(abi) >= len(abis) {
		return SysUnknown
	}
	a := &abis[abi]
	nr ^= a.flag
	if nr < 0 || nr >= len(a.sys) {
		return SysUnknown
	}
	return a.sys[nr]
}

// nrOf returns the number of s in abi, -1 if the ABI lacks it.
func nrOf(abi ABI, s Sys) int {
	if int(abi) >= len(abis) || s >= numSys || abis[abi].nr == nil {
		return -1
	}
	nr := int(abis[abi].nr[s])
	if nr < 0 {
		return -1
	}
	return nr | abis[abi].flag
}

// invert turns a table number -> Sys into Sys -> number.
func invert(table []Sys) *[numSys]int16 {
	nrs := new([numSys]int16)
	for i := range nrs {
		nrs[i] = -1
	}
	for nr, s := range table {
		if s != SysUnknown {
			nrs[s] = int16(nr)
		}
	}
	return nrs
}
