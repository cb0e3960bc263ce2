package bpf

// Run verifies prog and returns its answer for the call d.
func Run(prog []Insn, d SeccompData) (Action, error) {
	if err := Check(prog); err != nil {
		return 0, err
	}
	return run(prog, &d), nil
}

// run ends because jumps only go forward and the last instruction returns, which Check has seen to.
func run(prog []Insn, d *SeccompData) Action {
	var a uint32
	for pc := 0; ; pc++ {
		in := prog[pc]
		switch in.Code {
		case opLoad:
			a = d.load(in.K)
		case opAnd:
			a &= in.K
		case opJump:
			pc += int(in.K)
		case opRet:
			return Action(in.K)
		default:
			if in.holds(a) {
				pc += int(in.Jt)
			} else {
				pc += int(in.Jf)
			}
		}
	}
}

// holds tells whether the conditional jump in is taken to Jt.
func (in Insn) holds(a uint32) bool {
	switch in.Code {
	case opJeq:
		return a == in.K
	case opJge:
		return a >= in.K
	}
	return a&in.K != 0 // opJset
}
