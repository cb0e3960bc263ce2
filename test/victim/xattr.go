//go:build linux

package main

import (
	"strings"

	"golang.org/x/sys/unix"
)

var xattrCases = []testCase{
	{"xattr-spellings", "", func() {
		newFile("f", 0644)
		newLink("f", "l")
		f := opened("f", unix.O_RDONLY)
		setxattr("l", "security.a", "1", 0)
		setxattrBy("lsetxattr", unix.SYS_LSETXATTR, "l", "security.b", "2", 0)
		setxattrBy("fsetxattr", unix.SYS_FSETXATTR, f, "security.c", "3", 0)
		for _, name := range []string{"security.a", "security.b", "security.c"} {
			getxattr("l", name)
			getxattrBy("lgetxattr", unix.SYS_LGETXATTR, "l", name)
			getxattrBy("fgetxattr", unix.SYS_FGETXATTR, f, name)
		}
		listxattr("l")
		listxattrBy("llistxattr", unix.SYS_LLISTXATTR, "l")
		listxattrBy("flistxattr", unix.SYS_FLISTXATTR, f)
		removexattr("l", "security.a")
		try("lremovexattr", unix.SYS_LREMOVEXATTR, "l", "security.b")
		try("fremovexattr", unix.SYS_FREMOVEXATTR, f, "security.c")
		listxattr("l")
		listxattrBy("llistxattr", unix.SYS_LLISTXATTR, "l")
	}},
	{"xattr-namespaces", "", func() {
		newFile("f", 0644)
		for _, name := range []string{"user.a", "trusted.a", "security.a", "system.a", "other.a", "plain", "user.", "trusted.", "security.", ""} {
			setxattr("f", name, "value", 0)
			getxattr("f", name)
		}
		listxattr("f")
		for _, name := range []string{"user.a", "trusted.a", "security.a", "system.a", "other.a", "plain"} {
			removexattr("f", name)
			getxattr("f", name)
		}
		listxattr("f")
	}},
	{"xattr-create-replace", "", func() {
		newFile("f", 0644)
		for _, name := range []string{"user.a", "trusted.a", "security.a"} {
			setxattr("f", name, "1", unix.XATTR_REPLACE)
			setxattr("f", name, "2", unix.XATTR_CREATE)
			setxattr("f", name, "3", unix.XATTR_CREATE)
			setxattr("f", name, "4", unix.XATTR_REPLACE)
			setxattr("f", name, "5", unix.XATTR_CREATE|unix.XATTR_REPLACE)
			setxattr("f", name, "6", 4)
			getxattr("f", name)
		}
	}},
	{"xattr-sizes", "", func() {
		newFile("f", 0644)
		for _, name := range []string{"user.a", "trusted.a", "security.a"} {
			setxattr("f", name, "12345", 0)
			for _, size := range []int{0, 4, 5, 6} {
				try("getxattr", unix.SYS_GETXATTR, "f", name, make([]byte, size), size)
			}
		}
		for _, size := range []int{0, 10, 28, 29, 30} {
			try("listxattr", unix.SYS_LISTXATTR, "f", make([]byte, size), size)
		}
	}},
	{"xattr-limits", "", func() {
		newFile("f", 0644)
		name := "trusted." + strings.Repeat("n", 247)
		setxattr("f", name, "1", 0)
		setxattr("f", name+"n", "1", 0)
		getxattr("f", name)
		getxattr("f", name+"n")
		removexattr("f", name+"n")
		try("setxattr", unix.SYS_SETXATTR, "f", "trusted.big", make([]byte, 65537), 65537, 0)
		setxattr("f", "trusted.some", strings.Repeat("v", 1000), 0)
		getxattr("f", "trusted.some")
	}},
	{"xattr-empty-value", "", func() {
		newFile("f", 0644)
		for _, name := range []string{"user.a", "trusted.a", "security.a"} {
			setxattr("f", name, "", 0)
			getxattr("f", name)
			try("getxattr", unix.SYS_GETXATTR, "f", name, nil, 0)
		}
		listxattr("f")
	}},
	{"xattr-binary-value", "", func() {
		newFile("f", 0644)
		setxattr("f", "trusted.a", "\x00\xff\x00\n", 0)
		getxattr("f", "trusted.a")
		setxattr("f", "trusted.\xff\xfe", "odd", 0)
		listxattr("f")
	}},
	{"xattr-missing", "", func() {
		newFile("f", 0644)
		listxattr("f")
		for _, name := range []string{"user.a", "trusted.a", "security.a", "security.capability", "system.posix_acl_access"} {
			getxattr("f", name)
			removexattr("f", name)
		}
		for _, path := range []string{"none", "", "f/", "f/x", longPath(4096)} {
			setxattr(path, "trusted.a", "1", 0)
			getxattr(path, "trusted.a")
			listxattr(path)
			removexattr(path, "trusted.a")
		}
	}},
	{"xattr-bad-descriptors", "", func() {
		newFile("f", 0644)
		for _, f := range []fd{999, opened("f", unix.O_PATH)} {
			setxattrBy("fsetxattr", unix.SYS_FSETXATTR, f, "trusted.a", "1", 0)
			getxattrBy("fgetxattr", unix.SYS_FGETXATTR, f, "trusted.a")
			listxattrBy("flistxattr", unix.SYS_FLISTXATTR, f)
			try("fremovexattr", unix.SYS_FREMOVEXATTR, f, "trusted.a")
		}
	}},
	// fs/xattr.c xattr_permission: user.* only for files and directories.
	{"xattr-on-other-types", "", func() {
		newLink("x", "l")
		newNode("c", unix.S_IFCHR|0644, 1, 3)
		newNode("p", unix.S_IFIFO|0644, 0, 0)
		newDir("d", 0755)
		for _, path := range []string{"l", "c", "p", "d"} {
			for _, name := range []string{"user.a", "trusted.a", "security.a"} {
				setxattrBy("lsetxattr", unix.SYS_LSETXATTR, path, name, "1", 0)
				getxattrBy("lgetxattr", unix.SYS_LGETXATTR, path, name)
			}
			listxattrBy("llistxattr", unix.SYS_LLISTXATTR, path)
		}
	}},
	{"xattr-follows-the-inode", "frng-2", func() {
		newFile("f", 0644)
		setxattr("f", "trusted.a", "1", 0)
		link("f", "g")
		unlink("f")
		rename("g", "h")
		getxattr("h", "trusted.a")
		newFile("f", 0644)
		listxattr("f")
		unlink("h")
		newFile("h", 0644)
		listxattr("h")
	}},
	{"xattr-unlinked", "", func() {
		newFile("f", 0644)
		f := opened("f", unix.O_RDWR)
		unlink("f")
		setxattrBy("fsetxattr", unix.SYS_FSETXATTR, f, "security.a", "1", 0)
		getxattrBy("fgetxattr", unix.SYS_FGETXATTR, f, "security.a")
		listxattrBy("flistxattr", unix.SYS_FLISTXATTR, f)
	}},
	{"xattr-many", "", func() {
		newFile("f", 0644)
		for i := range 40 {
			must(unix.Setxattr("f", "trusted."+string(rune('A'+i)), []byte{byte(i)}, 0), "setxattr")
		}
		listxattr("f")
	}},
	// security/commoncap.c cap_convert_nscap, cap_inode_setxattr
	{"xattr-capability", "", func() {
		newFile("f", 0755)
		v2 := fileCaps(netRaw)
		setxattr("f", "security.capability", v2, 0)
		getxattr("f", "security.capability")
		for _, bad := range []string{"x", v2[:8], v2[:12], v2 + "x", "\x00\x00\x00\x09" + v2[4:]} {
			setxattr("f", "security.capability", bad, 0)
			getxattr("f", "security.capability")
		}
		removexattr("f", "security.capability")
		getxattr("f", "security.capability")
	}},
	{"xattr-capability-revisions", "", func() {
		newFile("f", 0755)
		v2 := fileCaps(netRaw)
		v1 := "\x01\x00\x00\x01" + v2[4:12]
		v3 := "\x01\x00\x00\x03" + v2[4:] + "\x00\x00\x00\x00"
		v3other := "\x01\x00\x00\x03" + v2[4:] + "\xe8\x03\x00\x00"
		for _, value := range []string{v1, v3, v3other} {
			setxattr("f", "security.capability", value, 0)
			getxattr("f", "security.capability")
		}
	}},
	{"xattr-as-other", "", func() {
		newFileOf("f", 0604, 1001, 1001)
		newFileOf("mine", 0644, 1000, 1000)
		for _, path := range []string{"f", "mine"} {
			setxattr(path, "user.a", "1", 0)
			setxattr(path, "trusted.a", "2", 0)
			setxattr(path, "security.a", "3", 0)
			must(unix.Setxattr(path, "security.capability", []byte(fileCaps(netRaw)), 0), "setxattr")
		}
		drop(1000, 1000)
		for _, path := range []string{"f", "mine"} {
			listxattr(path)
			for _, name := range []string{"user.a", "trusted.a", "security.a", "security.capability"} {
				getxattr(path, name)
				setxattr(path, name, "4", 0)
				removexattr(path, name)
			}
			listxattr(path)
		}
	}},
	{"xattr-unreadable-as-other", "", func() {
		newFileOf("f", 0600, 1001, 1001)
		newDirOf("t", 01777, 1001, 1001)
		setxattr("f", "user.a", "1", 0)
		drop(1000, 1000)
		getxattr("f", "user.a")
		listxattr("f")
		setxattr("f", "user.a", "2", 0)
		setxattr("t", "user.a", "3", 0)
		open("f", unix.O_RDONLY)
	}},
	{"xattr-mode-zero", "", func() {
		newFileOf("f", 0, 1, 2)
		setxattr("f", "user.a", "1", 0)
		getxattr("f", "user.a")
		listxattr("f")
		removexattr("f", "user.a")
	}},
	// struct xattr_args: u64 value, u32 size, u32 flags
	{"xattrat-family", "", func() {
		newFile("f", 0644)
		newLink("f", "l")
		f := opened("f", unix.O_RDONLY)
		setxattrat(cwd, "l", 0, "trusted.a", "1", 0)
		setxattrat(cwd, "l", unix.AT_SYMLINK_NOFOLLOW, "trusted.b", "2", 0)
		setxattrat(f, "", unix.AT_EMPTY_PATH, "trusted.c", "3", unix.XATTR_CREATE)
		setxattrat(f, "", unix.AT_EMPTY_PATH, "trusted.c", "4", unix.XATTR_CREATE)
		setxattrat(cwd, "f", 0x4000_0000, "trusted.d", "5", 0)
		getxattrat(cwd, "l", 0, "trusted.a")
		getxattrat(cwd, "l", unix.AT_SYMLINK_NOFOLLOW, "trusted.b")
		getxattrat(f, "", unix.AT_EMPTY_PATH, "trusted.c")
		try("listxattrat", unix.SYS_LISTXATTRAT, cwd, "f", hex(0), make([]byte, 100), 100)
		try("removexattrat", unix.SYS_REMOVEXATTRAT, cwd, "f", hex(0), "trusted.a")
		try("removexattrat", unix.SYS_REMOVEXATTRAT, cwd, "l", hex(unix.AT_SYMLINK_NOFOLLOW), "trusted.b")
		listxattr("f")
	}},
	{"xattrat-errors", "", func() {
		newFile("f", 0644)
		args := xattrArgs{}
		try("setxattrat", unix.SYS_SETXATTRAT, cwd, "f", hex(0), "trusted.a", addr(&args), 15)
		try("getxattrat", unix.SYS_GETXATTRAT, cwd, "f", hex(0), "trusted.a", addr(&args), 5000)
		try("getxattrat", unix.SYS_GETXATTRAT, cwd, "f", hex(0), "trusted.a", ptr(1), 16)
		getxattrat(cwd, "none", 0, "trusted.a")
		getxattrat(cwd, "f", 0, "trusted.a")
		getxattrat(999, "f", 0, "trusted.a")
		try("listxattrat", unix.SYS_LISTXATTRAT, cwd, "none", hex(0), nil, 0)
		try("removexattrat", unix.SYS_REMOVEXATTRAT, cwd, "f", hex(0), "trusted.a")
	}},
	{"file-setattr", "", func() {
		newFileOf("f", 0644, 1, 2)
		attr := make([]byte, 24)
		try("file_getattr", unix.SYS_FILE_GETATTR, cwd, "f", attr, 24, hex(0))
		try("file_setattr", unix.SYS_FILE_SETATTR, cwd, "f", attr, 24, hex(0))
		try("file_setattr", unix.SYS_FILE_SETATTR, cwd, "f", attr, 23, hex(0))
		try("file_setattr", unix.SYS_FILE_SETATTR, cwd, "f", attr, 24, hex(1))
		try("file_setattr", unix.SYS_FILE_SETATTR, cwd, "none", attr, 24, hex(0))
		drop(1000, 1000)
		try("file_setattr", unix.SYS_FILE_SETATTR, cwd, "f", attr, 24, hex(0))
		look("f")
	}},
}

type xattrArgs struct {
	value       uint64
	size, flags uint32
}

func setxattrat(at fd, path string, flags hex, name, value string, how uint32) {
	args := xattrArgs{uint64(cstring(value)), uint32(len(value)), how}
	_, e := call(unix.SYS_SETXATTRAT, at, path, flags, name, addr(&args), 16)
	say("setxattrat(%s, %q, %q, %d) = %s", list([]any{at, path, flags}), name, value, how, errno(e))
}

func getxattrat(at fd, path string, flags hex, name string) {
	b := make([]byte, 100)
	args := xattrArgs{value: uint64(buffer(b)), size: uint32(len(b))}
	n, e := call(unix.SYS_GETXATTRAT, at, path, flags, name, addr(&args), 16)
	if e != 0 {
		say("getxattrat(%s, %q) = %s", list([]any{at, path, flags}), name, errno(e))
		return
	}
	say("getxattrat(%s, %q) = %q", list([]any{at, path, flags}), name, b[:n])
}
