package bpf

import "slices"

// maxSkip is how many instructions a conditional jump can skip.
const maxSkip = 255

// A label is the code of a node that was emitted. Positions count from the end of the program.
type label struct {
	body int // its first instruction
	near int // the first instruction, or a nearer one that leads there
}

// An entry is a way into a node: with what part of its work already done by the node before.
type entry struct {
	n    *node
	done int
}

const (
	doneNothing = iota
	doneLoad    // the accumulator holds the word
	doneAll     // the accumulator holds the word, reduced to the mask
)

// An emitter writes a program from its end to its beginning, so that every jump has a known target.
type emitter struct {
	prog   []Insn // reversed
	labels map[entry]*label
}

// emit returns the program that starts at root.
func emit(root *node) []Insn {
	e := emitter{labels: make(map[entry]*label)}
	e.node(entry{root, doneNothing})
	slices.Reverse(e.prog)
	return e.prog
}

// node emits the code of n and of all that it leads to, unless that is there already.
func (e *emitter) node(at entry) *label {
	if l, ok := e.labels[at]; ok {
		return l
	}
	n := at.n
	if n.leaf() {
		e.add(Insn{Code: opRet, K: uint32(n.action)})
	} else {
		yes, no := after(n, n.yes), after(n, n.no)
		toYes, toNo := e.node(yes), e.node(no)
		for {
			if e.skip(toYes) > maxSkip {
				e.bridge(yes, toYes)
			} else if e.skip(toNo) > maxSkip {
				e.bridge(no, toNo)
			} else {
				break
			}
		}
		e.add(Insn{Code: n.code, Jt: uint8(e.skip(toYes)), Jf: uint8(e.skip(toNo)), K: n.k})
		if at.done < doneAll && n.mask != allBits {
			e.add(Insn{Code: opAnd, K: n.mask})
		}
		if at.done < doneLoad {
			e.add(Insn{Code: opLoad, K: n.off})
		}
	}
	here := len(e.prog) - 1
	l := &label{here, here}
	e.labels[at] = l
	return l
}

// after returns the entry into next for a jump from n.
func after(n, next *node) entry {
	switch {
	case next.leaf() || next.off != n.off:
		return entry{next, doneNothing}
	case next.mask == n.mask:
		return entry{next, doneAll}
	case n.mask == allBits:
		return entry{next, doneLoad}
	}
	return entry{next, doneNothing}
}

func (e *emitter) add(in Insn) { e.prog = append(e.prog, in) }

// skip returns how many instructions the one that is added next has to skip to get to l.
func (e *emitter) skip(l *label) int { return len(e.prog) - l.near - 1 }

// bridge adds an instruction that does what l does: a return once more, or a jump, which reaches any distance.
func (e *emitter) bridge(at entry, l *label) {
	in := Insn{Code: opRet, K: uint32(at.n.action)}
	if !at.n.leaf() {
		in = Insn{Code: opJump, K: uint32(len(e.prog) - l.body - 1)}
	}
	e.add(in)
	l.near = len(e.prog) - 1
}
