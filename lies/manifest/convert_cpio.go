package manifest

import (
	"strconv"
	"strings"
)

// cpioLine is the longest line that usr/gen_init_cpio.c reads: LINE_SIZE is 2*PATH_MAX+50, of which fgets(3) leaves room
// for the NUL.
const cpioLine = 2*4096 + 50 - 1

// genInitCpio writes a list for the kernel's usr/gen_init_cpio. Its fields are separated by blanks (scanf's %s), and it
// makes hard links of files only.
func (c *conversion) genInitCpio() {
	if t, ok := c.oneTime(); ok {
		c.printf("# gen_init_cpio -t %d\n", t)
	} else {
		c.lose(".", "time", "gen_init_cpio -t gives one to all but files (set hermetic.epoch, and the manifest has one)")
	}
	for i := range c.m.Entries {
		c.cpioEntry(&c.m.Entries[i])
	}
}

func (c *conversion) cpioEntry(e *Entry) {
	c.loseXattrs(e, "gen_init_cpio has none")
	if hasBlank(e.Path) {
		c.loseEntry(e, "gen_init_cpio has no names with blanks")
		return
	}
	switch {
	case e.Type == TypeFile:
		c.cpioFile(e)
		return
	case c.first(e) != e:
		c.lose(e.Path, "hard link to "+displayPath(c.first(e).Path), "gen_init_cpio has them for files only")
	}
	owner := []any{e.Mode, e.UID, e.GID}
	switch e.Type {
	case TypeDir:
		c.printf("dir %s %04o %d %d\n", append([]any{e.Path}, owner...)...)
	case TypeLink:
		if hasBlank(e.Link) {
			c.loseEntry(e, "gen_init_cpio has no targets with blanks")
			return
		}
		c.printf("slink %s %s %04o %d %d\n", append([]any{e.Path, e.Link}, owner...)...)
	case TypeChar, TypeBlock:
		c.printf("nod %s %04o %d %d %c %d %d\n", e.Path, e.Mode, e.UID, e.GID, deviceLetter(e.Type), e.Major, e.Minor)
	case TypeFifo:
		c.printf("pipe %s %04o %d %d\n", append([]any{e.Path}, owner...)...)
	case TypeSocket:
		c.printf("sock %s %04o %d %d\n", append([]any{e.Path}, owner...)...)
	}
}

// cpioFile writes the line of a group of hard links at the first of them.
func (c *conversion) cpioFile(e *Entry) {
	if c.lead(e, func(path string) bool { return !hasBlank(path) }) != e {
		return
	}
	location := c.onDisk(e)
	if hasBlank(location) || strings.Contains(location, "${") {
		c.loseEntry(e, "gen_init_cpio would not find it on the disk under a name with blanks or ${")
		return
	}
	c.loseTreeTime(e)
	line := "file " + e.Path + " " + location + " " + modeText(e.Mode) + " " +
		strconv.FormatUint(uint64(e.UID), 10) + " " + strconv.FormatUint(uint64(e.GID), 10)
	for _, l := range c.links(e) {
		switch {
		case l == e || hasBlank(l.Path):
		case len(line)+1+len(l.Path) >= cpioLine:
			c.loseEntry(l, "gen_init_cpio takes no longer line of hard links")
		default:
			line += " " + l.Path
		}
	}
	c.printf("%s\n", line)
}

// hasBlank reports whether scanf(3) would end a name early: isspace(3) in the C locale.
func hasBlank(s string) bool { return strings.ContainsAny(s, " \t\n\v\f\r") }

func deviceLetter(t Type) byte {
	if t == TypeBlock {
		return 'b'
	}
	return 'c'
}
