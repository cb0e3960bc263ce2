package acl

import (
	"encoding/binary"
	"syscall"
)

// The extended attribute is a version and then entries of a tag, permissions
// and an ID, all little endian (include/uapi/linux/posix_acl_xattr.h).
const (
	version    = 2
	headerSize = 4
	entrySize  = 8
)

// Parse reads the value of an extended attribute (fs/posix_acl.c
// posix_acl_from_xattr). A header without entries is the nil ACL. Errors are
// EINVAL for a short or ragged value, an unknown tag or an undefined ID, and
// EOPNOTSUPP for another version; whether the entries make sense together is
// what [ACL.Valid] tells. The result shares nothing with value.
func Parse(value []byte) (ACL, syscall.Errno) {
	if len(value) < headerSize {
		return nil, syscall.EINVAL
	}
	if binary.LittleEndian.Uint32(value) != version {
		return nil, syscall.EOPNOTSUPP
	}
	value = value[headerSize:]
	if len(value)%entrySize != 0 {
		return nil, syscall.EINVAL
	}
	if len(value) == 0 {
		return nil, 0
	}
	a := make(ACL, 0, len(value)/entrySize)
	for ; len(value) > 0; value = value[entrySize:] {
		e := Entry{
			Tag:  Tag(binary.LittleEndian.Uint16(value)),
			Perm: Perm(binary.LittleEndian.Uint16(value[2:])),
			ID:   UndefinedID,
		}
		switch e.Tag {
		case UserObj, GroupObj, Mask, Other:
		case User, Group:
			e.ID = binary.LittleEndian.Uint32(value[4:])
			if e.ID == UndefinedID {
				return nil, syscall.EINVAL
			}
		default:
			return nil, syscall.EINVAL
		}
		a = append(a, e)
	}
	return a, 0
}

// Encode is the value of the extended attribute (fs/posix_acl.c
// posix_acl_to_xattr); nil for the nil ACL, which has no value.
func (a ACL) Encode() []byte {
	if a == nil {
		return nil
	}
	value := make([]byte, headerSize, a.Size())
	binary.LittleEndian.PutUint32(value, version)
	for _, e := range a {
		id := UndefinedID
		if e.Tag == User || e.Tag == Group {
			id = e.ID
		}
		value = binary.LittleEndian.AppendUint16(value, uint16(e.Tag))
		value = binary.LittleEndian.AppendUint16(value, uint16(e.Perm))
		value = binary.LittleEndian.AppendUint32(value, id)
	}
	return value
}

// Size is the length of [ACL.Encode] in bytes.
func (a ACL) Size() int {
	if a == nil {
		return 0
	}
	return headerSize + entrySize*len(a)
}
