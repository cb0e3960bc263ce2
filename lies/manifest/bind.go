package manifest

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/feign-build/feign/lies"
)

// Bound is an entry of a manifest, bound to the inode that it was found at.
type Bound struct {
	Entry    *Entry // of the manifest that was bound
	Key      lies.Key
	Identity lies.Identity
	// Claim is all that has to be claimed about the inode so that it looks as the entry says. Times cannot be claimed.
	Claim Claim
}

// Lie returns the lie to be recorded; root is the directory of the tree, as it is to be shown in messages.
func (b Bound) Lie(root string) lies.Lie {
	return lies.Lie{Key: b.Key, Identity: b.Identity, Claim: b.Claim, Path: filepath.Join(root, b.Entry.Path)}
}

// Bind finds the entries of a manifest in a tree by their paths: a copy, whose files have other inodes, modes, owners and
// times. Files are verified as by Verify, and what does not fit is a MismatchError; what the tree has besides is left
// alone. Two paths that are one inode on the disk but differ in the manifest cannot be told apart by lies: that is
// an error too (stores that replace equal files by links do it; feign run separates them before, where it may).
func Bind(ctx context.Context, m *Manifest, root string) ([]Bound, error) {
	bound, err := m.bind(ctx, root)
	if err != nil {
		return nil, fmt.Errorf("manifest: bind to %s: %w", root, err)
	}
	return bound, nil
}

func (m *Manifest) bind(ctx context.Context, root string) ([]Bound, error) {
	nodes, err := m.compare(ctx, root, Options{NoNames: true}, false)
	if err != nil {
		return nil, err
	}
	byPath := make(map[string]*node, len(nodes))
	for _, n := range nodes {
		byPath[n.entry.Path] = n
	}
	var diffs []Difference
	bound := make([]Bound, 0, len(m.Entries))
	byKey := make(map[lies.Key]*Entry, len(m.Entries))
	for i := range m.Entries {
		e := &m.Entries[i]
		n := byPath[e.Path]
		if n == nil {
			diffs = append(diffs, Difference{e.Path, "type", e.Type.String(), ""})
			continue
		}
		if d := (&VerifyOptions{}).entry(nil, e, &n.entry); len(d) > 0 {
			diffs = append(diffs, d...)
			continue
		}
		key := n.real.Key()
		if other := byKey[key]; other != nil && !sameLie(other, e) {
			return nil, fmt.Errorf("%q and %q are one inode, but the manifest describes two different files (copy the tree without hard links)", other.Path, e.Path)
		}
		byKey[key] = e
		disk := n.xattrs
		if n.first != nil {
			disk = n.first.xattrs
		}
		bound = append(bound, Bound{Entry: e, Key: key, Identity: n.real.Identity(), Claim: claimFor(e, disk)})
	}
	if len(diffs) > 0 {
		return nil, &MismatchError{diffs}
	}
	return bound, nil
}

// sameLie reports whether two entries can be claimed of one inode.
func sameLie(a, b *Entry) bool {
	return a.Type == b.Type && a.Mode == b.Mode && a.UID == b.UID && a.GID == b.GID &&
		a.Major == b.Major && a.Minor == b.Minor && sameXattrs(a.Xattrs, b.Xattrs)
}

// claimFor returns what has to be claimed about a file so that it looks like e. Owners and modes are claimed always: that
// the disk happens to agree now does not mean that the action will see it so.
func claimFor(e *Entry, disk []Xattr) Claim {
	var c Claim
	c.SetOwner(e.UID, e.GID)
	if e.Type != TypeLink {
		c.SetMode(e.Mode)
	}
	if e.Type.special() {
		c.SetType(e.Type.Bits(), 0)
		if e.Type.IsDevice() {
			c.Rdev = lies.Makedev(e.Major, e.Minor)
		}
	}
	want := e.Xattrs
	for len(want) > 0 || len(disk) > 0 {
		switch {
		case len(disk) == 0 || len(want) > 0 && want[0].Name < disk[0].Name:
			c.SetXattr(want[0].Name, want[0].Value)
			want = want[1:]
		case len(want) == 0 || disk[0].Name < want[0].Name:
			c.HideXattr(disk[0].Name)
			disk = disk[1:]
		default:
			if string(want[0].Value) != string(disk[0].Value) {
				c.SetXattr(want[0].Name, want[0].Value)
			}
			want, disk = want[1:], disk[1:]
		}
	}
	return c
}
