package bpf

import (
	"maps"
	"slices"
)

// A segment is a run of call numbers with one decision; it ends where the next segment starts, the last one
// at 0xffffffff.
type segment struct {
	start uint32
	then  *node
}

// abi returns the decision for all numbers of one ABI.
func (g graph) abi(a *ABIRules) *node {
	return g.search(g.segments(a))
}

// segments divides all numbers into as few segments as there can be.
func (g graph) segments(a *ABIRules) []segment {
	byNR := make(map[uint32][]Rule)
	for _, r := range a.Rules {
		byNR[uint32(r.NR)] = append(byNR[uint32(r.NR)], r)
	}
	starts := map[uint32]bool{0: true, x32Bit: true, 2 * x32Bit: true}
	for nr := range byNR {
		starts[nr], starts[nr+1] = true, true
	}
	for _, r := range a.Ranges {
		starts[uint32(r.First)], starts[uint32(r.Last)+1] = true, true
	}
	var segs []segment
	for _, start := range slices.Sorted(maps.Keys(starts)) {
		var n *node
		if rules, ok := byNR[start]; ok {
			n = g.rules(rules, a.Exempt)
		} else {
			n = g.action(a.unruled(start))
		}
		if len(segs) == 0 || segs[len(segs)-1].then != n {
			segs = append(segs, segment{start, n})
		}
	}
	return segs
}

// search returns a binary search of the segments by number.
func (g graph) search(segs []segment) *node {
	switch {
	case len(segs) == 1:
		return segs[0].then
	case len(segs) == 3 && segs[0].then == segs[2].then && segs[1].start+1 == segs[2].start:
		// One number that is unlike its surroundings takes one comparison instead of two.
		return g.compare(opJeq, offNR, allBits, segs[1].start, segs[1].then, segs[0].then)
	}
	mid := len(segs) / 2
	return g.compare(opJge, offNR, allBits, segs[mid].start, g.search(segs[mid:]), g.search(segs[:mid]))
}
