package ptlib

import "golang.org/x/sys/unix"

// A statLayout says where a structure of the stat family keeps its fields. The layouts are data and the same on every
// platform, so all of them are in every build.
type statLayout struct {
	size                       int
	dev, ino, mode, nlink      field
	uid, gid, rdev             field
	bytes, blksize, blocks     field
	atime, mtime, ctime, btime timeField
	devSplit                   bool // struct statx: major and minor are two words of 32 bits
	mask                       bool // struct statx: begins with a mask
}

// A field is an unsigned number of width bytes at an offset; width 0 is a field that the structure lacks.
type field struct{ at, width int }

// A timeField is a pair of seconds and nanoseconds. nsec.width 0: whole seconds.
type timeField struct{ sec, nsec field }

func (f field) get(raw []byte) uint64 {
	switch f.width {
	case 2:
		return uint64(nativeEndian.Uint16(raw[f.at:]))
	case 4:
		return uint64(nativeEndian.Uint32(raw[f.at:]))
	case 8:
		return nativeEndian.Uint64(raw[f.at:])
	}
	return 0
}

func (f field) put(raw []byte, v uint64) {
	switch f.width {
	case 2:
		nativeEndian.PutUint16(raw[f.at:], uint16(v))
	case 4:
		nativeEndian.PutUint32(raw[f.at:], uint32(v))
	case 8:
		nativeEndian.PutUint64(raw[f.at:], v)
	}
}

// putID stores a user or group id. What 16 bits cannot hold becomes the overflow id, as kernel/uid16.c does.
func (f field) putID(raw []byte, id uint32) {
	if f.width == 2 && id > 0xffff {
		id = overflowID
	}
	f.put(raw, uint64(id))
}

// overflowID is the default of /proc/sys/kernel/overflowuid.
const overflowID = 65534

func (f timeField) get(raw []byte) Timestamp {
	sec := int64(f.sec.get(raw))
	if f.sec.width == 4 {
		sec = int64(int32(sec))
	}
	return Timestamp{Sec: sec, Nsec: uint32(f.nsec.get(raw))}
}

func (f timeField) put(raw []byte, t Timestamp) {
	f.sec.put(raw, uint64(t.Sec))
	f.nsec.put(raw, uint64(t.Nsec))
}

func (l *statLayout) decode(raw []byte, s *Stat) {
	*s = Stat{
		Ino: l.ino.get(raw), Mode: uint32(l.mode.get(raw)), Nlink: l.nlink.get(raw),
		UID: uint32(l.uid.get(raw)), GID: uint32(l.gid.get(raw)),
		Size: int64(l.bytes.get(raw)), Blksize: int64(l.blksize.get(raw)), Blocks: int64(l.blocks.get(raw)),
		Atime: l.atime.get(raw), Mtime: l.mtime.get(raw), Ctime: l.ctime.get(raw), Btime: l.btime.get(raw),
		Dev: l.device(raw, l.dev), Rdev: l.device(raw, l.rdev),
	}
	if l.mask {
		attributes := nativeEndian.Uint64(raw[8:])
		s.Immutable = attributes&(unix.STATX_ATTR_IMMUTABLE|unix.STATX_ATTR_APPEND) != 0
	}
}

func (l *statLayout) device(raw []byte, f field) uint64 {
	if l.devSplit {
		minor := field{f.at + 4, 4}
		return unix.Mkdev(uint32(f.get(raw)), uint32(minor.get(raw)))
	}
	return f.get(raw)
}

func (l *statLayout) putDevice(raw []byte, f field, dev uint64) {
	if l.devSplit {
		f.put(raw, uint64(unix.Major(dev)))
		field{f.at + 4, 4}.put(raw, uint64(unix.Minor(dev)))
		return
	}
	f.put(raw, dev)
}

// encodeClaims stores what a Handler may claim about a file.
func (l *statLayout) encodeClaims(raw []byte, s *Stat) {
	l.mode.put(raw, uint64(s.Mode))
	l.nlink.put(raw, s.Nlink)
	l.uid.putID(raw, s.UID)
	l.gid.putID(raw, s.GID)
	l.putDevice(raw, l.rdev, s.Rdev)
	l.bytes.put(raw, uint64(s.Size))
	l.blocks.put(raw, uint64(s.Blocks))
}

func (l *statLayout) encodeAll(raw []byte, s *Stat) {
	if l.mask {
		nativeEndian.PutUint32(raw, unix.STATX_BASIC_STATS|unix.STATX_BTIME)
	}
	l.putDevice(raw, l.dev, s.Dev)
	l.ino.put(raw, s.Ino)
	l.blksize.put(raw, uint64(s.Blksize))
	l.atime.put(raw, s.Atime)
	l.mtime.put(raw, s.Mtime)
	l.ctime.put(raw, s.Ctime)
	l.btime.put(raw, s.Btime)
	l.encodeClaims(raw, s)
}

// layoutStatx is struct statx, the same everywhere (include/uapi/linux/stat.h).
var layoutStatx = statLayout{
	size: 256, mask: true, devSplit: true,
	blksize: field{4, 4}, nlink: field{16, 4}, uid: field{20, 4}, gid: field{24, 4}, mode: field{28, 2},
	ino: field{32, 8}, bytes: field{40, 8}, blocks: field{48, 8},
	atime: timeField{field{64, 8}, field{72, 4}}, btime: timeField{field{80, 8}, field{88, 4}},
	ctime: timeField{field{96, 8}, field{104, 4}}, mtime: timeField{field{112, 8}, field{120, 4}},
	rdev: field{128, 4}, dev: field{136, 4},
}

// layoutStatAMD64 is struct stat of arch/x86/include/uapi/asm/stat.h, 64 bit.
var layoutStatAMD64 = statLayout{
	size: 144,
	dev:  field{0, 8}, ino: field{8, 8}, nlink: field{16, 8}, mode: field{24, 4}, uid: field{28, 4}, gid: field{32, 4},
	rdev: field{40, 8}, bytes: field{48, 8}, blksize: field{56, 8}, blocks: field{64, 8},
	atime: timeField{field{72, 8}, field{80, 8}}, mtime: timeField{field{88, 8}, field{96, 8}},
	ctime: timeField{field{104, 8}, field{112, 8}},
}

// layoutStat386 is struct stat of the same file, 32 bit (struct compat_stat under a 64-bit kernel), and of 32-bit arm.
var layoutStat386 = statLayout{
	size: 64,
	dev:  field{0, 4}, ino: field{4, 4}, mode: field{8, 2}, nlink: field{10, 2}, uid: field{12, 2}, gid: field{14, 2},
	rdev: field{16, 4}, bytes: field{20, 4}, blksize: field{24, 4}, blocks: field{28, 4},
	atime: timeField{field{32, 4}, field{36, 4}}, mtime: timeField{field{40, 4}, field{44, 4}},
	ctime: timeField{field{48, 4}, field{52, 4}},
}

// layoutStat64On386 is struct stat64 of 32-bit x86; st_ino stands twice, the last one whole.
var layoutStat64On386 = statLayout{
	size: 96,
	dev:  field{0, 8}, mode: field{16, 4}, nlink: field{20, 4}, uid: field{24, 4}, gid: field{28, 4},
	rdev: field{32, 8}, bytes: field{44, 8}, blksize: field{52, 4}, blocks: field{56, 8},
	atime: timeField{field{64, 4}, field{68, 4}}, mtime: timeField{field{72, 4}, field{76, 4}},
	ctime: timeField{field{80, 4}, field{84, 4}}, ino: field{88, 8},
}

// layoutStat64OnARM is struct stat64 of arch/arm/include/uapi/asm/stat.h: the same, with 64-bit members aligned.
var layoutStat64OnARM = statLayout{
	size: 104,
	dev:  field{0, 8}, mode: field{16, 4}, nlink: field{20, 4}, uid: field{24, 4}, gid: field{28, 4},
	rdev: field{32, 8}, bytes: field{48, 8}, blksize: field{56, 4}, blocks: field{64, 8},
	atime: timeField{field{72, 4}, field{76, 4}}, mtime: timeField{field{80, 4}, field{84, 4}},
	ctime: timeField{field{88, 4}, field{92, 4}}, ino: field{96, 8},
}

// layoutOldStat is struct __old_kernel_stat.
var layoutOldStat = statLayout{
	size: 32,
	dev:  field{0, 2}, ino: field{2, 2}, mode: field{4, 2}, nlink: field{6, 2}, uid: field{8, 2}, gid: field{10, 2},
	rdev: field{12, 2}, bytes: field{16, 4},
	atime: timeField{sec: field{20, 4}}, mtime: timeField{sec: field{24, 4}}, ctime: timeField{sec: field{28, 4}},
}

// layoutStatGeneric is struct stat of include/uapi/asm-generic/stat.h, 64 bit: arm64 and riscv64.
var layoutStatGeneric = statLayout{
	size: 128,
	dev:  field{0, 8}, ino: field{8, 8}, mode: field{16, 4}, nlink: field{20, 4}, uid: field{24, 4}, gid: field{28, 4},
	rdev: field{32, 8}, bytes: field{48, 8}, blksize: field{56, 4}, blocks: field{64, 8},
	atime: timeField{field{72, 8}, field{80, 8}}, mtime: timeField{field{88, 8}, field{96, 8}},
	ctime: timeField{field{104, 8}, field{112, 8}},
}

// layoutOf returns the structure that a call of the stat family fills.
func layoutOf(abi ABI, s Sys) *statLayout {
	switch {
	case s == SysStatx:
		return &layoutStatx
	case s == SysOldstat || s == SysOldlstat || s == SysOldfstat:
		return &layoutOldStat
	case abi == ABIAMD64:
		return &layoutStatAMD64
	case abi.PointerBits() == 32 && (s == SysStat || s == SysLstat || s == SysFstat):
		return &layoutStat386
	case abi == ABI386:
		return &layoutStat64On386
	case abi == ABIARM:
		return &layoutStat64OnARM
	}
	return &layoutStatGeneric
}
