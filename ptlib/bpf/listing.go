package bpf

import (
	"fmt"
	"strings"
)

// Listing returns prog in a readable form, one line for each instruction. It prints programs that Check refuses too.
func Listing(prog []Insn) string {
	words := loaded(prog)
	var b strings.Builder
	for pc, in := range prog {
		fmt.Fprintf(&b, "%4d  %s\n", pc, in.text(pc, words[pc]))
	}
	return b.String()
}

func (in Insn) text(pc int, word uint32) string {
	name := wordName(word)
	switch in.Code {
	case opLoad:
		return "load " + wordName(in.K)
	case opAnd:
		return fmt.Sprintf("and %#x", in.K)
	case opJump:
		return fmt.Sprintf("goto %d", int64(pc)+1+int64(in.K))
	case opRet:
		return "return " + Action(in.K).String()
	}
	sign, ok := map[uint16]string{opJeq: "==", opJge: ">=", opJset: "&"}[in.Code]
	if !ok {
		return fmt.Sprintf("code %#x %d %d %#x", in.Code, in.Jt, in.Jf, in.K)
	}
	value := fmt.Sprintf("%#x", in.K)
	switch {
	case word == offArch:
		value = archName(in.K)
	case word == offNR && in.K < x32Bit:
		value = fmt.Sprint(in.K)
	}
	return fmt.Sprintf("if %s %s %s goto %d else %d", name, sign, value, pc+1+int(in.Jt), pc+1+int(in.Jf))
}

// unknownWord marks an accumulator of which a listing cannot tell what it holds.
const unknownWord = dataSize

// loaded returns for each instruction the offset of the word that the accumulator was loaded from before it.
func loaded(prog []Insn) []uint32 {
	words := make([]uint32, len(prog))
	reached := make([]bool, len(prog))
	come := func(to int64, word uint32) {
		if to >= int64(len(prog)) {
			return
		}
		if reached[to] && words[to] != word {
			word = unknownWord
		}
		words[to], reached[to] = word, true
	}
	come(0, unknownWord)
	for pc, in := range prog {
		next := int64(pc) + 1
		switch in.Code {
		case opLoad:
			come(next, in.K)
		case opAnd:
			come(next, words[pc])
		case opJump:
			come(next+int64(in.K), words[pc])
		case opJeq, opJge, opJset:
			come(next+int64(in.Jt), words[pc])
			come(next+int64(in.Jf), words[pc])
		}
	}
	return words
}

// wordName returns the name of the word at off.
func wordName(off uint32) string {
	switch off {
	case offNR:
		return "nr"
	case offArch:
		return "arch"
	}
	for w := range numWords {
		if w.offset() == off {
			return w.String()
		}
	}
	return "value"
}

// archName returns the name of an AUDIT_ARCH_* value as Go calls the processor, where it is known.
func archName(arch uint32) string {
	switch arch {
	case archX8664:
		return "amd64"
	case 0x40000003:
		return "386"
	case 0xc00000b7:
		return "arm64"
	case 0x40000028:
		return "arm"
	case 0xc00000f3:
		return "riscv64"
	case 0xc0000102:
		return "loong64"
	}
	return fmt.Sprintf("%#x", arch)
}
