package manifest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/feign-build/feign/lies"
)

// Options say how Scan describes a tree. The zero Options describe what is on the disk, without digests.
type Options struct {
	// Claims returns what is claimed about a file; false if nothing is. It is called once for each inode, by one
	// goroutine, in the order of a walk with sorted names. Claims(index) makes one of a lies.Index.
	Claims func(Real) (Claim, bool)
	// Owner maps the owners on the disk to those in the manifest; claimed owners are not mapped.
	Owner func(uid, gid uint32) (uint32, uint32)
	// Exclude are paths, as in Entry, that are left out with everything below.
	Exclude []string
	// Epoch is the latest time that an entry may have; later ones are replaced by it, earlier ones stay.
	Epoch *time.Time
	// Digest asks for the sha256 of every file.
	Digest bool
	// NoNames leaves out Uname and Gname. Otherwise they come from the files etc/passwd and etc/group of the tree, if
	// these are regular files of the tree that are not excluded; names that need escapes are left out.
	NoNames bool
	// Users and Groups are names of ids that the tree itself has no names for. Names that need escapes are left out.
	Users, Groups map[uint32]string
	// NoXattrs leaves out the attributes that are on the disk; claimed ones are in the manifest always.
	NoXattrs bool
	// KeepXattr decides by name which attributes on the disk are part of the tree. The default is DefaultXattr.
	KeepXattr func(name string) bool
	// Workers is the number of files that are read at once, by default one for each processor. The result does not
	// depend on it.
	Workers int
}

// DefaultXattr accepts attributes that belong to a file rather than to the machine it lies on: user.*, file
// capabilities and POSIX ACLs. Labels of security modules (security.selinux) and notes of file systems
// (trusted.overlay.*) do not.
func DefaultXattr(name string) bool {
	return strings.HasPrefix(name, "user.") || name == "security.capability" ||
		name == "system.posix_acl_access" || name == "system.posix_acl_default"
}

// Scan describes the tree at root: every path of it that is not excluded, without following symbolic links (but root
// itself may be one). It needs no privileges: a file or directory of one's own that may not be read is made
// readable for a moment. A file that changes while it is being read is an error, as is everything that cannot be
// read; errors name the path. The result depends on the tree and the options alone.
//
// A file that is claimed to be a device, FIFO or socket comes out as such, whatever placeholder the disk has for it.
func Scan(ctx context.Context, root string, opts Options) (*Manifest, error) {
	nodes, names, err := walk(ctx, root, opts, hooks{
		digest: func(*node) bool { return opts.Digest },
		follow: func(string) bool { return false },
	})
	if err != nil {
		return nil, fmt.Errorf("manifest: scan %s: %w", root, err)
	}
	m := &Manifest{Entries: make([]Entry, len(nodes))}
	for i, n := range nodes {
		m.Entries[i] = n.entry
	}
	if !opts.NoNames {
		names.apply(m.Entries, opts.Users, opts.Groups)
	}
	return m, nil
}

// node is one path that a walk has met.
type node struct {
	entry  Entry
	real   Real
	xattrs []Xattr // those on the disk
	first  *node   // the path by which the same inode was met before, or nil
}

// hooks are what a walk asks its caller.
type hooks struct {
	digest func(*node) bool       // whether the digest of a file is wanted
	follow func(path string) bool // whether a link to a regular file is to be taken for that file
}

// describe fills n.entry from what is real, what is claimed and what the options want. Size, link target and digest
// are not its business.
func (n *node) describe(opts *Options, c Claim) error {
	e, r := &n.entry, &n.real
	real, ok := TypeOfBits(r.Mode)
	if !ok {
		return fmt.Errorf("file type %#o is not known", r.Mode&sIFMT)
	}
	mode := c.ModeOf(r.Mode)
	if e.Type, ok = TypeOfBits(mode); !ok {
		return fmt.Errorf("claimed file type %#o is not known", mode&sIFMT)
	}
	// Only what an unprivileged user cannot make is claimed; a claim that turns a directory into something else means
	// that the lies belong to another tree.
	if e.Type != real && (!e.Type.special() || real == TypeDir || real == TypeLink) {
		return fmt.Errorf("is a %v, but claimed to be a %v", real, e.Type)
	}
	e.Path, e.Mode, e.Nlink = r.Path, mode&0o7777, 1
	if e.Type == TypeLink {
		e.Mode = 0o777 // Linux has no other, but other systems do
	}
	e.UID, e.GID = r.UID, r.GID
	if opts.Owner != nil {
		e.UID, e.GID = opts.Owner(r.UID, r.GID)
	}
	if c.Has&lies.HasUID != 0 {
		e.UID = c.UID
	}
	if c.Has&lies.HasGID != 0 {
		e.GID = c.GID
	}
	if e.Type.IsDevice() {
		rdev := r.Rdev
		if c.Has&lies.HasType != 0 {
			rdev = c.Rdev
		}
		e.Major, e.Minor = lies.Major(rdev), lies.Minor(rdev)
	}
	e.Time = time.Unix(r.Mtime.Sec, int64(r.Mtime.Nsec)).UTC()
	if opts.Epoch != nil && e.Time.After(*opts.Epoch) {
		e.Time = opts.Epoch.UTC()
	}
	e.Xattrs = mergeXattrs(n.xattrs, c.Xattrs)
	return nil
}

// special reports whether files of the type have neither content nor target.
func (t Type) special() bool { return t.IsDevice() || t == TypeFifo || t == TypeSocket }

// mergeXattrs returns the attributes on the disk with the claimed ones in their place. Both are sorted.
func mergeXattrs(disk []Xattr, claimed []lies.Xattr) []Xattr {
	if len(claimed) == 0 {
		return disk
	}
	var out []Xattr
	for _, c := range claimed {
		for len(disk) > 0 && disk[0].Name < c.Name {
			out, disk = append(out, disk[0]), disk[1:]
		}
		if len(disk) > 0 && disk[0].Name == c.Name {
			disk = disk[1:]
		}
		if !c.Hidden {
			out = append(out, Xattr{Name: c.Name, Value: c.Value})
		}
	}
	return append(out, disk...)
}

// finish gives the paths of one inode the same description, sorts the nodes and numbers the groups of hard links.
func finish(nodes []*node) {
	links := map[*node]uint32{} // number of paths, by the node met first
	for _, n := range nodes {
		if n.first != nil {
			path := n.entry.Path
			n.entry = n.first.entry
			n.entry.Path = path
			links[n.first] = max(links[n.first], 1) + 1
		}
	}
	slices.SortFunc(nodes, func(a, b *node) int { return ComparePaths(a.entry.Path, b.entry.Path) })
	groups := map[*node]uint64{}
	for _, n := range nodes {
		first := n.first
		if first == nil {
			first = n
		}
		count, ok := links[first]
		if !ok {
			continue
		}
		if groups[first] == 0 {
			groups[first] = uint64(len(groups)) + 1
		}
		n.entry.Nlink, n.entry.Group = count, groups[first]
	}
}

// excluded is a set of paths.
type excluded map[string]bool

func newExcluded(paths []string) excluded {
	set := make(excluded, len(paths))
	for _, p := range paths {
		set[strings.Trim(strings.TrimPrefix(p, "./"), "/")] = true
	}
	return set
}
