package bpf

import (
	"encoding/binary"
	"fmt"
)

// An Insn is one instruction: struct sock_filter (include/uapi/linux/filter.h). Jt and Jf count the instructions to
// skip.
type Insn struct {
	Code   uint16
	Jt, Jf uint8
	K      uint32
}

// The instructions that Compile uses (include/uapi/linux/bpf_common.h). seccomp_is_const_allow understands each.
const (
	opLoad = 0x20 // BPF_LD | BPF_W | BPF_ABS
	opAnd  = 0x54 // BPF_ALU | BPF_AND | BPF_K
	opJump = 0x05 // BPF_JMP | BPF_JA
	opJeq  = 0x15 // BPF_JMP | BPF_JEQ | BPF_K
	opJge  = 0x35 // BPF_JMP | BPF_JGE | BPF_K
	opJset = 0x45 // BPF_JMP | BPF_JSET | BPF_K
	opRet  = 0x06 // BPF_RET | BPF_K
)

// MaxInsns is the length of the longest program that the kernel takes (BPF_MAXINSNS).
const MaxInsns = 4096

// InsnSize is the size of an instruction in the array that Encode returns, in bytes.
const InsnSize = 8

// Encode returns prog as an array of struct sock_filter, in the little-endian order of the architectures that
// Compile accepts. It is what the filter field of struct sock_fprog points to.
func Encode(prog []Insn) []byte {
	b := make([]byte, 0, len(prog)*InsnSize)
	for _, in := range prog {
		b = binary.LittleEndian.AppendUint16(b, in.Code)
		b = append(b, in.Jt, in.Jf)
		b = binary.LittleEndian.AppendUint32(b, in.K)
	}
	return b
}

// Check verifies prog as the kernel does (net/core/filter.c bpf_check_classic, kernel/seccomp.c seccomp_check_filter):
// only loads of aligned words of struct seccomp_data, only forward jumps that stay inside, a return at the end. It is
// stricter in that it refuses valid instructions that Compile never uses.
func Check(prog []Insn) error {
	if len(prog) == 0 {
		return fmt.Errorf("bpf: program is empty")
	}
	if len(prog) > MaxInsns {
		return tooLong(len(prog))
	}
	for pc, in := range prog {
		if err := checkInsn(in, len(prog)-pc-1); err != nil {
			return fmt.Errorf("bpf: instruction %d: %w", pc, err)
		}
	}
	if prog[len(prog)-1].Code != opRet {
		return fmt.Errorf("bpf: last instruction is no return")
	}
	return nil
}

// checkInsn verifies one instruction that has left more behind it.
func checkInsn(in Insn, left int) error {
	switch in.Code {
	case opLoad:
		if in.K >= dataSize || in.K%4 != 0 {
			return fmt.Errorf("load of offset %d is not a word of struct seccomp_data", in.K)
		}
	case opJump:
		if int64(in.K) >= int64(left) {
			return fmt.Errorf("jump by %d with %d left", in.K, left)
		}
	case opJeq, opJge, opJset:
		if int(in.Jt) >= left || int(in.Jf) >= left {
			return fmt.Errorf("jump by %d or %d with %d left", in.Jt, in.Jf, left)
		}
	case opAnd, opRet:
	default:
		return fmt.Errorf("unknown code %#x", in.Code)
	}
	return nil
}

func tooLong(n int) error {
	return fmt.Errorf("bpf: program needs %d instructions, the kernel takes %d (use fewer rules, or several filters)",
		n, MaxInsns)
}
