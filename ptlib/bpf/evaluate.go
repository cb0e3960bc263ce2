package bpf

// Evaluate applies the rules to one call, as the program that Compile makes of them would: directly, for callers that
// see calls which no filter has selected. The rules are those that Compile accepts; it reports mistakes in them,
// Evaluate does not.
func Evaluate(abis []ABIRules, other Action, d SeccompData) Action {
	for i := range abis {
		if abis[i].Arch == d.Arch {
			return abis[i].evaluate(&d)
		}
	}
	return other
}

func (a *ABIRules) evaluate(d *SeccompData) Action {
	ruled := false
	for _, r := range a.Rules {
		if int32(r.NR) != d.NR {
			continue
		}
		ruled = true
		if !all(r.When, d) {
			continue
		}
		if len(a.Exempt) > 0 && all(a.Exempt, d) {
			return Allow
		}
		return r.Action
	}
	if ruled {
		return Allow
	}
	return a.unruled(uint32(d.NR))
}

func all(tests []Test, d *SeccompData) bool {
	for _, t := range tests {
		if !t.holds(d) {
			return false
		}
	}
	return true
}

func (t Test) holds(d *SeccompData) bool {
	var v uint64
	switch {
	case t.Arg <= Arg5:
		v = d.Args[t.Arg]
	case t.Arg <= Arg5High:
		v = d.Args[t.Arg-Arg0High] >> 32
	case t.Arg == IPLow:
		v = d.IP
	default:
		v = d.IP >> 32
	}
	return (uint32(v)&t.Mask == t.Value) == (t.Op == Equal)
}
