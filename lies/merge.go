package lies

import (
	"bytes"
	"slices"
	"strings"
)

// Merge records a lie of somebody who looked at what is claimed about the file, base, and then decided on l: what has been
// changed by others in between, and l leaves as it was in base, stays as they changed it. Each owner, the permission bits, the
// type and each attribute is one thing here. Nothing else is compared. As with Set, the index keeps l.Xattrs; where nothing
// is claimed in the end, the lie is forgotten.
func (ix *Index) Merge(l Lie, base Claim) {
	l.learnGeneration()
	h := hash(l.Key)
	s := ix.shard(h)
	s.mu.Lock()
	defer s.mu.Unlock()
	n, ok := s.find(l.Key, h)
	var now Claim
	if ok {
		now = s.claim(n)
	}
	claim := merge(l.Claim, base, now)
	switch {
	case claim.Empty():
		if ok {
			ix.drop(s, n, h)
		}
		return
	case ok:
		s.at(n).begin()
	default:
		n = s.insert(l.Key, h)
	}
	ix.store(s, n, ok, &l.Identity, &claim, l.Path)
	ix.changed(s, n, l.Direct && l.Path != "")
}

// merge is mine, with what differs between base and now and not between base and mine as it is now.
func merge(mine, base, now Claim) Claim {
	c := mine
	pick := func(bit Has, same bool, take func()) {
		if same && mine.Has&bit == base.Has&bit {
			c.Has = c.Has&^bit | now.Has&bit
			take()
		}
	}
	pick(HasUID, mine.UID == base.UID, func() { c.UID = now.UID })
	pick(HasGID, mine.GID == base.GID, func() { c.GID = now.GID })
	pick(HasMode, (mine.Mode^base.Mode)&^typeMask == 0, func() { c.Mode = c.Mode&typeMask | now.Mode&^typeMask })
	pick(HasType, (mine.Mode^base.Mode)&typeMask == 0 && mine.Rdev == base.Rdev, func() {
		c.Mode, c.Rdev = c.Mode&^typeMask|now.Mode&typeMask, now.Rdev
	})
	c.Xattrs = mergeXattrs(mine.Xattrs, base.Xattrs, now.Xattrs)
	return c
}

func mergeXattrs(mine, base, now []Xattr) []Xattr {
	if slices.EqualFunc(base, now, sameXattr) {
		return mine
	}
	if slices.EqualFunc(base, mine, sameXattr) {
		return now
	}
	var out []Xattr
	for _, name := range names(mine, base, now) {
		m, inMine := find(mine, name)
		b, inBase := find(base, name)
		if inMine == inBase && sameXattr(m, b) {
			m, inMine = find(now, name)
		}
		if inMine {
			out = append(out, m)
		}
	}
	return out
}

// names returns the names of attributes, sorted, each once.
func names(lists ...[]Xattr) (all []string) {
	for _, list := range lists {
		for _, x := range list {
			all = append(all, x.Name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func find(list []Xattr, name string) (Xattr, bool) {
	i, ok := slices.BinarySearchFunc(list, name, func(x Xattr, name string) int { return strings.Compare(x.Name, name) })
	if !ok {
		return Xattr{}, false
	}
	return list[i], true
}

func sameXattr(a, b Xattr) bool {
	return a.Name == b.Name && a.Hidden == b.Hidden && bytes.Equal(a.Value, b.Value)
}
