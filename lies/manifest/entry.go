package manifest

import (
	"crypto/sha256"
	"fmt"
	"sort"
	"time"
)

// Type says what kind of file an entry is. The zero Type is no type.
type Type uint8

// The types that mtree(5) and Linux know.
const (
	TypeFile Type = iota + 1
	TypeDir
	TypeLink
	TypeChar
	TypeBlock
	TypeFifo
	TypeSocket
)

// typeNames are the values of mtree's type keyword.
var typeNames = [...]string{
	TypeFile: "file", TypeDir: "dir", TypeLink: "link", TypeChar: "char",
	TypeBlock: "block", TypeFifo: "fifo", TypeSocket: "socket",
}

// The file type bits of a Linux mode (include/uapi/linux/stat.h), written out because golang.org/x/sys has them
// for Unix only and manifests are read everywhere.
const (
	sIFMT   = 0o170000
	sIFSOCK = 0o140000
	sIFLNK  = 0o120000
	sIFREG  = 0o100000
	sIFBLK  = 0o060000
	sIFDIR  = 0o040000
	sIFCHR  = 0o020000
	sIFIFO  = 0o010000
)

// typeBits are the S_IFMT values of the types.
var typeBits = [...]uint32{
	TypeFile: sIFREG, TypeDir: sIFDIR, TypeLink: sIFLNK, TypeChar: sIFCHR,
	TypeBlock: sIFBLK, TypeFifo: sIFIFO, TypeSocket: sIFSOCK,
}

// String returns the value of mtree's type keyword: "file", "dir", "link", "char", "block", "fifo" or "socket".
func (t Type) String() string {
	if t.valid() {
		return typeNames[t]
	}
	return fmt.Sprintf("type(%d)", uint8(t))
}

// Bits returns the S_IFMT bits of a Linux mode for the type, 0 for no type.
func (t Type) Bits() uint32 {
	if t.valid() {
		return typeBits[t]
	}
	return 0
}

// IsDevice reports whether the type has a device number.
func (t Type) IsDevice() bool { return t == TypeChar || t == TypeBlock }

func (t Type) valid() bool { return t >= TypeFile && t <= TypeSocket }

// ParseType is the opposite of String.
func ParseType(name string) (Type, bool) {
	for t := TypeFile; t <= TypeSocket; t++ {
		if typeNames[t] == name {
			return t, true
		}
	}
	return 0, false
}

// TypeOfBits returns the type for the S_IFMT bits of a Linux mode; other bits of mode are ignored.
func TypeOfBits(mode uint32) (Type, bool) {
	for t := TypeFile; t <= TypeSocket; t++ {
		if typeBits[t] == mode&sIFMT {
			return t, true
		}
	}
	return 0, false
}

// Xattr is one extended attribute. Name is in full ("security.capability"), Value the bytes as setxattr(2) got them.
type Xattr struct {
	Name  string
	Value []byte
}

// Entry describes one path of a tree, as the action that made the tree believes it to be.
type Entry struct {
	// Path is relative to the root of the tree, without "./", with the bytes that the disk has (they need not be
	// UTF-8). The root itself is ".".
	Path string
	Type Type
	// Mode holds the permission bits with suid, sgid and sticky: 0..07777.
	Mode     uint32
	UID, GID uint32
	// Uname and Gname are the names of UID and GID in the tree's own etc/passwd and etc/group; "" where there are none.
	Uname, Gname string
	// Major and Minor are the device number of a Char or a Block.
	Major, Minor uint32
	// Link is the target of a Link, bytes as on disk.
	Link string
	// Size is the length of a File in bytes.
	Size int64
	// Time is the time of the last modification, in UTC.
	Time time.Time
	// Digest is the sha256 of a File's content, if HasDigest.
	Digest    [sha256.Size]byte
	HasDigest bool
	// Nlink is the number of paths inside the tree that lead to the same inode: 1 unless Group is set. (0 is taken as 1.)
	Nlink uint32
	// Group numbers the groups of hard links, 1, 2, ... in the order of their first paths; 0 for an entry that has no
	// other path inside the tree. The entries of a group differ in Path only.
	Group uint64
	// Xattrs are sorted by name, each name once.
	Xattrs []Xattr
}

// Field is one line `# Key: Value` of a manifest's header.
type Field struct{ Key, Value string }

// Manifest describes a tree: every entry of it, sorted by the bytes of Path, the root (".") first.
type Manifest struct {
	// Header holds what is said about the tree as a whole, sorted by key, each key once. Keys are made of lower-case
	// letters, digits, '-' and '.'; values are one line of printable ASCII. It may be empty.
	Header  []Field
	Entries []Entry
}

// Lookup returns the entry for path, or nil. The entry is the manifest's own.
func (m *Manifest) Lookup(path string) *Entry {
	i := sort.Search(len(m.Entries), func(i int) bool { return ComparePaths(m.Entries[i].Path, path) >= 0 })
	if i < len(m.Entries) && m.Entries[i].Path == path {
		return &m.Entries[i]
	}
	return nil
}

// ComparePaths is the order of entries in a manifest: by bytes, but the root (".") stands before everything, also
// before names that begin with a byte below '.'. The parent of a path always stands before it.
func ComparePaths(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == ".":
		return -1
	case b == ".":
		return 1
	case a < b:
		return -1
	}
	return 1
}
