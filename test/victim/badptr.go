//go:build linux

package main

import (
	"strings"

	"golang.org/x/sys/unix"
)

// Addresses that a program must not give to the kernel: a tracer that reads
// the arguments must answer as the kernel does.
const (
	nowhere = ptr(8)
	// high is in nobody's half of the address space.
	high = ^ptr(0) - 4095
)

var badptrCases = []testCase{
	{"badptr-paths", "", func() {
		newFile("f", 0644)
		for _, p := range []ptr{0, nowhere, high} {
			try("chown", sysChown, p, 1, 2)
			try("lchown", sysLchown, p, 1, 2)
			try("fchownat", unix.SYS_FCHOWNAT, cwd, p, 1, 2, 0)
			try("chmod", sysChmod, p, octal(04644))
			try("fchmodat", unix.SYS_FCHMODAT, cwd, p, octal(0644))
			try("fchmodat2", unix.SYS_FCHMODAT2, cwd, p, octal(04644), 0)
			try("mknod", sysMknod, p, octal(unix.S_IFCHR|0600), 259)
			try("mkdir", sysMkdir, p, octal(0755))
			try("open", sysOpen, p, hex(unix.O_CREAT|unix.O_RDWR), octal(0644))
			try("unlink", sysUnlink, p)
			try("rmdir", sysRmdir, p)
			try("rename", sysRename, "f", p)
			try("rename", sysRename, p, "f")
			try("link", sysLink, "f", p)
			try("symlink", sysSymlink, p, "l")
			try("access", sysAccess, p, 0)
			try("chdir", unix.SYS_CHDIR, p)
			try("truncate", sysTruncate, p, 0, 0)
			try("execve", unix.SYS_EXECVE, p, nil, nil)
		}
		look("f")
	}},
	{"badptr-stat-buffers", "", func() {
		newFile("f", 0644)
		f := opened("f", unix.O_RDONLY)
		readOnly, _ := page("", unix.PROT_READ)
		for _, p := range []ptr{0, nowhere, high, readOnly} {
			try("fstatat", sysFstatat, cwd, "f", p, 0)
			try("fstatat", sysFstatat, cwd, "none", p, 0)
			try("statx", unix.SYS_STATX, cwd, "f", 0, hex(unix.STATX_ALL), p)
			try("statx", unix.SYS_STATX, f, "", hex(unix.AT_EMPTY_PATH), hex(unix.STATX_ALL), p)
			try("statx", unix.SYS_STATX, cwd, "none", 0, hex(unix.STATX_ALL), p)
		}
	}},
	// The last bytes of a mapping, with nothing behind them.
	{"badptr-unterminated-path", "", func() {
		newFile("ff", 0644)
		end := func(text string) ptr {
			start, size := page("", unix.PROT_READ|unix.PROT_WRITE)
			p := start + ptr(size-len(text))
			copy(bytesAt(p, len(text)), text)
			return p
		}
		for _, text := range []string{"ff", "ff\x00", "\x00", "f", strings.Repeat("./", 2047) + ".\x00", strings.Repeat("./", 2048)} {
			p := end(text)
			say("%d bytes", len(text))
			try("chown", sysChown, p, 1, 2)
			try("chmod", sysChmod, p, octal(0755))
			try("access", sysAccess, p, 0)
			try("mknod", sysMknod, p, octal(unix.S_IFCHR|0600), 259)
			try("lsetxattr", unix.SYS_LSETXATTR, p, "trusted.a", "1", 1, 0)
			must(unix.Chmod(".", 0755), "chmod")
			unix.Removexattr(".", "trusted.a")
		}
		look("ff", "f")
	}},
	{"badptr-path-over-pages", "", func() {
		newFile("name", 0644)
		start, size := page("", unix.PROT_READ|unix.PROT_WRITE, 2)
		p := start + ptr(size/2-2)
		copy(bytesAt(p, 5), "name\x00")
		try("chown", sysChown, p, 1, 2)
		try("chmod", sysChmod, p, octal(04711))
		look("name")
	}},
	{"badptr-xattr", "", func() {
		newFile("f", 0644)
		setxattr("f", "trusted.a", "12345", 0)
		for _, p := range []ptr{0, nowhere, high} {
			try("setxattr", unix.SYS_SETXATTR, "f", p, "1", 1, 0)
			try("setxattr", unix.SYS_SETXATTR, "f", "trusted.b", p, 4, 0)
			try("setxattr", unix.SYS_SETXATTR, "f", "trusted.b", p, 0, 0)
			try("setxattr", unix.SYS_SETXATTR, p, "trusted.b", "1", 1, 0)
			try("getxattr", unix.SYS_GETXATTR, "f", p, nil, 0)
			try("getxattr", unix.SYS_GETXATTR, "f", "trusted.a", p, 5)
			try("getxattr", unix.SYS_GETXATTR, "f", "trusted.a", p, 4)
			try("getxattr", unix.SYS_GETXATTR, "f", "trusted.a", p, 0)
			try("listxattr", unix.SYS_LISTXATTR, "f", p, 100)
			try("removexattr", unix.SYS_REMOVEXATTR, "f", p)
		}
		listxattr("f")
	}},
	{"badptr-ids", "", func() {
		var ok resIDs
		for _, p := range []ptr{0, nowhere, high} {
			try("getresuid", sysGetresuid, p, addr(&ok.e), addr(&ok.s))
			try("getresgid", sysGetresgid, addr(&ok.r), addr(&ok.e), p)
			try("setgroups", sysSetgroups, 2, p)
			try("setgroups", sysSetgroups, 0, p)
		}
		setgroups(1, 2)
		for _, p := range []ptr{0, nowhere, high} {
			try("getgroups", sysGetgroups, 2, p)
			try("getgroups", sysGetgroups, 0, p)
		}
		whoami()
	}},
	{"badptr-capabilities", "", func() {
		header := capHeader{version: capVersion}
		for _, p := range []ptr{0, nowhere, high} {
			try("capget", unix.SYS_CAPGET, p, nil)
			try("capget", unix.SYS_CAPGET, addr(&header), p)
			try("capset", unix.SYS_CAPSET, p, nil)
			try("capset", unix.SYS_CAPSET, addr(&header), p)
		}
		caps()
	}},
	{"badptr-openat2", "", func() {
		newFile("f", 0644)
		for _, p := range []ptr{0, nowhere, high} {
			try("openat2", unix.SYS_OPENAT2, cwd, "f", p, unix.SizeofOpenHow)
		}
		how := struct {
			unix.OpenHow
			more uint64
		}{}
		_, e := call(unix.SYS_OPENAT2, cwd, "f", addr(&how), 32)
		say("zero behind: %v", e == 0)
		how.more = 1
		try("openat2", unix.SYS_OPENAT2, cwd, "f", addr(&how), 32)
		try("openat2", unix.SYS_OPENAT2, cwd, "f", addr(&how), 5000)
	}},
	{"badptr-sockets", "", func() {
		a, b := pair()
		length := uint32(12)
		for _, p := range []ptr{0, nowhere, high} {
			_, e := getsockopt(a, unix.SO_PEERCRED, p, addr(&length))
			say("getsockopt: %s", errno(e))
			_, e = getsockopt(a, unix.SO_PEERCRED, addr(&length), p)
			say("getsockopt without length: %s", errno(e))
			try("sendmsg", unix.SYS_SENDMSG, a, p, 0)
			try("recvmsg", unix.SYS_RECVMSG, b, p, unix.MSG_DONTWAIT)
		}
	}},
	{"badptr-directory", "", func() {
		newDir("d", 0755)
		newNode("d/c", unix.S_IFCHR|0600, 1, 3)
		d := opened("d", unix.O_RDONLY)
		for _, p := range []ptr{0, nowhere, high} {
			try("getdents64", unix.SYS_GETDENTS64, d, p, 4096)
		}
		try("getdents64", unix.SYS_GETDENTS64, d, make([]byte, 10), 10)
		try("getdents64", unix.SYS_GETDENTS64, opened("d/c", unix.O_PATH), make([]byte, 100), 100)
		dirTypes("d")
	}},
	{"badptr-proc-status", "", func() {
		f := opened("/proc/self/status", unix.O_RDONLY)
		for _, p := range []ptr{0, nowhere, high} {
			try("read", unix.SYS_READ, f, p, 100)
		}
	}},
	{"badptr-readlink-and-cwd", "", func() {
		newLink("target", "l")
		for _, p := range []ptr{0, nowhere, high} {
			try("readlink", sysReadlink, "l", p, 10)
			try("getcwd", unix.SYS_GETCWD, p, 4096)
		}
		try("getcwd", unix.SYS_GETCWD, make([]byte, 2), 2)
	}},
}

// page maps pages with nothing mapped behind them.
func page(text string, prot int, pages ...int) (ptr, int) {
	size := unix.Getpagesize()
	for _, n := range pages {
		size *= n
	}
	all, err := unix.MmapPtr(-1, 0, nil, uintptr(size+unix.Getpagesize()), prot, unix.MAP_PRIVATE|unix.MAP_ANON)
	must(err, "mmap")
	start := ptr(uintptr(all))
	_, e := call(unix.SYS_MUNMAP, start+ptr(size), unix.Getpagesize())
	must(e0(e), "munmap")
	copy(bytesAt(start, len(text)), text)
	return start, size
}
