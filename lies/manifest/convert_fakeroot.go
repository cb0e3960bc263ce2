package manifest

import (
	"context"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/foreign"
)

// fakeroot writes what fakeroot -s saves and -i reads: what is claimed about the
// inodes of one tree on one machine. Contents, targets and times are those of the tree.
func (c *conversion) fakeroot(ctx context.Context) error {
	bound, err := Bind(ctx, c.m, c.o.Tree)
	if err != nil {
		return err
	}
	said := map[lies.Key]bool{}
	inodes := map[*Entry]lies.Key{} // of the first hard links
	var entries []foreign.Entry
	for _, b := range bound {
		e, first := b.Entry, c.first(b.Entry)
		c.loseXattrs(e, "fakeroot saves none")
		if inodes[e] = b.Key; inodes[first] != b.Key {
			c.lose(e.Path, "hard link to "+displayPath(first.Path), "the tree has two files")
		}
		if said[b.Key] {
			continue
		}
		said[b.Key] = true
		c.loseTreeTime(e)
		rdev := uint64(0)
		if e.Type.IsDevice() {
			rdev = lies.Makedev(e.Major, e.Minor)
		}
		entries = append(entries, foreign.Entry{
			Dev: b.Key.Dev, Ino: b.Key.Ino, Mode: e.Type.Bits() | e.Mode, UID: e.UID, GID: e.GID, Nlink: uint64(max(e.Nlink, 1)), Rdev: rdev,
		})
	}
	return foreign.Write(foreign.Fakeroot, &c.text, entries)
}
