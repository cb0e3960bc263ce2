//go:build linux

package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

var linkCases = []testCase{
	{"link-shows-both-names", "frng-2", func() {
		newFileOf("a", 04755, 1, 2)
		link("a", "b")
		look("a", "b")
		chown("b", 3, 4)
		chmod("a", 02711)
		look("a", "b")
	}},
	{"link-outlives-unlink", "frng-2", func() {
		newFileOf("a", 0640, 1, 2)
		newHardLink("a", "b")
		newHardLink("a", "c")
		unlink("a")
		look("a", "b", "c")
		unlink("b")
		look("c")
		newFile("a", 0600)
		look("a", "c")
	}},
	{"link-errors", "", func() {
		newFileOf("f", 0644, 1, 2)
		newDir("d", 0755)
		link("f", "f")
		link("none", "x")
		link("f", "none/x")
		link("d", "x")
		link("f", "f/x")
		link("f", longName(256))
		link("f", "")
		look("f")
	}},
	{"link-of-symlink", "", func() {
		newFileOf("f", 0644, 1, 2)
		newLink("f", "l")
		must(unix.Lchown("l", 3, 4), "lchown")
		link("l", "m")
		try("linkat", unix.SYS_LINKAT, cwd, "l", cwd, "n", hex(unix.AT_SYMLINK_FOLLOW))
		look("l", "m", "n", "f")
	}},
	{"linkat-empty-path", "", func() {
		newFileOf("f", 04700, 1, 2)
		f := opened("f", unix.O_PATH)
		try("linkat", unix.SYS_LINKAT, f, "", cwd, "g", hex(unix.AT_EMPTY_PATH))
		try("linkat", unix.SYS_LINKAT, f, "", cwd, "h", hex(0))
		try("linkat", unix.SYS_LINKAT, f, "", cwd, "h", hex(0x8000))
		unlink("f")
		look("g")
	}},
	{"unlink-errors", "", func() {
		newDir("d", 0755)
		newFile("d/f", 0644)
		unlink("d")
		unlink("none")
		unlink("d/f/")
		unlink("")
		rmdir("d")
		rmdir("d/f")
		rmdir("d/.")
		try("unlinkat", unix.SYS_UNLINKAT, cwd, "d", hex(0))
		try("unlinkat", unix.SYS_UNLINKAT, cwd, "d/f", hex(unix.AT_REMOVEDIR))
		try("unlinkat", unix.SYS_UNLINKAT, cwd, "d/f", hex(0x1000))
		look("d", "d/f")
	}},
	{"unlinkat", "", func() {
		newDirOf("d", 0700, 1, 2)
		newFileOf("d/f", 0, 1, 2)
		d := opened("d", unix.O_PATH)
		try("unlinkat", unix.SYS_UNLINKAT, d, "f", hex(0))
		try("unlinkat", unix.SYS_UNLINKAT, cwd, "d", hex(unix.AT_REMOVEDIR))
		look("d")
	}},
	{"rename-keeps", "frng-2", func() {
		newFileOf("a", 06711, 1, 2)
		newDirOf("d", 01770, 3, 4)
		rename("a", "b")
		rename("b", "d/c")
		rename("d", "e")
		look("a", "b", "d", "e", "e/c")
	}},
	{"rename-replaces", "", func() {
		newFileOf("a", 0640, 1, 2)
		newFileOf("b", 04755, 3, 4)
		rename("a", "b")
		look("a", "b")
		newFile("a", 0600)
		look("a")
		rename("a", "b")
		look("b")
	}},
	{"rename-replaces-one-of-two", "", func() {
		newFileOf("a", 0640, 1, 2)
		newFileOf("b", 04755, 3, 4)
		newHardLink("b", "c")
		rename("a", "b")
		look("b", "c")
	}},
	{"rename-same-inode", "", func() {
		newFileOf("a", 0640, 1, 2)
		newHardLink("a", "b")
		rename("a", "b")
		rename("a", "a")
		look("a", "b")
	}},
	{"rename-spellings", "", func() {
		newFileOf("a", 04755, 1, 2)
		newDir("d", 0755)
		d := opened("d", unix.O_RDONLY)
		try("renameat", sysRenameat, cwd, "a", d, "b")
		try("renameat2", unix.SYS_RENAMEAT2, d, "b", cwd, "c", hex(0))
		look("c")
	}},
	{"rename-exchange", "", func() {
		newFileOf("a", 04755, 1, 2)
		newDirOf("b", 02770, 3, 4)
		renameat2("a", "b", unix.RENAME_EXCHANGE)
		look("a", "b")
		rmdir("a")
		mkdir("a", 0700)
		look("a", "b")
		renameat2("a", "none", unix.RENAME_EXCHANGE)
	}},
	{"rename-noreplace", "", func() {
		newFileOf("a", 0640, 1, 2)
		newFileOf("b", 04755, 3, 4)
		renameat2("a", "b", unix.RENAME_NOREPLACE)
		look("a", "b")
		renameat2("a", "c", unix.RENAME_NOREPLACE)
		look("c")
		renameat2("b", "c", unix.RENAME_NOREPLACE|unix.RENAME_EXCHANGE)
		renameat2("b", "c", 0x80)
	}},
	// RENAME_WHITEOUT leaves the device 0:0 where the file was.
	{"rename-whiteout", "", func() {
		newFileOf("a", 0640, 1, 2)
		renameat2("a", "b", unix.RENAME_WHITEOUT)
		look("a", "b")
		newDirOf("d", 0750, 3, 4)
		setfsgid(5)
		renameat2("d/", "e", unix.RENAME_WHITEOUT)
		look("d", "e")
	}},
	{"rename-errors", "", func() {
		newFileOf("f", 0644, 1, 2)
		newDirOf("d", 0755, 3, 4)
		newFile("d/x", 0644)
		newDir("e", 0755)
		rename("none", "x")
		rename("f", "d")
		rename("d", "f")
		rename("e", "d")
		rename("d", "d/sub")
		rename("f", "none/x")
		rename("f", "")
		rename("f", longName(256))
		look("f", "d")
	}},
	{"rename-moves-a-tree", "", func() {
		newDirOf("d", 0755, 1, 1)
		newDirOf("d/e", 0750, 2, 2)
		newFileOf("d/e/f", 04711, 3, 3)
		newNode("d/e/n", unix.S_IFBLK|0600, 7, 1)
		rename("d", "x")
		look("x", "x/e", "x/e/f", "x/e/n")
	}},
	// A file system gives a new file the inode of the one that went.
	{"inode-reuse-file", "ps-9", func() {
		wrong := 0
		for range 300 {
			newFileOf("f", 06755, 7, 8)
			must(unix.Unlink("f"), "unlink")
			newFile("g", 0644)
			if ownerOf("g") != "0644 0:0" {
				wrong++
			}
			must(unix.Unlink("g"), "unlink")
		}
		say("%d wrong", wrong)
	}},
	{"inode-reuse-dir", "ps-9", func() {
		wrong := 0
		for range 200 {
			newDirOf("d", 02775, 7, 8)
			must(unix.Rmdir("d"), "rmdir")
			newDir("e", 0755)
			if ownerOf("e") != "0755 0:0" {
				wrong++
			}
			must(unix.Rmdir("e"), "rmdir")
		}
		say("%d wrong", wrong)
	}},
	{"inode-reuse-by-rename", "ps-9", func() {
		wrong := 0
		for range 200 {
			newFileOf("a", 0600, 7, 8)
			newFile("b", 0644)
			must(unix.Rename("b", "a"), "rename")
			newFile("c", 0640)
			if ownerOf("a") != "0644 0:0" || ownerOf("c") != "0640 0:0" {
				wrong++
			}
			must(unix.Unlink("a"), "unlink")
			must(unix.Unlink("c"), "unlink")
		}
		say("%d wrong", wrong)
	}},
	// Unlinked but open: the inode is free only when the last one closes it.
	{"inode-reuse-after-close", "ps-9", func() {
		newFileOf("f", 06755, 7, 8)
		f := opened("f", unix.O_RDONLY)
		unlink("f")
		newFile("g", 0644)
		look("g")
		lookAt("f", f)
		closed(f)
		newFile("h", 0644)
		look("g", "h")
	}},
	{"link-as-other", "", func() {
		newDir("d", 0777)
		newFileOf("d/f", 0666, 1000, 1000)
		newDirOf("e", 0755, 1001, 1001)
		newFileOf("e/f", 0666, 1000, 1000)
		drop(1000, 1000)
		link("d/f", "d/g")
		link("d/f", "e/g")
		unlink("e/f")
		rename("e/f", "d/h")
		rename("d/f", "e/f")
		rename("d/g", "d/f")
		look("d/f", "e/f")
	}},
}

// ownerOf is the mode and the owner of a path.
func ownerOf(path string) string {
	var s unix.Stat_t
	must(unix.Lstat(path, &s), "lstat "+path)
	return fmt.Sprintf("%04o %d:%d", s.Mode&07777, s.Uid, s.Gid)
}
