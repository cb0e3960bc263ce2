package ptlib

import (
	"fmt"
	"strconv"
)

// A Compared is a constant of Platform beside what was measured.
type Compared struct {
	Name     string // the field's; several that have one value are separated by commas
	Compiled string
	Measured string  // "" if Verdict is NotAsked
	Verdict  Verdict // Works: what was measured is what is compiled in
}

// Compare tells, for every constant that can be measured, whether the kernel is as this package was compiled for.
func (p *Platform) Compare(m *Measured) []Compared {
	out := []Compared{compareTracees(p.Tracees, m)}
	for _, c := range []struct {
		name     string
		compiled bool
		measured Answer
	}{
		{"SupportsFork", p.SupportsFork, m.Fork},
		{"SupportsVfork", p.SupportsVfork, m.Vfork},
		{"SupportsClone", p.SupportsClone, m.Clone},
		{"ParentCanWait", p.ParentCanWait, m.ParentWaits},
		{"TrapAfterExec", p.TrapAfterExec, m.ExecTrap},
	} {
		out = append(out, compared(c.name, strconv.FormatBool(c.compiled), c.measured, strconv.FormatBool(c.measured.OK()), c.compiled == c.measured.OK()))
	}
	stat := "none"
	if m.Stat.OK() {
		stat = p.Stat.String()
	}
	size := Answer{}
	if m.StateSize > 0 {
		size = answerIf(m.StateSize <= p.StateSize, "")
	}
	nop := "it is made"
	if m.Skip.OK() {
		nop = strconv.Itoa(p.Nop)
	}
	return append(out,
		// More than the kernel has is room for what it keeps elsewhere.
		compared("StateSize", strconv.Itoa(p.StateSize), size, strconv.Itoa(m.StateSize), size.OK()),
		compared("Nop", strconv.Itoa(p.Nop), m.Skip, nop, m.Skip.OK()),
		compared("Stat, Lstat, Fstat, Fstatat", p.Stat.String(), m.Stat, stat, m.Stat.OK()),
	)
}

func compareTracees(compiled []ABI, m *Measured) Compared {
	names := fmt.Sprint(compiled)
	measured := Answer{}
	if m.Native != ABIUnknown {
		measured = answerIf(len(compiled) > 0 && compiled[0] == m.Native, "")
	}
	return compared("Tracees", names, measured, m.Native.String()+" first", measured.OK())
}

func compared(name, compiled string, a Answer, measured string, same bool) Compared {
	c := Compared{Name: name, Compiled: compiled}
	if a.Verdict == NotAsked {
		return c
	}
	c.Measured, c.Verdict = measured, Fails
	if a.Why != "" {
		c.Measured += " (" + a.Why + ")"
	}
	if same {
		c.Verdict = Works
	}
	return c
}
