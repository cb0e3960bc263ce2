package manifest

import (
	"context"
	"fmt"
	"strings"
)

// VerifyOptions say what Verify compares besides what every copy of a tree has.
type VerifyOptions struct {
	// Mode, Owner and Time compare what is on the disk with what the manifest says. Where lies are told, modes and owners
	// differ on purpose; after an unpacking as real root they do not.
	Mode, Owner, Time bool
	// Carried says that the tree has come through something that keeps the contents of files but not the rest: a
	// cache, a remote worker or a sandbox of Bazel. Links, special files and directories may be missing, links and
	// special files may have become anything, and a file may be a link to its content.
	Carried bool
	// Exclude are paths, as in Entry, that are left out with everything below, in the tree and in the manifest.
	Exclude []string
	// Workers is as in Options.
	Workers int
}

// Verify compares the tree at root with the manifest and returns every difference, in the order of the paths; none means
// that the tree is the one described. Compared are: whether a path exists (a path of the tree that the manifest
// does not have is a difference too), the type, the target of a link, the size of a file, and its digest if
// the manifest has one. A device, FIFO or socket must be there, but may be a placeholder: an empty file or any other
// special file, because an unprivileged user cannot make the real one. The error is about trees that cannot be read.
func Verify(ctx context.Context, m *Manifest, root string, opts VerifyOptions) ([]Difference, error) {
	scan := Options{Exclude: opts.Exclude, Workers: opts.Workers, NoNames: true, NoXattrs: true}
	nodes, err := m.compare(ctx, root, scan, opts.Carried)
	if err != nil {
		return nil, fmt.Errorf("manifest: verify %s: %w", root, err)
	}
	disk := make([]Entry, len(nodes))
	for i, n := range nodes {
		disk[i] = n.entry
	}
	exclude := newExcluded(opts.Exclude)
	var diffs []Difference
	pairs(m.Entries, disk, func(want, found *Entry) {
		switch {
		case want == nil:
			if !opts.Carried || m.nearest(found.Path).Type == TypeDir {
				diffs = append(diffs, Difference{found.Path, "type", "", found.Type.String()})
			}
		case exclude.covers(want.Path):
		case found == nil:
			if !opts.Carried || want.Type == TypeFile {
				diffs = append(diffs, Difference{want.Path, "type", want.Type.String(), ""})
			}
		default:
			diffs = opts.entry(diffs, want, found)
		}
	})
	return diffs, nil
}

// compare walks a tree in order to compare it with m: only the digests that m has are computed.
func (m *Manifest) compare(ctx context.Context, root string, opts Options, carried bool) ([]*node, error) {
	h := hooks{
		digest: func(n *node) bool {
			if n.real.Nlink > 1 {
				return true // another path of the same inode may need it
			}
			e := m.Lookup(n.real.Path)
			return e != nil && e.HasDigest && e.Size == n.real.Size
		},
		follow: func(path string) bool {
			e := m.Lookup(path)
			return carried && e != nil && e.Type == TypeFile
		},
	}
	nodes, _, err := walk(ctx, root, opts, h)
	return nodes, err
}

// entry compares one path that is both in the manifest and on the disk.
func (o *VerifyOptions) entry(diffs []Difference, want, found *Entry) []Difference {
	if !o.fits(want, found) {
		return append(diffs, Difference{want.Path, "type", want.Type.String(), found.Type.String()})
	}
	add := func(field, want, got string) { diffs = addDifference(diffs, found.Path, field, want, got) }
	if want.Type == TypeLink && found.Type == TypeLink && !o.Carried {
		add("link", escaped(want.Link), escaped(found.Link))
	}
	if want.Type == TypeFile {
		add("size", sizeText(want), sizeText(found))
		if want.Size == found.Size && want.HasDigest {
			add("sha256digest", digestText(want), digestText(found))
		}
	}
	if o.Mode {
		add("mode", modeText(want.Mode), modeText(found.Mode))
	}
	if o.Owner {
		add("uid", number(want.UID), number(found.UID))
		add("gid", number(want.GID), number(found.GID))
	}
	if o.Time {
		add("time", timeText(want), timeText(found))
	}
	return diffs
}

// fits reports whether what the disk has can stand for what the manifest wants.
func (o *VerifyOptions) fits(want, found *Entry) bool {
	switch {
	case want.Type == found.Type:
		return !want.Type.IsDevice() || sameDevice(want, found) || o.Carried
	case want.Type.special():
		return o.Carried || found.Type.special() || found.Type == TypeFile && found.Size == 0
	case want.Type == TypeLink:
		return o.Carried
	}
	return false
}

// sameDevice reports whether a device on the disk, which only root can have made, is the one that is wanted. Device 0:0 is
// a placeholder too: everybody may make that one (fs/namei.c vfs_mknod, WHITEOUT_DEV).
func sameDevice(want, found *Entry) bool {
	return found.Major == want.Major && found.Minor == want.Minor || found.Major == 0 && found.Minor == 0
}

// nearest returns the entry that is nearest above a path that has none.
func (m *Manifest) nearest(path string) *Entry {
	for {
		slash := strings.LastIndexByte(path, '/')
		if slash < 0 {
			return &m.Entries[0]
		}
		path = path[:slash]
		if e := m.Lookup(path); e != nil {
			return e
		}
	}
}

// covers reports whether a path or a directory above it is in the set.
func (x excluded) covers(path string) bool {
	for len(x) > 0 {
		if x[path] {
			return true
		}
		slash := strings.LastIndexByte(path, '/')
		if slash < 0 {
			return false
		}
		path = path[:slash]
	}
	return false
}
