package ptlib

// fileID tells a file from all others: its device and inode number. The zero fileID is that of no file.
type fileID struct{ dev, ino uint64 }

// curious is what programs were found to make more calls that a Shortcut answers than it is patient with. It may forget some.
type curious [256]fileID

func (c *curious) place(f fileID) *fileID { return &c[markOf(f.dev, f.ino)%uint64(len(c))] }

func (c *curious) add(f fileID) { *c.place(f) = f }

func (c *curious) has(f fileID) bool { return f != fileID{} && *c.place(f) == f }

// Recognize says which file t's new program was read from. It is for Handler.Exec: what was learned of a program before is of use
// to a Shortcut.
func (t *Thread) Recognize(dev, ino uint64) { t.space.shortcuts.program = fileID{dev, ino} }
