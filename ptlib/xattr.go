package ptlib

import "golang.org/x/sys/unix"

// XattrArgs is struct xattr_args (include/uapi/linux/xattr.h), by which setxattrat(2) and getxattrat(2) take what did
// not fit into registers. It is the same on every ABI.
type XattrArgs struct {
	Value uint64 // address
	Size  uint32
	Flags uint32
}

const xattrArgsSize = 16

// ReadXattrArgs reads a structure that the tracee says is size bytes long, with the errors of the kernel: EINVAL for one
// that is too short, E2BIG for one that holds what no version is known to mean (lib/usercopy.c, copy_struct_from_user).
func (c *Call) ReadXattrArgs(addr, size uint64) (XattrArgs, unix.Errno) {
	switch {
	case size < xattrArgsSize:
		return XattrArgs{}, unix.EINVAL
	case size > pageSize:
		return XattrArgs{}, unix.E2BIG
	}
	raw := make([]byte, size)
	if errno := c.Thread.ReadMemory(addr, raw); errno != 0 {
		return XattrArgs{}, errno
	}
	for _, b := range raw[xattrArgsSize:] {
		if b != 0 {
			return XattrArgs{}, unix.E2BIG
		}
	}
	return XattrArgs{
		Value: nativeEndian.Uint64(raw[0:]),
		Size:  nativeEndian.Uint32(raw[8:]),
		Flags: nativeEndian.Uint32(raw[12:]),
	}, 0
}
