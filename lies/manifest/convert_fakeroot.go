package manifest

import (
	"context"

	"github.com/feign-build/feign/lies"
)

// fakeroot writes what fakeroot -s saves and -i reads (faked.c save_database, load_database): what is claimed about the
// inodes of one tree on one machine. Contents, targets and times are those of the tree.
func (c *conversion) fakeroot(ctx context.Context) error {
	bound, err := Bind(ctx, c.m, c.o.Tree)
	if err != nil {
		return err
	}
	said := map[lies.Key]bool{}
	inodes := map[*Entry]lies.Key{} // of the first hard links
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
		c.printf("dev=%x,ino=%d,mode=%o,uid=%d,gid=%d,nlink=%d,rdev=%d\n", b.Key.Dev, b.Key.Ino, e.Type.Bits()|e.Mode,
			e.UID, e.GID, max(e.Nlink, 1), rdev)
	}
	return nil
}
