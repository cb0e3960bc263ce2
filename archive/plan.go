package archive

import (
	"errors"
	"fmt"
	"iter"
	"strings"
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
	count       uint32 // as many as the manifest has, which may be fewer than the inode has
	index       uint64 // the first path's item.index
}

// isFirst reports whether no other path of the same inode stands before this one.
func (it *item) isFirst() bool { return it.links == nil || it.links.first == it.Path }

// isLast reports whether no other path of the same inode follows.
func (it *item) isLast() bool { return it.links == nil || it.links.last == it.Path }

// plan checks that m describes a tree that can exist and can be unpacked without leaving its root, and returns its entries.
// A manifest read from a file has passed the same checks, one made by a program has not.
func plan(m *manifest.Manifest, epoch time.Time) (iter.Seq[*item], error) {
	groups := map[uint64]*links{}
	firsts := map[uint64]*manifest.Entry{}
	for i := range m.Entries {
		e := &m.Entries[i]
		err := checkEntry(e)
		if err == nil && i > 0 {
			err = checkPlace(m, e, m.Entries[i-1].Path)
		}
		if err == nil && e.Group != 0 {
			g := groups[e.Group]
			if g == nil {
				g = &links{first: e.Path, index: uint64(i) + 1}
				groups[e.Group], firsts[e.Group] = g, e
			} else {
				err = checkLinked(firsts[e.Group], e)
			}
			g.last = e.Path
			g.count++
		}
		if err != nil {
			return nil, entryError(e.Path, fmt.Errorf("%w (the manifest is wrong)", err))
		}
	}
	return func(yield func(*item) bool) {
		for i := range m.Entries {
			e := &m.Entries[i]
			it := &item{Entry: e, time: clamp(e.Time, epoch), index: uint64(i) + 1}
			if g := groups[e.Group]; g != nil && g.count > 1 {
				it.links = g
			}
			if !yield(it) {
				return
			}
		}
	}, nil
}

// clamp returns t, or the epoch if t is later. A manifest without a time means 1970, as everywhere.
func clamp(t, epoch time.Time) time.Time {
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	if !epoch.IsZero() && t.After(epoch) {
		t = epoch
	}
	return t.UTC()
}

// checkEntry checks an entry by itself.
func checkEntry(e *manifest.Entry) error {
	if err := checkPath(e.Path); err != nil {
		return err
	}
	switch {
	case e.Type.Bits() == 0:
		return fmt.Errorf("unknown type %d", e.Type)
	case e.Path == "." && e.Type != manifest.TypeDir:
		return fmt.Errorf("the root is a %s", e.Type)
	case e.Mode&^0o7777 != 0:
		return fmt.Errorf("mode %#o has more than permission bits", e.Mode)
	case e.Size < 0:
		return fmt.Errorf("size %d", e.Size)
	case e.Type == manifest.TypeLink && e.Link == "":
		return errors.New("a symbolic link without a target")
	case e.Type == manifest.TypeDir && e.Group != 0:
		return errors.New("a directory with hard links")
	case hasNUL(e.Link), hasNUL(e.Uname), hasNUL(e.Gname):
		return errors.New("a NUL in the link's target or in a name")
	}
	for i, x := range e.Xattrs {
		if x.Name == "" || hasNUL(x.Name) {
			return fmt.Errorf("no extended attribute is called %q", x.Name)
		}
		if i > 0 && x.Name <= e.Xattrs[i-1].Name {
			return fmt.Errorf("extended attribute %q is not in order", x.Name)
		}
	}
	return nil
}

// checkPath accepts what a manifest may call an entry: "." or names separated by single slashes, none of them "." or "..".
func checkPath(path string) error {
	if path == "." {
		return nil
	}
	if hasNUL(path) {
		return errors.New("a NUL in the path")
	}
	for name := range strings.SplitSeq(path, "/") {
		switch name {
		case "":
			return errors.New("the path is empty, absolute, or has an empty name in it")
		case ".", "..":
			return fmt.Errorf("the path has %q in it", name)
		}
	}
	return nil
}

// checkPlace checks an entry against those before it: an archive's reader would follow a link that an earlier entry made
// where this entry's directory should be, and write outside the root.
func checkPlace(m *manifest.Manifest, e *manifest.Entry, before string) error {
	if manifest.ComparePaths(before, e.Path) >= 0 {
		return fmt.Errorf("does not stand in the order of paths, after %s", quote(before))
	}
	for i := strings.LastIndexByte(e.Path, '/'); i > 0; i = strings.LastIndexByte(e.Path[:i], '/') {
		if parent := m.Lookup(e.Path[:i]); parent != nil {
			if parent.Type != manifest.TypeDir {
				return fmt.Errorf("stands below %s, which is a %s", quote(parent.Path), parent.Type)
			}
			break // the parent has been checked itself
		}
	}
	return nil
}

// checkLinked checks that b can be the same inode as a.
func checkLinked(a, b *manifest.Entry) error {
	same := a.Type == b.Type && a.Mode == b.Mode && a.UID == b.UID && a.GID == b.GID && a.Link == b.Link &&
		a.Uname == b.Uname && a.Gname == b.Gname && a.Major == b.Major && a.Minor == b.Minor && a.Size == b.Size &&
		a.Time.Equal(b.Time) && a.HasDigest == b.HasDigest && a.Digest == b.Digest && len(a.Xattrs) == len(b.Xattrs)
	for i := range a.Xattrs {
		same = same && a.Xattrs[i].Name == b.Xattrs[i].Name && string(a.Xattrs[i].Value) == string(b.Xattrs[i].Value)
	}
	if !same {
		return fmt.Errorf("differs from %s, to which it is a hard link", quote(a.Path))
	}
	return nil
}

func hasNUL(s string) bool { return strings.IndexByte(s, 0) >= 0 }
