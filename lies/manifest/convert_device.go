package manifest

import (
	"fmt"
	"math"
	"os"
	"strings"
)

// A deviceTable is one of the dialects of the table that Buildroot, OpenEmbedded and mkfs tools read. The lines are the
// same; what a reader does with them differs. Ranges of devices, where the dialects differ most, are not used.
type deviceTable struct {
	reader  string
	links   bool // has symbolic links (and changes the owners of those that are there)
	sockets bool
	comment string // begins a comment wherever it stands in a line
	// maxID and maxDevice are what fits into the reader's image.
	maxID, maxDevice uint32
	caps             bool // has lines for capabilities
}

// genext2fs is the dialect of genext2fs -D: `genext2fs -d TREE -D THIS IMAGE`. Its inodes are those of the first ext2, with
// 16 bits for owners and 8 for either half of a device number (genext2fs.c mknod_fs, i_uid).
func (c *conversion) genext2fs() {
	c.table(deviceTable{reader: "genext2fs", links: true, sockets: true, comment: "#", maxID: math.MaxUint16, maxDevice: math.MaxUint8})
}

// makedevs is the dialect of Buildroot's makedevs -d: `makedevs -d THIS ROOT`, as root or under feign run.
func (c *conversion) makedevs() {
	c.table(deviceTable{reader: "makedevs", maxID: math.MaxUint32, maxDevice: 0xfffff, caps: true})
}

func (c *conversion) table(t deviceTable) {
	c.printf("# name type mode uid gid major minor start inc count\n")
	c.lose(".", "time", t.reader+" has none")
	for i := range c.m.Entries {
		e := &c.m.Entries[i]
		switch {
		case hasBlank(e.Path):
			c.loseLine(&t, e, t.reader+" has no names with blanks")
		case t.comment != "" && strings.Contains(e.Path, t.comment):
			c.loseLine(&t, e, t.reader+" has no names with "+t.comment)
		default:
			c.tableEntry(&t, e)
		}
	}
}

// tableTypes are the letters of the types. Fifos are p everywhere.
var tableTypes = map[Type]byte{TypeFile: 'f', TypeDir: 'd', TypeLink: 'l', TypeChar: 'c', TypeBlock: 'b', TypeFifo: 'p', TypeSocket: 's'}

func (c *conversion) tableEntry(t *deviceTable, e *Entry) {
	switch {
	case e.Type == TypeSocket && !t.sockets:
		c.loseLine(t, e, t.reader+" has none")
		return
	case e.Type == TypeLink && !t.links:
		c.loseLine(t, e, t.reader+" does not change links")
		return
	case e.Major > t.maxDevice || e.Minor > t.maxDevice:
		c.loseLine(t, e, fmt.Sprintf("%s has device numbers up to %d", t.reader, t.maxDevice))
		return
	case e.UID > t.maxID || e.GID > t.maxID:
		c.lose(e.Path, "owner", fmt.Sprintf("%s has ids up to %d", t.reader, t.maxID))
	}
	if e.Type.special() {
		c.loseLinkOfSpecial(t, e)
		c.losePlaceholder(t, e)
	}
	name := "/" + e.Path
	if e.Path == "." {
		name = "/"
	}
	numbers := "- -"
	if e.Type.IsDevice() {
		numbers = fmt.Sprintf("%d %d", e.Major, e.Minor)
	}
	c.printf("%s %c %04o %d %d %s - - -\n", name, tableTypes[e.Type], e.Mode, t.id(e.UID), t.id(e.GID), numbers)
	c.tableXattrs(t, e)
}

// id returns an owner as the table can have it: what does not fit belongs to the kernel's overflowuid.
func (t *deviceTable) id(id uint32) uint32 {
	if id > t.maxID {
		return overflowID
	}
	return id
}

// overflowID is include/linux/highuid.h's DEFAULT_OVERFLOWUID.
const overflowID = 65534

// loseLine tells what comes of an entry without a line: files, directories and links are in the tree all the same.
func (c *conversion) loseLine(t *deviceTable, e *Entry, why string) {
	c.loseXattrs(e, t.reader+" has none here")
	switch {
	case e.Type.special():
		c.loseEntry(e, why)
	case e.Type == TypeLink:
		if e.UID != 0 || e.GID != 0 {
			c.lose(e.Path, "owner", why)
		}
	default:
		c.lose(e.Path, "owner and mode", why)
	}
}

func (c *conversion) loseLinkOfSpecial(t *deviceTable, e *Entry) {
	if first := c.first(e); first != e {
		c.lose(e.Path, "hard link to "+displayPath(first.Path), t.reader+" makes a file of its own")
	}
}

// losePlaceholder looks whether the tree has an empty file where the table has a special one: neither reader replaces it.
func (c *conversion) losePlaceholder(t *deviceTable, e *Entry) {
	if c.o.Tree == "" {
		return
	}
	if fi, err := os.Lstat(c.onDisk(e)); err == nil && fi.Mode().IsRegular() {
		c.loseEntry(e, t.reader+" keeps the placeholder that the tree has (remove that from a copy of the tree)")
	}
}

func (c *conversion) tableXattrs(t *deviceTable, e *Entry) {
	if c.first(e) != e {
		return
	}
	for _, x := range e.Xattrs {
		if t.caps && x.Name == "security.capability" && e.Type == TypeFile {
			if text := capabilityText(x.Value); text != "" && len(text) < 255 { // makedevs.c: char xattr[255]
				c.printf("|xattr %s\n", text)
				continue
			}
		}
		why := t.reader + " has none"
		if t.caps {
			why = t.reader + " has capabilities of files only"
		}
		c.lose(e.Path, "extended attribute "+displayPath(x.Name), why)
	}
}
