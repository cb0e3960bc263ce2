package lies

import (
	"bytes"
	"slices"
	"strings"
)

// Key is what a file is found by: st_dev and st_ino as stat(2) gives them to the tracer.
type Key struct{ Dev, Ino uint64 }

// Timespec is a time as the kernel has it. The zero Timespec means that the time is not known.
type Timespec struct {
	Sec  int64
	Nsec uint32
}

// IsZero reports whether the time is not known.
func (t Timespec) IsZero() bool { return t == Timespec{} }

// The file type bits of a Linux mode (include/uapi/linux/stat.h), written out because golang.org/x/sys has them for Unix
// only.
const (
	typeMask = 0o170000
	typeDir  = 0o040000
)

// Identity is what tells a file from another one that got the same inode number later.
type Identity struct {
	// Type is the type of the file on the disk, the S_IFMT bits of its mode; other bits are ignored.
	Type uint32
	// Btime is the birth time, from statx(2). Zero means not known (yet).
	Btime Timespec
	// Ctime is the time of the last change of the inode.
	Ctime Timespec
	// NoBtime says that statx(2) was asked and that the file system does not know the birth time.
	NoBtime bool
	// Generation is what tells a file from an earlier one with its inode number where the file system knows no birth time:
	// FS_IOC_GETVERSION of files and directories (ioctl_iflags(2)). Zero means not known. An Index finds it out by itself.
	Generation uint32
}

// Has says which fields of a Claim are claimed.
type Has uint8

// The fields of a Claim.
const (
	HasUID  Has = 1 << iota // UID
	HasGID                  // GID
	HasMode                 // the permission bits of Mode, 07777
	HasType                 // the S_IFMT bits of Mode, and Rdev
)

// Xattr is a claim about one extended attribute.
type Xattr struct {
	Name  string
	Value []byte
	// Hidden says that the attribute is claimed not to be there, whatever the disk has.
	Hidden bool
}

// Claim is what is claimed about a file. Fields that are not claimed are as on the disk.
type Claim struct {
	Has      Has
	UID, GID uint32
	Mode     uint32 // permission bits and S_IFMT bits, each as far as Has says
	Rdev     uint64 // device number of a claimed device, see Makedev
	// Xattrs is sorted by name, each name once. It is shared with the Index and never changed in place: use the
	// methods of Claim, which make a new slice.
	Xattrs []Xattr
}

// Empty reports whether nothing at all is claimed.
func (c *Claim) Empty() bool { return c.Has == 0 && len(c.Xattrs) == 0 }

// SetOwner claims both owners.
func (c *Claim) SetOwner(uid, gid uint32) {
	c.Has |= HasUID | HasGID
	c.UID, c.GID = uid, gid
}

// SetMode claims permission bits (07777) and leaves the claimed type alone.
func (c *Claim) SetMode(perm uint32) {
	c.Has |= HasMode
	c.Mode = c.Mode&typeMask | perm&^typeMask
}

// SetType claims a type (S_IFMT bits) and a device number.
func (c *Claim) SetType(typ uint32, rdev uint64) {
	c.Has |= HasType
	c.Mode = c.Mode&^typeMask | typ&typeMask
	c.Rdev = rdev
}

// ModeOf returns the mode to be told for a file whose mode on the disk is real.
func (c *Claim) ModeOf(real uint32) uint32 {
	if c.Has&HasMode != 0 {
		real = real&typeMask | c.Mode&^typeMask
	}
	if c.Has&HasType != 0 {
		real = real&^typeMask | c.Mode&typeMask
	}
	return real
}

// Xattr returns what is claimed about the attribute; false if nothing is.
func (c *Claim) Xattr(name string) (Xattr, bool) {
	i, ok := c.findXattr(name)
	if !ok {
		return Xattr{}, false
	}
	return c.Xattrs[i], true
}

// SetXattr claims a value, which is copied.
func (c *Claim) SetXattr(name string, value []byte) {
	c.putXattr(Xattr{Name: name, Value: bytes.Clone(value)})
}

// HideXattr claims that there is no such attribute, though the disk may have it.
func (c *Claim) HideXattr(name string) { c.putXattr(Xattr{Name: name, Hidden: true}) }

// UnclaimXattr takes back whatever is claimed about the attribute.
func (c *Claim) UnclaimXattr(name string) {
	if i, ok := c.findXattr(name); ok {
		c.Xattrs = slices.Delete(slices.Clone(c.Xattrs), i, i+1)
	}
}

func (c *Claim) findXattr(name string) (int, bool) {
	return slices.BinarySearchFunc(c.Xattrs, name, func(x Xattr, name string) int { return strings.Compare(x.Name, name) })
}

func (c *Claim) putXattr(x Xattr) {
	i, ok := c.findXattr(x.Name)
	xs := slices.Clone(c.Xattrs)
	if ok {
		xs[i] = x
	} else {
		xs = slices.Insert(xs, i, x)
	}
	c.Xattrs = xs
}

// Lie is all that is known about one lie.
type Lie struct {
	Key
	Identity // Ctime is the one seen at the last verification
	Claim
	Path string // where the file was when the lie was recorded; "" if not known
	// Direct says that Path was not followed if it is a symbolic link. It is told by Merge to an Observer, and not kept.
	Direct bool
}

// learnGeneration completes a lie that is being recorded of a file without a birth time.
func (l *Lie) learnGeneration() {
	if l.NoBtime && l.Generation == 0 {
		l.Generation = generation(l.Path, l.Key, l.Type)
	}
}
