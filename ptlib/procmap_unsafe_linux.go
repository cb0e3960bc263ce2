package ptlib

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// procmapQuery is struct procmap_query, by which PROCMAP_QUERY asks proc_pid_maps(5) about one address (include/uapi/linux/fs.h,
// Linux 6.11).
type procmapQuery struct {
	size  uint64
	asked uint64 // PROCMAP_QUERY_*
	addr  uint64

	start, end uint64
	flags      uint64 // PROCMAP_QUERY_VMA_*
	pageSize   uint64
	offset     uint64
	inode      uint64
	devMajor   uint32
	devMinor   uint32
	nameSize   uint32
	idSize     uint32
	name, id   uint64
}

const (
	procmapQueryRequest = 3<<30 | uint(unsafe.Sizeof(procmapQuery{}))<<16 | 'f'<<8 | 17 // _IOWR

	procmapReadable   = 1
	procmapExecutable = 4
)

// ask fills q for the mapping that has the address. The error is ENOTTY where the kernel does not know the request, and ENOENT
// where nothing is mapped. maps is a descriptor of proc_pid_maps(5).
func (q *procmapQuery) ask(maps int, addr uint64) unix.Errno {
	*q = procmapQuery{size: uint64(unsafe.Sizeof(*q)), addr: addr}
	_, _, errno := unix.RawSyscall(unix.SYS_IOCTL, uintptr(maps), uintptr(procmapQueryRequest), uintptr(unsafe.Pointer(q)))
	return errno
}
