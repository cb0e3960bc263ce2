//go:build linux

package main

import (
	"encoding/binary"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	aclAccess  = "system.posix_acl_access"
	aclDefault = "system.posix_acl_default"
)

var aclCases = []testCase{
	// fs/posix_acl.c posix_acl_update_mode: three entries are only a mode.
	{"acl-minimal-is-a-mode", "", func() {
		newFile("f", 04600)
		setACL("f", aclAccess, "u::rwx,g::r-x,o::--x")
		look("f")
		getACL("f", aclAccess)
		listxattr("f")
	}},
	{"acl-mask-is-the-group-mode", "", func() {
		newFileOf("f", 0640, 1, 2)
		setACL("f", aclAccess, "u::rw-,u:5:rwx,g::r--,m::rwx,o::---")
		look("f")
		getACL("f", aclAccess)
		listxattr("f")
	}},
	{"acl-chmod-sets-the-mask", "", func() {
		newFile("f", 0640)
		setACL("f", aclAccess, "u::rw-,u:5:rwx,g::r--,m::rwx,o::---")
		chmod("f", 0751)
		look("f")
		getACL("f", aclAccess)
		chmod("f", 04700)
		look("f")
		getACL("f", aclAccess)
	}},
	{"acl-removed", "", func() {
		newFile("f", 0640)
		setACL("f", aclAccess, "u::rw-,u:5:rwx,g::r--,m::rwx,o::---")
		removexattr("f", aclAccess)
		look("f")
		getACL("f", aclAccess)
		removexattr("f", aclAccess)
		setACL("f", aclAccess, "u::rw-,g::---,g:5:r-x,m::r-x,o::r--")
		setxattr("f", aclAccess, "", 0)
		getACL("f", aclAccess)
		look("f")
	}},
	{"acl-replaced-by-minimal", "", func() {
		newFile("f", 0640)
		setACL("f", aclAccess, "u::rw-,u:5:rwx,g::r--,m::rwx,o::---")
		setACL("f", aclAccess, "u::r--,g::r--,o::r--")
		getACL("f", aclAccess)
		look("f")
	}},
	{"acl-kept-by-chown", "", func() {
		newFile("f", 0640)
		setACL("f", aclAccess, "u::rw-,u:5:r--,g::r--,m::r--,o::---")
		chown("f", 7, 8)
		look("f")
		getACL("f", aclAccess)
	}},
	{"acl-invalid", "", func() {
		newFile("f", 0640)
		for _, text := range []string{
			"u::rw-,u:5:rwx,g::r--,o::---",              // named, but no mask
			"u::rw-,g::r--",                             // no other
			"g::r--,u::rw-,o::---",                      // order
			"u::rw-,u::r--,g::r--,o::---",               // twice
			"u::rw-,u:5:r--,u:5:r--,g::r--,m::r--,o::-", // the same name twice
			"", // no entries
		} {
			setACL("f", aclAccess, text)
		}
		good := encodeACL("u::rw-,g::r--,o::---")
		setxattr("f", aclAccess, good[:len(good)-1], 0)
		setxattr("f", aclAccess, "\x01"+good[1:], 0)
		setxattr("f", aclAccess, good[:4]+"\x77"+good[5:], 0)
		setxattr("f", aclAccess, "xx", 0)
		look("f")
	}},
	{"acl-create-replace", "", func() {
		newFile("f", 0640)
		acl := encodeACL("u::rw-,u:5:rwx,g::r--,m::rwx,o::---")
		setxattr("f", aclAccess, acl, unix.XATTR_REPLACE)
		setxattr("f", aclAccess, acl, unix.XATTR_CREATE)
		setxattr("f", aclAccess, acl, unix.XATTR_CREATE)
		getACL("f", aclAccess)
	}},
	{"acl-sizes", "", func() {
		newFile("f", 0640)
		setACL("f", aclAccess, "u::rw-,u:5:rwx,g::r--,m::rwx,o::---")
		for _, size := range []int{0, 43, 44, 45} {
			try("getxattr", unix.SYS_GETXATTR, "f", aclAccess, make([]byte, size), size)
		}
		for _, size := range []int{0, 23, 24} {
			try("listxattr", unix.SYS_LISTXATTR, "f", make([]byte, size), size)
		}
	}},
	{"acl-on-other-types", "", func() {
		newLink("x", "l")
		newNode("c", unix.S_IFCHR|0640, 1, 3)
		newFile("f", 0640)
		acl := encodeACL("u::rw-,u:5:rwx,g::r--,m::rwx,o::---")
		setxattrBy("lsetxattr", unix.SYS_LSETXATTR, "l", aclAccess, acl, 0)
		setACL("c", aclAccess, "u::rw-,u:5:rwx,g::r--,m::rwx,o::---")
		look("c")
		setACL("f", aclDefault, "u::rw-,g::r--,o::---")
		setxattr("f", aclDefault, "", 0)
		getACL("f", aclDefault)
	}},
	{"acl-default", "", func() {
		newDirOf("d", 0750, 1, 2)
		setACL("d", aclDefault, "u::rwx,u:5:r-x,g::r-x,m::r-x,o::---")
		look("d")
		getACL("d", aclAccess)
		getACL("d", aclDefault)
		listxattr("d")
		removexattr("d", aclDefault)
		getACL("d", aclDefault)
		listxattr("d")
	}},
	// fs/posix_acl.c posix_acl_create: the default list replaces the umask.
	{"acl-inherited", "", func() {
		newDir("d", 0755)
		setACL("d", aclDefault, "u::rwx,u:5:rwx,g::r-x,m::rwx,o::r-x")
		for _, mask := range []octal{0, 077} {
			umask(mask)
			for _, mode := range []octal{0666, 0777, 0600, 04751} {
				open("d/f", unix.O_CREAT|unix.O_WRONLY, mode)
				look("d/f")
				getACL("d/f", aclAccess)
				unlink("d/f")
			}
			mkdir("d/s", 0777)
			look("d/s")
			getACL("d/s", aclAccess)
			getACL("d/s", aclDefault)
			rmdir("d/s")
		}
	}},
	{"acl-inherited-minimal", "", func() {
		newDir("d", 0755)
		setACL("d", aclDefault, "u::rwx,g::r-x,o::---")
		umask(0)
		open("d/f", unix.O_CREAT|unix.O_WRONLY, octal(0666))
		mkdir("d/s", 0777)
		look("d/f", "d/s")
		listxattr("d/f")
		listxattr("d/s")
	}},
	{"acl-inherited-by-nodes", "", func() {
		newDirOf("d", 02755, 0, 50)
		setACL("d", aclDefault, "u::rwx,u:5:rwx,g::r-x,m::rwx,o::---")
		mknod("d/c", unix.S_IFCHR|0666, 1, 3)
		mknod("d/p", unix.S_IFIFO|0666, 0, 0)
		symlink("x", "d/l")
		look("d/c", "d/p", "d/l")
		getACL("d/c", aclAccess)
		getACL("d/p", aclAccess)
		listxattrBy("llistxattr", unix.SYS_LLISTXATTR, "d/l")
		f, err := unix.Open("d", unix.O_TMPFILE|unix.O_RDWR, 0666)
		must(err, "tmpfile")
		lookAt("tmpfile", fd(f))
	}},
	{"acl-grants", "", func() {
		newFile("f", 0640)
		newFile("g", 0640)
		newFile("masked", 0640)
		setACL("f", aclAccess, "u::rw-,u:1000:r--,g::---,m::r--,o::---")
		setACL("g", aclAccess, "u::rw-,g::---,g:2000:rw-,m::rw-,o::---")
		setACL("masked", aclAccess, "u::rw-,u:1000:rw-,g::---,m::r--,o::---")
		drop(1000, 1000, 2000)
		for _, path := range []string{"f", "g", "masked"} {
			open(path, unix.O_RDONLY)
			open(path, unix.O_WRONLY)
			access(path, unix.R_OK)
			access(path, unix.W_OK)
		}
	}},
	{"acl-denies", "", func() {
		newFile("f", 0666)
		setACL("f", aclAccess, "u::rw-,u:1000:---,g::rw-,m::rw-,o::rw-")
		newDir("d", 0755)
		newFile("d/f", 0666)
		setACL("d", aclAccess, "u::rwx,u:1000:r--,g::r-x,m::r-x,o::r-x")
		drop(1000, 1000)
		open("f", unix.O_RDONLY)
		open("d", unix.O_RDONLY)
		open("d/f", unix.O_RDONLY)
		look("d/f")
	}},
	{"acl-as-other", "", func() {
		newFileOf("f", 0640, 1001, 1001)
		newFileOf("mine", 02750, 1000, 3000)
		drop(1000, 1000)
		setACL("f", aclAccess, "u::rw-,u:5:rwx,g::r--,m::rwx,o::---")
		getACL("f", aclAccess)
		removexattr("f", aclAccess)
		// Not a member of the group: setgid goes.
		setACL("mine", aclAccess, "u::rwx,u:5:rwx,g::r-x,m::rwx,o::---")
		look("f", "mine")
		getACL("mine", aclAccess)
	}},
}

// encodeACL makes the attribute (linux/posix_acl_xattr.h) of a text such as
// "u::rw-,u:5:r--,g::r--,m::r--,o::---".
func encodeACL(text string) string {
	b := binary.LittleEndian.AppendUint32(nil, 2)
	tags := map[string]uint16{"u": 1, "U": 2, "g": 4, "G": 8, "m": 16, "o": 32}
	for entry := range strings.SplitSeq(text, ",") {
		if entry == "" {
			continue
		}
		part := strings.Split(entry, ":")
		tag, id := part[0], uint32(1<<32-1)
		if part[1] != "" {
			tag = strings.ToUpper(tag)
			fmt.Sscan(part[1], &id)
		}
		var perm uint16
		for i, c := range "xwr" {
			if strings.ContainsRune(part[2], c) {
				perm |= 1 << i
			}
		}
		b = binary.LittleEndian.AppendUint16(b, tags[tag])
		b = binary.LittleEndian.AppendUint16(b, perm)
		b = binary.LittleEndian.AppendUint32(b, id)
	}
	return string(b)
}

func decodeACL(b []byte) string {
	if len(b) < 4 {
		return fmt.Sprintf("%q", b)
	}
	tags := map[uint16]string{1: "u:", 2: "u:", 4: "g:", 8: "g:", 16: "m:", 32: "o:"}
	var entries []string
	for b = b[4:]; len(b) >= 8; b = b[8:] {
		tag, perm := binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[2:])
		id := ""
		if tag == 2 || tag == 8 {
			id = fmt.Sprint(binary.LittleEndian.Uint32(b[4:]))
		}
		rwx := []byte("---")
		for i, c := range "xwr" {
			if perm&(1<<i) != 0 {
				rwx[2-i] = byte(c)
			}
		}
		entries = append(entries, tags[tag]+id+":"+string(rwx))
	}
	return strings.Join(entries, ",")
}

func setACL(path, name, text string) {
	value := encodeACL(text)
	_, e := call(unix.SYS_SETXATTR, path, name, []byte(value), len(value), 0)
	say("set %s of %s to %s: %s", name, path, text, errno(e))
}

func getACL(path, name string) {
	b := make([]byte, 1000)
	n, e := call(unix.SYS_GETXATTR, path, name, b, len(b))
	if e != 0 {
		say("%s of %s: %s", name, path, errno(e))
		return
	}
	say("%s of %s: %s", name, path, decodeACL(b[:n]))
}
