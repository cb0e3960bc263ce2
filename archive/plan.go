package archive

import (
	"iter"
	"time"

	"github.com/feign-build/feign/lies/manifest"
)

// An item is one entry with what a format has to know beside it. It is valid until the next one is made.
type item struct {
	*manifest.Entry
	time  time.Time // Entry.Time, clamped
	index uint64    // 1, 2, ... in the order of the entries
	// links is nil for an entry without other hard links.
	links *links
}

// links is a group of hard links.
type links struct {
	first, last string // paths
	count       uint32
	index       uint64 // the first path's item.index
}

// isFirst reports whether no other path of the same inode stands before this one.
func (it *item) isFirst() bool { return it.links == nil || it.links.first == it.Path }

// isLast reports whether no other path of the same inode follows.
func (it *item) isLast() bool { return it.links == nil || it.links.last == it.Path }

// plan returns the entries of m. A manifest that does not describe a possible tree is an error: an archive made from it could
// write outside the directory where it is unpacked. One read from a file has passed that check, one made by a program has not.
func plan(m *manifest.Manifest, epoch time.Time) (iter.Seq[*item], error) {
	if err := m.Validate(); err != nil {
		return nil, err // says "manifest", and the path
	}
	groups := map[uint64]*links{}
	for i := range m.Entries {
		e := &m.Entries[i]
		if e.Group == 0 {
			continue
		}
		if groups[e.Group] == nil {
			groups[e.Group] = &links{first: e.Path, count: e.Nlink, index: uint64(i) + 1}
		}
		groups[e.Group].last = e.Path
	}
	return func(yield func(*item) bool) {
		for i := range m.Entries {
			e := &m.Entries[i]
			it := &item{Entry: e, time: clamp(e.Time, epoch), index: uint64(i) + 1}
			if e.Group != 0 {
				it.links = groups[e.Group]
			}
			if !yield(it) {
				return
			}
		}
	}, nil
}

// clamp returns t, or the epoch if t is later. No time at all means 1970, as to archive/tar.
func clamp(t, epoch time.Time) time.Time {
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	if !epoch.IsZero() && t.After(epoch) {
		t = epoch
	}
	return t.UTC()
}
