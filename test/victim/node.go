//go:build linux

package main

import (
	"encoding/binary"
	"slices"

	"golang.org/x/sys/unix"
)

var nodeCases = []testCase{
	{"mknod-kinds", "", func() {
		umask(022)
		for _, kind := range []octal{unix.S_IFCHR, unix.S_IFBLK, unix.S_IFIFO, unix.S_IFSOCK, unix.S_IFREG, 0} {
			mknod("n", kind|06776, 5, 7)
			look("n")
			unlink("n")
		}
	}},
	{"mknod-bad-kinds", "", func() {
		for _, kind := range []octal{unix.S_IFDIR, unix.S_IFLNK, 0030000, 0070000, 0170000} {
			mknod("n", kind|0600, 1, 3)
			look("n")
		}
	}},
	{"mknod-device-numbers", "", func() {
		for _, d := range [][2]uint32{{0, 0}, {1, 3}, {255, 255}, {256, 0}, {0, 256}, {511, 1048575}, {4095, 1048575}, {8, 65536}} {
			mknod("n", unix.S_IFCHR|0600, d[0], d[1])
			look("n")
			statxLine(cwd, "n", 0, unix.STATX_BASIC_STATS)
			unlink("n")
		}
	}},
	{"mknodat-spellings", "", func() {
		newDir("d", 0755)
		d := opened("d", unix.O_RDONLY)
		try("mknodat", unix.SYS_MKNODAT, d, "c", octal(unix.S_IFCHR|0666), dev(1, 5))
		try("mknodat", unix.SYS_MKNODAT, cwd, "d/b", octal(unix.S_IFBLK|0660), dev(7, 3))
		try("mknodat", unix.SYS_MKNODAT, fd(999), "x", octal(unix.S_IFBLK|0660), dev(7, 3))
		look("d/c", "d/b")
	}},
	{"mknod-errors", "", func() {
		newFile("f", 0644)
		newLink("none", "dangling")
		newLink("loop", "loop")
		for _, path := range []string{"f", "f/x", "none/x", "dangling", "loop", "", ".", longName(256), longPath(4096), "x/"} {
			mknod(path, unix.S_IFCHR|0600, 1, 3)
		}
		look("dangling", "f", "x")
	}},
	{"mknod-as-other", "", func() {
		newDir("d", 0777)
		drop(1000, 1000)
		for _, kind := range []octal{unix.S_IFCHR, unix.S_IFBLK, unix.S_IFIFO, unix.S_IFSOCK, unix.S_IFREG} {
			mknod("d/n", kind|0640, 1, 3)
			look("d/n")
			unlink("d/n")
		}
		// Anybody may make a whiteout (fs/namei.c vfs_mknod).
		mknod("d/n", unix.S_IFCHR|0600, 0, 0)
		look("d/n")
	}},
	{"mknod-in-closed-dir", "", func() {
		newDir("d", 0555)
		mknod("d/c", unix.S_IFCHR|0600, 1, 3)
		chmod("d", 0)
		mknod("d/b", unix.S_IFBLK|0600, 1, 3)
		look("d/c", "d/b")
	}},
	{"node-stays-after-change", "frng-2", func() {
		newNode("c", unix.S_IFCHR|0600, 1, 3)
		chmod("c", 04666)
		chown("c", 3, 4)
		rename("c", "d")
		link("d", "e")
		unlink("d")
		everyStat("e")
	}},
	{"node-replaced-by-file", "ps-9", func() {
		newNode("c", unix.S_IFCHR|0600, 1, 3)
		unlink("c")
		newFile("c", 0644)
		look("c")
		unlink("c")
		mkdir("c", 0700)
		look("c")
	}},
	{"node-types-in-directory", "", func() {
		newDir("d", 0755)
		newNode("d/char", unix.S_IFCHR|0600, 1, 3)
		newNode("d/block", unix.S_IFBLK|0600, 7, 0)
		newNode("d/fifo", unix.S_IFIFO|0600, 0, 0)
		newNode("d/sock", unix.S_IFSOCK|0600, 0, 0)
		newFileOf("d/file", 04755, 1, 1)
		newDirOf("d/dir", 0755, 2, 2)
		newLink("x", "d/link")
		dirTypes("d")
		must(unix.Unlink("d/char"), "unlink")
		newFile("d/char", 0600)
		rename("d/block", "d/renamed")
		dirTypes("d")
	}},
	// A small buffer: the types of a directory that is read in many calls.
	{"node-types-in-big-directory", "", func() {
		newDir("d", 0755)
		for i := range 300 {
			name := "d/" + string(rune('a'+i%26)) + string(rune('a'+i/26))
			switch i % 3 {
			case 0:
				newNode(name, unix.S_IFCHR|0600, 1, uint32(i))
			case 1:
				newNode(name, unix.S_IFBLK|0600, 1, uint32(i))
			default:
				newFile(name, 0600)
			}
		}
		counts := map[byte]int{}
		for _, e := range readDir("d", 256) {
			counts[e.kind]++
		}
		say("char %d block %d file %d dir %d", counts[unix.DT_CHR], counts[unix.DT_BLK], counts[unix.DT_REG], counts[unix.DT_DIR])
	}},
	{"fifo-carries-data", "", func() {
		newNode("p", unix.S_IFIFO, 0, 0)
		f := opened("p", unix.O_RDWR)
		n, err := unix.Write(int(f), []byte("through"))
		say("write: %d %s", n, errno(err))
		b := make([]byte, 32)
		n, err = unix.Read(int(f), b)
		say("read: %q %s", b[:n], errno(err))
		lookAt("fifo", f)
	}},
	{"node-o-path", "", func() {
		newNode("c", unix.S_IFCHR|0640, 1, 3)
		f := opened("c", unix.O_PATH)
		lookAt("char", f)
		lookThroughFd("char", f)
		fchownat(f, "", 5, 6, unix.AT_EMPTY_PATH)
		lookAt("char", f)
	}},
	{"node-opened", "", func() {
		// No driver has 0:0; a socket cannot be opened.
		newNode("c", unix.S_IFCHR|0600, 0, 0)
		newNode("b", unix.S_IFBLK|0600, 0, 0)
		newNode("s", unix.S_IFSOCK|0600, 0, 0)
		for _, path := range []string{"c", "b", "s"} {
			open(path, unix.O_RDONLY)
			open(path, unix.O_WRONLY)
		}
		truncate("c", 5)
		look("c")
	}},
	{"node-null-opened", "", func() {
		newNode("null", unix.S_IFCHR|0666, 1, 3)
		f, err := unix.Open("null", unix.O_RDWR, 0)
		say("open: %s", errno(err))
		n, err := unix.Write(f, []byte("text"))
		say("write: %d %s", n, errno(err))
		n, err = unix.Read(f, make([]byte, 8))
		say("read: %d %s", n, errno(err))
		lookAt("null", fd(f))
		look("null")
	}},
	// As rpm gives owner, mode and times to what it has made.
	{"node-null-by-descriptor", "", func() {
		newNode("null", unix.S_IFCHR, 1, 3)
		f := opened("null", unix.O_RDONLY|unix.O_NOCTTY|unix.O_NOFOLLOW)
		fchown(f, 3, 4)
		fchmod(f, 0640)
		say("times: %s", errno(unix.Futimes(int(f), []unix.Timeval{{Sec: 5}, {Sec: 6}})))
		n, err := unix.Read(int(f), make([]byte, 8))
		say("read: %d %s", n, errno(err))
		lookAt("descriptor", f)
		look("null")
	}},
}

type dirEntry struct {
	name string
	kind byte
}

// readDir reads a directory through getdents64 with a buffer of the given size.
func readDir(path string, size int) []dirEntry {
	f := opened(path, unix.O_RDONLY|unix.O_DIRECTORY)
	defer closed(f)
	var entries []dirEntry
	b := make([]byte, size)
	for {
		n, err := unix.Getdents(int(f), b)
		must(err, "getdents64")
		if n == 0 {
			return entries
		}
		// struct linux_dirent64: u64 ino, s64 off, u16 reclen, u8 type, name
		for rest := b[:n]; len(rest) > 0; {
			length := binary.LittleEndian.Uint16(rest[16:])
			entries = append(entries, dirEntry{unix.ByteSliceToString(rest[19:length]), rest[18]})
			rest = rest[length:]
		}
	}
}

// dirTypes prints the names and types of a directory in order of name.
func dirTypes(path string) {
	sayTypes(readDir(path, 4096))
}

func sayTypes(entries []dirEntry) {
	slices.SortFunc(entries, func(a, b dirEntry) int {
		if a.name < b.name {
			return -1
		}
		return 1
	})
	for _, e := range entries {
		say("%s: %s", e.name, typeNames[uint32(e.kind)<<12])
	}
}
