package cred

import (
	"encoding/binary"
	"syscall"
)

// FileCapsName is the extended attribute that holds a file's capabilities.
const FileCapsName = "security.capability"

// The layout of the attribute (include/uapi/linux/capability.h): a magic number,
// one or two pairs of permitted and inheritable sets of 32, and in revision 3
// the user id that is root in the namespace in which the attribute counts.
const (
	fileCapsEffective    uint32 = 1
	fileCapsRevisionMask uint32 = 0xff000000
	fileCapsRevision1    uint32 = 0x01000000
	fileCapsRevision2    uint32 = 0x02000000
	fileCapsRevision3    uint32 = 0x03000000

	fileCapsSize1 = 12
	fileCapsSize2 = 20
	fileCapsSize3 = 24
)

// FileCaps is what a program's file says of capabilities.
type FileCaps struct {
	Permitted, Inheritable Caps
	Effective              bool   // those that are gained are in effect at once
	RootID                 uint32 // 0: counts everywhere
}

// ParseFileCaps reads the attribute as execve does: EINVAL for an unknown
// revision or a wrong length, ERANGE for a value longer than any revision
// (security/commoncap.c get_vfs_caps_from_disk). The attribute of length zero,
// which setxattr lets pass, is such an error.
func ParseFileCaps(value []byte) (FileCaps, syscall.Errno) {
	if len(value) > fileCapsSize3 {
		return FileCaps{}, syscall.ERANGE
	}
	if len(value) < 4 {
		return FileCaps{}, syscall.EINVAL
	}
	magic := binary.LittleEndian.Uint32(value)
	size := 0
	switch magic & fileCapsRevisionMask {
	case fileCapsRevision1:
		size = fileCapsSize1
	case fileCapsRevision2:
		size = fileCapsSize2
	case fileCapsRevision3:
		size = fileCapsSize3
	}
	if len(value) != size {
		return FileCaps{}, syscall.EINVAL
	}
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(value[4*i:]) }
	f := FileCaps{
		Permitted:   Caps(word(1)),
		Inheritable: Caps(word(2)),
		Effective:   magic&fileCapsEffective != 0,
	}
	if size >= fileCapsSize2 {
		f.Permitted |= Caps(word(3)) << 32
		f.Inheritable |= Caps(word(4)) << 32
	}
	if size == fileCapsSize3 {
		f.RootID = word(5)
	}
	return f, ok
}

// Encode is the value of the attribute: revision 2, or revision 3 where RootID
// is not 0.
func (f FileCaps) Encode() []byte {
	magic := fileCapsRevision2
	if f.RootID != 0 {
		magic = fileCapsRevision3
	}
	if f.Effective {
		magic |= fileCapsEffective
	}
	words := []uint32{magic,
		uint32(f.Permitted), uint32(f.Inheritable),
		uint32(f.Permitted >> 32), uint32(f.Inheritable >> 32)}
	if f.RootID != 0 {
		words = append(words, f.RootID)
	}
	value := make([]byte, 0, fileCapsSize3)
	for _, w := range words {
		value = binary.LittleEndian.AppendUint32(value, w)
	}
	return value
}

// storeFileCaps checks a value that setxattr was given, and is what is stored:
// the value itself, since the caller must be privileged (security/commoncap.c
// cap_convert_nscap). Only revisions 2 and 3 are taken.
func (c *Cred) storeFileCaps(value []byte) ([]byte, syscall.Errno) {
	if !settableFileCaps(value) {
		return nil, syscall.EINVAL
	}
	if !c.Capable(CAP_SETFCAP) {
		return nil, syscall.EPERM
	}
	if len(value) == fileCapsSize3 && binary.LittleEndian.Uint32(value[20:]) == unset {
		return nil, syscall.EINVAL
	}
	return value, ok
}

// settableFileCaps is security/commoncap.c validheader: any flag but the
// effective one makes a value invalid.
func settableFileCaps(value []byte) bool {
	if len(value) < 4 {
		return false
	}
	switch magic := binary.LittleEndian.Uint32(value) &^ fileCapsEffective; len(value) {
	case fileCapsSize2:
		return magic == fileCapsRevision2
	case fileCapsSize3:
		return magic == fileCapsRevision3
	}
	return false
}

// ReadFileCaps is what getxattr returns for a stored value: a revision 3 that
// belongs to user 0 reads as revision 2; EINVAL for what setxattr would not have
// taken (security/commoncap.c cap_inode_getsecurity).
func ReadFileCaps(stored []byte) ([]byte, syscall.Errno) {
	if !settableFileCaps(stored) {
		return nil, syscall.EINVAL
	}
	f, errno := ParseFileCaps(stored)
	if errno != 0 {
		return nil, errno
	}
	return f.Encode(), ok
}
