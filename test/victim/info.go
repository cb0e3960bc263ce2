//go:build linux

package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// info is what the spellings of stat have in common, and what is the same on
// every file system.
type info struct {
	mode, uid, gid uint32
	nlink          uint64
	rdev           uint64
	size, blocks   int64
}

func fromStat(s *unix.Stat_t) info {
	return info{s.Mode, s.Uid, s.Gid, uint64(s.Nlink), s.Rdev, s.Size, s.Blocks}
}

func fromStatx(s *unix.Statx_t) info {
	return info{uint32(s.Mode), s.Uid, s.Gid, uint64(s.Nlink),
		unix.Mkdev(s.Rdev_major, s.Rdev_minor), int64(s.Size), int64(s.Blocks)}
}

var typeNames = map[uint32]string{
	unix.S_IFREG: "file", unix.S_IFDIR: "dir", unix.S_IFLNK: "link", unix.S_IFCHR: "char",
	unix.S_IFBLK: "block", unix.S_IFIFO: "fifo", unix.S_IFSOCK: "socket",
}

// String prints no link count or size of a directory, and no blocks of a file:
// these belong to the file system.
func (i info) String() string {
	kind, known := typeNames[i.mode&unix.S_IFMT]
	if !known {
		kind = fmt.Sprintf("type %#o", i.mode&unix.S_IFMT)
	}
	s := fmt.Sprintf("%s %04o %d:%d", kind, i.mode&07777, i.uid, i.gid)
	switch i.mode & unix.S_IFMT {
	case unix.S_IFDIR:
	case unix.S_IFCHR, unix.S_IFBLK:
		s += fmt.Sprintf(" nlink %d rdev %d:%d size %d", i.nlink, unix.Major(i.rdev), unix.Minor(i.rdev), i.size)
		if !random {
			s += fmt.Sprintf(" blocks %d", i.blocks)
		}
	default:
		s += fmt.Sprintf(" nlink %d rdev %d size %d", i.nlink, i.rdev, i.size)
	}
	return s
}

// look prints what lstat says about each path.
func look(paths ...string) {
	for _, path := range paths {
		var s unix.Stat_t
		if err := unix.Lstat(path, &s); err != nil {
			say("%s: %s", path, errno(err))
			continue
		}
		say("%s: %s", path, fromStat(&s))
	}
}

// lookThrough prints what stat says: links are followed.
func lookThrough(paths ...string) {
	for _, path := range paths {
		var s unix.Stat_t
		if err := unix.Stat(path, &s); err != nil {
			say("%s ->: %s", path, errno(err))
			continue
		}
		say("%s ->: %s", path, fromStat(&s))
	}
}

// lookAt prints what fstat says about an open file.
func lookAt(label string, f fd) {
	var s unix.Stat_t
	if err := unix.Fstat(int(f), &s); err != nil {
		say("%s: %s", label, errno(err))
		return
	}
	say("%s: %s", label, fromStat(&s))
}
