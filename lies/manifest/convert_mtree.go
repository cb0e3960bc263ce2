package manifest

// mtree writes mtree(5) for programs that know less of it than bsdtar: NetBSD's mtree stops at keywords that it does not
// know, among them contents and inode. A tree that is named gets contents= for its files, so that bsdtar and tar.bzl find
// them from any directory; bsdtar 3.6 ends at a socket, so these are left out then.
func (c *conversion) mtree() {
	c.printf("%s\n", magicMtree)
	var line []byte
	for i := range c.m.Entries {
		e := &c.m.Entries[i]
		c.loseXattrs(e, "mtree has none")
		if e.Type == TypeSocket && c.o.Tree != "" {
			c.loseEntry(e, "bsdtar ends at one")
			continue
		}
		line = appendKeywords(line[:0], e)
		if e.Type == TypeFile && c.o.Tree != "" {
			line = appendEscaped(append(line, " contents="...), c.onDisk(e))
		}
		if len(line) >= MaxLine {
			c.loseEntry(e, "its line would be longer than bsdtar takes")
			continue
		}
		c.text.Write(append(line, '\n'))
	}
}
