package foreign

import (
	"github.com/feign-build/feign/lies"
)

// An Entry is what a tool claims about one file: always all of it, where feign can claim owner and mode apart.
type Entry struct {
	Dev, Ino uint64 // as stat(2) has them; both 0 where the format has only paths
	Path     string // "" where the format has none
	Mode     uint32 // with the claimed S_IFMT bits
	UID, GID uint32
	Nlink    uint64
	Rdev     uint64 // see lies.Makedev
	Xattrs   []lies.Xattr
	// XattrsOnly says that only Xattrs is claimed.
	XattrsOnly bool
}

// The S_IFMT bits of a mode (inode(7)).
const (
	typeMask    = 0o170000
	typeChar    = 0o020000
	typeBlock   = 0o060000
	typeRegular = 0o100000
	typeLink    = 0o120000
)

// isDevice reports whether a mode is that of a device node, for which tools without privileges make a regular file.
func isDevice(mode uint32) bool {
	return mode&typeMask == typeChar || mode&typeMask == typeBlock
}

// Lie returns the lie that the entry is. What the file is, apart from the number of its inode, the formats do not tell: its type
// on the disk is concluded from the claimed one, and a file that was born after saved, when the entry was written, is another
// one.
func (e *Entry) Lie(saved lies.Timespec) lies.Lie {
	l := lies.Lie{
		Key:      lies.Key{Dev: e.Dev, Ino: e.Ino},
		Identity: lies.Identity{Type: e.Mode & typeMask, Ctime: saved},
		Path:     e.Path,
	}
	if isDevice(e.Mode) {
		l.Type = typeRegular
	}
	l.Xattrs = e.Xattrs
	if e.XattrsOnly {
		return l
	}
	l.SetOwner(e.UID, e.GID)
	if e.Mode&typeMask != typeLink { // Linux knows no modes of links
		l.SetMode(e.Mode)
	}
	if isDevice(e.Mode) {
		l.SetType(e.Mode, e.Rdev)
	}
	return l
}

// Disk is what a tool has to know of a file besides what is claimed about it.
type Disk struct {
	Mode     uint32
	UID, GID uint32 // as the action sees them where nothing is claimed
	Nlink    uint64
}

// Of returns the entry for a lie. Attributes that are claimed not to be there are left out: no tool can say that.
func Of(l *lies.Lie, disk Disk) Entry {
	e := Entry{
		Dev: l.Dev, Ino: l.Ino, Path: l.Path, Mode: l.ModeOf(disk.Mode),
		UID: disk.UID, GID: disk.GID, Nlink: disk.Nlink,
	}
	if l.Has&lies.HasUID != 0 {
		e.UID = l.UID
	}
	if l.Has&lies.HasGID != 0 {
		e.GID = l.GID
	}
	if l.Has&lies.HasType != 0 {
		e.Rdev = l.Rdev
	}
	for _, x := range l.Xattrs {
		if !x.Hidden {
			e.Xattrs = append(e.Xattrs, x)
		}
	}
	return e
}
