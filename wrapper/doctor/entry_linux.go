package doctor

import (
	"bytes"
	"encoding/binary"
)

// Offsets in struct linux_dirent64 (include/linux/dirent.h).
const (
	direntSize = 16 // d_reclen, 2 bytes
	direntType = 18
	direntName = 19
)

// entryType looks for a name in what getdents64(2) returned.
func entryType(buf []byte, name string) (kind uint8, ok bool) {
	for len(buf) > direntName {
		size := int(binary.NativeEndian.Uint16(buf[direntSize:]))
		if size <= direntName || size > len(buf) {
			return 0, false
		}
		if found, _, _ := bytes.Cut(buf[direntName:size], []byte{0}); string(found) == name {
			return buf[direntType], true
		}
		buf = buf[size:]
	}
	return 0, false
}
