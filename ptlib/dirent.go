package ptlib

import "bytes"

// A Dirent is one entry of a directory, in the buffer that getdents(2) or getdents64(2) has filled.
type Dirent struct {
	Ino  uint64
	Type uint8  // DT_REG and so on, d_type
	Name []byte // within the buffer

	typeAt int
}

// direntLayout is where struct linux_dirent and its kin have their fields (include/linux/dirent.h, fs/readdir.c).
type direntLayout struct {
	inoWidth, reclen, name int
	typeAt                 int // -1: the entry's last byte
}

// direntLayoutOf returns the layout for a call. Only getdents64(2) has the same one on every ABI.
func direntLayoutOf(abi ABI, sys Sys) direntLayout {
	switch {
	case sys == SysGetdents64:
		return direntLayout{inoWidth: 8, reclen: 16, typeAt: 18, name: 19}
	case abi.PointerBits() == 32:
		return direntLayout{inoWidth: 4, reclen: 8, typeAt: -1, name: 10}
	}
	return direntLayout{inoWidth: 8, reclen: 16, typeAt: -1, name: 18}
}

// NextDirent reads the entry at an offset of what the call has written, and returns the offset of the next one. ok is
// false at the end, and for bytes that are no entry.
func (c *Call) NextDirent(buf []byte, at int) (d Dirent, next int, ok bool) {
	l := direntLayoutOf(c.ABI, c.Sys)
	if at < 0 || at > len(buf) || len(buf)-at < l.name {
		return Dirent{}, at, false
	}
	entry := buf[at:]
	size := int(nativeEndian.Uint16(entry[l.reclen:]))
	if size <= l.name || size > len(entry) {
		return Dirent{}, at, false
	}
	entry = entry[:size]
	if l.inoWidth == 8 {
		d.Ino = nativeEndian.Uint64(entry)
	} else {
		d.Ino = uint64(nativeEndian.Uint32(entry))
	}
	typeAt := l.typeAt
	if typeAt < 0 {
		typeAt = size - 1
	}
	d.Type, d.typeAt = entry[typeAt], at+typeAt
	d.Name, _, _ = bytes.Cut(entry[l.name:], []byte{0})
	return d, at + size, true
}

// SetType changes the type of the entry in the buffer that it was read from.
func (d *Dirent) SetType(buf []byte, typ uint8) {
	d.Type = typ
	buf[d.typeAt] = typ
}
