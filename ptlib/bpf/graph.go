package bpf

// allBits is the mask of a comparison that takes the whole word.
const allBits = 0xffffffff

// A node is a decision: an action, or a comparison that leads to one of two further nodes. Nodes without a cycle make
// up a program. They are comparable, and two that a graph holds are equal only if they are the same.
type node struct {
	action Action // of a leaf

	// The comparison: code is opJeq, opJge or opJset, applied to k and the word at off after it was reduced to mask.
	code         uint16
	off, mask, k uint32
	yes, no      *node
}

func (n *node) leaf() bool { return n.code == 0 }

// same tells whether n and m compare the same things.
func (n *node) same(m *node) bool {
	return !n.leaf() && n.code == m.code && n.off == m.off && n.mask == m.mask && n.k == m.k
}

// A graph owns nodes and keeps equal ones from coming into being twice, which is how tails, returns and the search of
// neighbouring numbers come to be shared.
type graph map[node]*node

func (g graph) intern(n node) *node {
	if have, ok := g[n]; ok {
		return have
	}
	g[n] = &n
	return &n
}

func (g graph) action(a Action) *node { return g.intern(node{action: a}) }

// compare returns a node for the comparison, without questions that were just answered and without questions that
// do not matter.
func (g graph) compare(code uint16, off, mask, k uint32, yes, no *node) *node {
	n := node{code: code, off: off, mask: mask, k: k}
	for yes.same(&n) {
		yes = yes.yes
	}
	for no.same(&n) {
		no = no.no
	}
	if yes == no {
		return yes
	}
	n.yes, n.no = yes, no
	return g.intern(n)
}

// test returns a node that goes to yes if t holds.
func (g graph) test(t Test, yes, no *node) *node {
	if t.Op == NotEqual {
		yes, no = no, yes
	}
	off := t.Arg.offset()
	switch {
	case t.Mask == allBits:
		return g.compare(opJeq, off, allBits, t.Value, yes, no)
	// jset leaves the word as it is for the next test, and saves the and.
	case t.Value == 0:
		return g.compare(opJset, off, allBits, t.Mask, no, yes)
	case t.Value == t.Mask && t.Mask&(t.Mask-1) == 0:
		return g.compare(opJset, off, allBits, t.Mask, yes, no)
	}
	return g.compare(opJeq, off, t.Mask, t.Value, yes, no)
}

// tests returns a node that goes to yes if all of the tests hold.
func (g graph) tests(tests []Test, yes, no *node) *node {
	for i := len(tests) - 1; i >= 0; i-- {
		yes = g.test(tests[i], yes, no)
	}
	return yes
}

// rules returns the decision for one number, whose rules are given in their order.
func (g graph) rules(rules []Rule, exempt []Test) *node {
	allow := g.action(Allow)
	n := allow
	for i := len(rules) - 1; i >= 0; i-- {
		act := g.action(rules[i].Action)
		if len(exempt) > 0 && act != allow {
			act = g.tests(exempt, allow, act)
		}
		n = g.tests(rules[i].When, act, n)
	}
	return n
}
