//go:build linux

package main

import (
	"encoding/binary"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// netRaw is a capability that nothing else depends on.
const netRaw = unix.CAP_NET_RAW

func setxattr(path, name, value string, flags hex) {
	setxattrBy("setxattr", unix.SYS_SETXATTR, path, name, value, flags)
}

// setxattrBy sets by path or by descriptor.
func setxattrBy(call_ string, nr uintptr, file any, name, value string, flags hex) {
	_, e := call(nr, file, name, []byte(value), len(value), flags)
	say("%s(%s, %q, %s, %#x) = %s", call_, show(file), short(name), quote(value), uint64(flags), errno(e))
}

func getxattr(path, name string) { getxattrBy("getxattr", unix.SYS_GETXATTR, path, name) }

func getxattrBy(call_ string, nr uintptr, file any, name string) {
	b := make([]byte, 70000)
	n, e := call(nr, file, name, b, len(b))
	if e != 0 {
		say("%s(%s, %q) = %s", call_, show(file), short(name), errno(e))
		return
	}
	say("%s(%s, %q) = %s", call_, show(file), short(name), quote(string(b[:n])))
}

func listxattr(path string) { listxattrBy("listxattr", unix.SYS_LISTXATTR, path) }

// listxattrBy prints the names in byte order: a file system has its own.
func listxattrBy(call_ string, nr uintptr, file any) {
	b := make([]byte, 70000)
	n, e := call(nr, file, b, len(b))
	if e != 0 {
		say("%s(%s) = %s", call_, show(file), errno(e))
		return
	}
	names := strings.Split(strings.TrimSuffix(string(b[:n]), "\x00"), "\x00")
	slices.Sort(names)
	say("%s(%s) = %s", call_, show(file), strings.Join(names, " "))
}

func removexattr(path, name string) {
	_, e := call(unix.SYS_REMOVEXATTR, path, name)
	say("removexattr(%s, %q) = %s", quote(path), short(name), errno(e))
}

// short keeps a long name readable.
func short(name string) string {
	if len(name) > 60 {
		return name[:16] + "..."
	}
	return name
}

const (
	vfsCapRevision2 = 0x02000000
	vfsCapEffective = 1
)

// fileCaps is a security.capability of revision 2 (linux/capability.h
// vfs_cap_data): permitted, with the effective flag.
func fileCaps(capability uint) string {
	b := binary.LittleEndian.AppendUint32(nil, vfsCapRevision2|vfsCapEffective)
	for _, part := range []uint64{1 << capability, 0} {
		b = binary.LittleEndian.AppendUint32(b, uint32(part))
	}
	for _, part := range []uint64{1 << capability, 0} {
		b = binary.LittleEndian.AppendUint32(b, uint32(part>>32))
	}
	return string(b)
}

func setFileCaps(path string, capability uint) {
	must(unix.Setxattr(path, "security.capability", []byte(fileCaps(capability)), 0), "set capability of "+path)
}
