package cred

import "encoding/binary"

// The versions of the structures of capget(2) and capset(2).
const (
	CapVersion1 uint32 = 0x19980330 // 32 capabilities
	CapVersion2 uint32 = 0x20071026
	CapVersion3 uint32 = 0x20080522 // same layout as version 2
)

// CapHeaderSize is the length of cap_user_header_t in bytes.
const CapHeaderSize = 8

// CapHeader is cap_user_header_t.
type CapHeader struct {
	Version uint32
	PID     int32 // 0: the calling thread
}

// ParseCapHeader reads a header of [CapHeaderSize] bytes in the byte order of
// every processor that feign runs on, little endian.
func ParseCapHeader(b [CapHeaderSize]byte) CapHeader {
	return CapHeader{
		Version: binary.LittleEndian.Uint32(b[:]),
		PID:     int32(binary.LittleEndian.Uint32(b[4:])),
	}
}

// DataSize is the length of the data that belongs to the header, 0 for a version
// that the kernel does not know. It then writes [CapVersion3] into the header
// and returns EINVAL, except that capget without data, which asks for just that,
// succeeds (kernel/capability.c cap_validate_magic, sys_capget).
func (h CapHeader) DataSize() int {
	switch h.Version {
	case CapVersion1:
		return 12
	case CapVersion2, CapVersion3:
		return 24
	}
	return 0
}

// EncodeData is cap_user_data_t as capget returns it, [CapHeader.DataSize] bytes:
// for each 32 capabilities the effective, permitted and inheritable ones. Version
// 1 loses the upper capabilities.
func (h CapHeader) EncodeData(s CapSets) []byte {
	size := h.DataSize()
	b := make([]byte, 0, size)
	for shift := 0; len(b) < size; shift += 32 {
		for _, set := range []Caps{s.Effective, s.Permitted, s.Inheritable} {
			b = binary.LittleEndian.AppendUint32(b, uint32(set>>shift))
		}
	}
	return b
}

// ParseData reads what capset was given; false unless b has the length of
// [CapHeader.DataSize]. Version 1 clears the upper capabilities.
func (h CapHeader) ParseData(b []byte) (s CapSets, valid bool) {
	if len(b) == 0 || len(b) != h.DataSize() {
		return s, false
	}
	for shift := 0; len(b) > 0; shift += 32 {
		for _, set := range []*Caps{&s.Effective, &s.Permitted, &s.Inheritable} {
			*set |= Caps(binary.LittleEndian.Uint32(b)) << shift
			b = b[4:]
		}
	}
	return s, true
}
