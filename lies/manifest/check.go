package manifest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Limits of one entry. They are the kernel's, so no tree is refused for them.
const (
	maxXattrName  = 255       // XATTR_NAME_MAX, include/uapi/linux/limits.h
	maxXattrValue = 64 * 1024 // XATTR_SIZE_MAX
	maxSeconds    = 1 << 62   // keeps time.Time's own arithmetic from overflowing
)

// Validate checks everything that Write and Read demand of a manifest: valid entries in the right order, the
// root first, every entry's parent a directory, complete groups of hard links. The error names the path.
func (m *Manifest) Validate() error {
	if err := checkHeader(m.Header); err != nil {
		return err
	}
	var c checker
	for i := range m.Entries {
		if err := checkEntry(&m.Entries[i]); err != nil {
			return atPath(m.Entries[i].Path, err)
		}
		if err := c.add(m.Entries[:i+1], i); err != nil {
			return atPath(m.Entries[i].Path, err)
		}
	}
	i, err := c.finish(m.Entries)
	if err != nil && i >= 0 {
		return atPath(m.Entries[i].Path, err)
	}
	return err
}

func atPath(path string, err error) error { return fmt.Errorf("manifest: %q: %w", path, err) }

// checkHeader demands what Manifest.Header documents.
func checkHeader(fields []Field) error {
	for i, f := range fields {
		if !validKey(f.Key) {
			return fmt.Errorf("manifest: header key %q: want lower-case letters, digits, '-' and '.'", f.Key)
		}
		if !validValue(f.Value) {
			return fmt.Errorf("manifest: header %s: value %q: want printable ASCII without outer blanks", f.Key, f.Value)
		}
		if i > 0 && fields[i-1].Key >= f.Key {
			return fmt.Errorf("manifest: header %s: keys must be sorted, each once", f.Key)
		}
	}
	return nil
}

func validKey(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' {
			return false
		}
	}
	return s != ""
}

func validValue(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return s != "" && s[0] != ' ' && s[len(s)-1] != ' '
}

// checkPath refuses whatever could lead out of the tree or name one file twice.
func checkPath(path string) error {
	if path == "." {
		return nil
	}
	if path == "" {
		return errors.New("empty path")
	}
	if path[0] == '/' {
		return errors.New("absolute path (paths are relative to the root of the tree)")
	}
	if strings.IndexByte(path, 0) >= 0 {
		return errors.New("path contains a NUL byte")
	}
	for part := range strings.SplitSeq(path, "/") {
		switch part {
		case "":
			return errors.New("path has an empty component")
		case ".", "..":
			return fmt.Errorf("path has a component %q", part)
		}
	}
	return nil
}

// checkName accepts the user and group names that useradd(8) and systemd do, and some more; the point is that such a
// name needs no escapes, which bsdtar does not undo in names.
func checkName(name string) error {
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_', c == '-', c == '.', c == '@', c == '$', c == '+':
		default:
			return fmt.Errorf("name %q: want letters, digits and _-.@$+", name)
		}
	}
	if len(name) > 255 {
		return errors.New("name longer than 255 bytes")
	}
	return nil
}

// checkEntry checks an entry by itself.
func checkEntry(e *Entry) error {
	if err := checkPath(e.Path); err != nil {
		return err
	}
	if e.Type == 0 {
		return errors.New("no type")
	}
	if !e.Type.valid() {
		return fmt.Errorf("no such type: %v", e.Type)
	}
	if e.Path == "." && e.Type != TypeDir {
		return fmt.Errorf("the root is a %v, not a directory", e.Type)
	}
	if e.Mode > 0o7777 {
		return fmt.Errorf("mode %#o has more than permission bits", e.Mode)
	}
	if err := checkName(e.Uname); err != nil {
		return err
	}
	if err := checkName(e.Gname); err != nil {
		return err
	}
	if !e.Type.IsDevice() && (e.Major != 0 || e.Minor != 0) {
		return fmt.Errorf("device number on a %v", e.Type)
	}
	if (e.Type == TypeLink) != (e.Link != "") {
		return fmt.Errorf("link target %q on a %v", e.Link, e.Type)
	}
	if strings.IndexByte(e.Link, 0) >= 0 {
		return errors.New("link target contains a NUL byte")
	}
	if e.Size < 0 || e.Type != TypeFile && e.Size != 0 {
		return fmt.Errorf("size %d on a %v", e.Size, e.Type)
	}
	if e.HasDigest && e.Type != TypeFile {
		return fmt.Errorf("digest on a %v", e.Type)
	}
	if !e.HasDigest && e.Digest != [len(e.Digest)]byte{} {
		return errors.New("digest without HasDigest")
	}
	if s := e.Time.Unix(); s < -maxSeconds || s > maxSeconds {
		return errors.New("time out of range")
	}
	if (e.Group != 0) != (e.Nlink > 1) || e.Group != 0 && e.Type == TypeDir {
		return fmt.Errorf("%d links and group %d on a %v", e.Nlink, e.Group, e.Type)
	}
	return checkXattrs(e.Xattrs)
}

func checkXattrs(xattrs []Xattr) error {
	for i, x := range xattrs {
		switch {
		case x.Name == "" || len(x.Name) > maxXattrName || strings.IndexByte(x.Name, 0) >= 0:
			return fmt.Errorf("xattr name %q: want 1 to %d bytes without NUL", x.Name, maxXattrName)
		case len(x.Value) > maxXattrValue:
			return fmt.Errorf("xattr %s: value of %d bytes, at most %d are possible", x.Name, len(x.Value), maxXattrValue)
		case i > 0 && xattrs[i-1].Name >= x.Name:
			return fmt.Errorf("xattr %s: names must be sorted, each once", x.Name)
		}
	}
	return nil
}

// checker checks entries against the entries before them. The zero checker is ready.
type checker struct {
	parent string  // the last directory found by add: most entries have the same parent as the one before
	groups []group // groups[n-1] is group n
}

// group is what is known about a group of hard links so far.
type group struct {
	first int // index of its first entry
	count uint32
}

// add checks entries[i]; all entries before it have been added already, and each has passed checkEntry.
func (c *checker) add(entries []Entry, i int) error {
	e := &entries[i]
	if i == 0 {
		if e.Path != "." {
			return errors.New("the first entry must be the root (.)")
		}
		return nil
	}
	switch prev := entries[i-1].Path; ComparePaths(prev, e.Path) {
	case 0:
		return errors.New("path occurs twice")
	case 1:
		return fmt.Errorf("out of order: stands after %q", prev)
	}
	if err := c.checkParent(entries[:i], e.Path); err != nil {
		return err
	}
	if e.Group != 0 {
		return c.addLink(entries, i)
	}
	return nil
}

func (c *checker) checkParent(before []Entry, path string) error {
	slash := strings.LastIndexByte(path, '/')
	if slash < 0 || path[:slash] == c.parent {
		return nil
	}
	parent := path[:slash]
	p := (&Manifest{Entries: before}).Lookup(parent)
	if p == nil {
		return fmt.Errorf("its directory %q has no entry", parent)
	}
	if p.Type != TypeDir {
		return fmt.Errorf("%q is a %v, not a directory", parent, p.Type)
	}
	c.parent = parent
	return nil
}

// addLink checks entries[i], which belongs to a group.
func (c *checker) addLink(entries []Entry, i int) error {
	e := &entries[i]
	n := uint64(len(c.groups))
	if e.Group == n+1 {
		c.groups = append(c.groups, group{first: i, count: 1})
		return nil
	}
	if e.Group > n {
		return fmt.Errorf("hard-link group %d: groups are numbered in the order of their first paths, the next is %d", e.Group, n+1)
	}
	g := &c.groups[e.Group-1]
	g.count++
	first := &entries[g.first]
	if !sameInode(first, e) {
		return fmt.Errorf("hard-link group %d: differs from %q, which is the same inode", e.Group, first.Path)
	}
	if g.count > e.Nlink {
		return fmt.Errorf("hard-link group %d: has more than its %d links", e.Group, e.Nlink)
	}
	return nil
}

// sameInode reports whether two entries agree in everything but the path.
func sameInode(a, b *Entry) bool {
	return a.Type == b.Type && a.Mode == b.Mode && a.UID == b.UID && a.GID == b.GID &&
		a.Uname == b.Uname && a.Gname == b.Gname && a.Major == b.Major && a.Minor == b.Minor &&
		a.Link == b.Link && a.Size == b.Size && a.Time.Equal(b.Time) &&
		a.HasDigest == b.HasDigest && a.Digest == b.Digest && a.Nlink == b.Nlink && sameXattrs(a.Xattrs, b.Xattrs)
}

func sameXattrs(a, b []Xattr) bool {
	return slices.EqualFunc(a, b, func(x, y Xattr) bool { return x.Name == y.Name && string(x.Value) == string(y.Value) })
}

// finish checks what can be known only at the end. With an error it returns the index of the entry at fault, or -1.
func (c *checker) finish(entries []Entry) (int, error) {
	if len(entries) == 0 {
		return -1, errors.New("manifest: no entries, not even the root")
	}
	for n, g := range c.groups {
		if want := entries[g.first].Nlink; g.count != want {
			return g.first, fmt.Errorf("hard-link group %d: has %d of its %d links", n+1, g.count, want)
		}
	}
	return 0, nil
}
