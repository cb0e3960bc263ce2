package manifest

import (
	"encoding/base64"
	"math"
	"strings"
)

// mksquashfs writes pseudo-file definitions that make the whole image, without a source directory: `mksquashfs - IMAGE -pf
// THIS`, since version 4.5. Beside a source the definitions would not do: a special file cannot take the place of a
// placeholder, and a directory that contains one cannot be changed (pseudo.c add_pseudo, "already exists as").
func (c *conversion) mksquashfs() { c.pseudo(false) }

// mksquashfsXattrs adds the definitions of extended attributes, which came with version 4.6.
func (c *conversion) mksquashfsXattrs() { c.pseudo(true) }

func (c *conversion) pseudo(xattrs bool) {
	for i := range c.m.Entries {
		e := &c.m.Entries[i]
		c.loseFraction(e, "squashfs has whole seconds")
		if xattrs {
			c.loseForeignXattrs(e)
		} else {
			c.loseXattrs(e, "a pseudo file has none before mksquashfs 4.6 (--to mksquashfs-4.6)")
		}
		if !oneLine(e.Path) || !oneLine(e.Link) {
			c.loseEntry(e, "a pseudo file has no names with newlines")
			continue
		}
		if t := e.Time.Unix(); t < 0 || t > math.MaxUint32 {
			c.loseEntry(e, "squashfs has times of 1970 to 2106 only")
			continue
		}
		c.pseudoEntry(e)
		if xattrs && c.lead(e, oneLine) == e {
			for _, x := range e.Xattrs {
				if squashfsXattr(x.Name) {
					c.printf("%s x %s=0s%s\n", pseudoName(e.Path), x.Name, base64.StdEncoding.EncodeToString(x.Value))
				}
			}
		}
	}
}

func (c *conversion) pseudoEntry(e *Entry) {
	if lead := c.lead(e, oneLine); lead != e {
		c.printf("%s L %s\n", pseudoName(e.Path), pseudoName(lead.Path))
		return
	}
	letter := map[Type]byte{TypeDir: 'D', TypeFile: 'F', TypeLink: 'S', TypeChar: 'C', TypeBlock: 'B', TypeFifo: 'I', TypeSocket: 'I'}[e.Type]
	c.printf("%s %c %d %04o %d %d", pseudoName(e.Path), letter, e.Time.Unix(), e.Mode, e.UID, e.GID)
	switch e.Type {
	case TypeFile:
		c.printf(" exec cat %s", shellQuote(c.onDisk(e)))
	case TypeLink:
		c.printf(" %s", e.Link)
	case TypeChar, TypeBlock:
		c.printf(" %d %d", e.Major, e.Minor)
	case TypeFifo:
		c.printf(" f")
	case TypeSocket:
		c.printf(" s")
	}
	c.printf("\n")
}

func oneLine(s string) bool { return !strings.Contains(s, "\n") }

// squashfsXattr reports whether squashfs has a place for an attribute (squashfs_fs.h, SQUASHFS_XATTR_USER and so on).
func squashfsXattr(name string) bool {
	return (strings.HasPrefix(name, "user.") || strings.HasPrefix(name, "trusted.") || strings.HasPrefix(name, "security.")) &&
		!strings.ContainsAny(name, "=\n")
}

func (c *conversion) loseForeignXattrs(e *Entry) {
	for _, x := range e.Xattrs {
		if c.first(e) == e && !squashfsXattr(x.Name) {
			c.lose(e.Path, "extended attribute "+displayPath(x.Name), "squashfs has user, trusted and security only")
		}
	}
}

// pseudoName escapes a name as pseudo.c get_element reads it: a backslash takes the meaning of what follows. The root is "/".
func pseudoName(path string) string {
	if path == "." {
		return "/"
	}
	return pseudoEscape.Replace(path)
}

var pseudoEscape = strings.NewReplacer(`\`, `\\`, " ", `\ `, "\t", "\\\t", "\v", "\\\v", "\f", "\\\f", "\r", "\\\r", `"`, `\"`, "#", `\#`)

// shellQuote returns a word for sh(1).
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// gensquashfs writes a pack file for squashfs-tools-ng: gen_init_cpio's format with quoted names and hard links. What ends
// a line is taken as it is: names on the disk, from the directory of --pack-dir, and targets.
func (c *conversion) gensquashfs() {
	if t, ok := c.oneTime(); ok {
		c.printf("# gensquashfs --defaults mtime=%d\n", t)
	} else {
		c.lose(".", "time", "gensquashfs --defaults mtime=N gives one to all (set hermetic.epoch, and the manifest has one)")
	}
	for i := range c.m.Entries {
		e := &c.m.Entries[i]
		c.loseXattrs(e, "a pack file has none")
		if !packable(e.Path) || !packable(e.Link) || !packable(c.o.Tree) {
			c.loseEntry(e, "a pack file has no names with newlines, nor any that end in blanks")
			continue
		}
		c.packEntry(e)
	}
}

// packable reports whether a name survives the end of a line, where blanks are cut off.
func packable(s string) bool { return oneLine(s) && strings.TrimSpace(s) == s }

func (c *conversion) packEntry(e *Entry) {
	name := `"/` + packEscape.Replace(e.Path) + `"`
	if e.Path == "." {
		name = "/"
	}
	if lead := c.lead(e, packable); lead != e {
		c.printf("link %s %04o %d %d /%s\n", name, e.Mode, e.UID, e.GID, lead.Path)
		return
	}
	verb, rest := "", ""
	switch e.Type {
	case TypeDir:
		verb = "dir"
	case TypeFile:
		verb, rest = "file", " "+c.onDisk(e)
	case TypeLink:
		verb, rest = "slink", " "+e.Link
	case TypeChar, TypeBlock:
		c.printf("nod %s %04o %d %d %c %d %d\n", name, e.Mode, e.UID, e.GID, deviceLetter(e.Type), e.Major, e.Minor)
		return
	case TypeFifo:
		verb = "pipe"
	case TypeSocket:
		verb = "sock"
	}
	c.printf("%s %s %04o %d %d%s\n", verb, name, e.Mode, e.UID, e.GID, rest)
}

var packEscape = strings.NewReplacer(`\`, `\\`, `"`, `\"`)
