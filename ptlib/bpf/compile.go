package bpf

import "fmt"

// Compile returns a program for the rules of several ABIs; calls of an architecture that has none get the action other.
// Architectures are tried in the order given. It fails if the rules are wrong, or if the program would be longer than
// MaxInsns.
func Compile(abis []ABIRules, other Action) ([]Insn, error) {
	if err := check(abis, other); err != nil {
		return nil, fmt.Errorf("bpf: %w", err)
	}
	g := make(graph)
	root := g.action(other)
	for i := len(abis) - 1; i >= 0; i-- {
		root = g.compare(opJeq, offArch, allBits, abis[i].Arch, g.abi(&abis[i]), root)
	}
	prog := emit(root)
	if len(prog) > MaxInsns {
		return nil, tooLong(len(prog))
	}
	return prog, nil
}
