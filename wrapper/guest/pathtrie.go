package guest

import "strings"

// A pathTrie finds what is said of the longest prefix of a path, component by component.
type pathTrie[T any] struct {
	children map[string]*pathTrie[T]
	value    T
	set      bool
}

// put says something of a path. If it has been said before, choose decides between the two.
func (t *pathTrie[T]) put(path string, value T, choose func(old, new T) T) {
	node := t
	for part := range components(path) {
		child := node.children[part]
		if child == nil {
			child = &pathTrie[T]{}
			if node.children == nil {
				node.children = make(map[string]*pathTrie[T])
			}
			node.children[part] = child
		}
		node = child
	}
	if node.set {
		value = choose(node.value, value)
	}
	node.value, node.set = value, true
}

// find returns what is said of the longest prefix of a path; ok is false if nothing is.
func (t *pathTrie[T]) find(path string) (value T, ok bool) {
	node := t
	value, ok = node.value, node.set
	for part := range components(path) {
		if node = node.children[part]; node == nil {
			break
		}
		if node.set {
			value, ok = node.value, true
		}
	}
	return value, ok
}

// leadsTo reports whether something wanted is said of a path below this one.
func (t *pathTrie[T]) leadsTo(path string, wanted func(T) bool) bool {
	node := t
	for part := range components(path) {
		if node = node.children[part]; node == nil {
			return false
		}
	}
	return node.has(wanted)
}

// has reports whether something wanted is said of a path below.
func (t *pathTrie[T]) has(wanted func(T) bool) bool {
	for _, child := range t.children {
		if child.set && wanted(child.value) || child.has(wanted) {
			return true
		}
	}
	return false
}

// components iterates over the names in a path.
func components(path string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for part := range strings.SplitSeq(path, "/") {
			if part != "" && !yield(part) {
				return
			}
		}
	}
}

// stricter is the rule of two for one prefix that wins.
func stricter(a, b PathRule) PathRule {
	if b.Verdict > a.Verdict {
		return b
	}
	return a
}

// newVerdicts compiles the path rules of a policy.
func newVerdicts(rules []PathRule) *pathTrie[PathRule] {
	t := &pathTrie[PathRule]{}
	for _, r := range rules {
		t.put(r.Prefix, r, stricter)
	}
	return t
}

// newOwners compiles the owner rules of a policy. Of two for one prefix the later one wins.
func newOwners(rules []OwnerRule) *pathTrie[OwnerRule] {
	t := &pathTrie[OwnerRule]{}
	for _, r := range rules {
		t.put(r.Prefix, r, func(_, later OwnerRule) OwnerRule { return later })
	}
	return t
}
