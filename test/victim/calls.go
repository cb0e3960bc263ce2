//go:build linux

package main

import (
	"golang.org/x/sys/unix"
)

// The functions of this file make one call and print it with its outcome.

func chown(path string, uid, gid int64)  { try("chown", sysChown, path, uid, gid) }
func lchown(path string, uid, gid int64) { try("lchown", sysLchown, path, uid, gid) }
func fchown(f fd, uid, gid int64)        { try("fchown", sysFchown, f, uid, gid) }

func fchownat(at fd, path string, uid, gid int64, flags hex) {
	try("fchownat", unix.SYS_FCHOWNAT, at, path, uid, gid, flags)
}

func chmod(path string, mode octal) { try("chmod", sysChmod, path, mode) }
func fchmod(f fd, mode octal)       { try("fchmod", unix.SYS_FCHMOD, f, mode) }

func fchmodat2(at fd, path string, mode octal, flags hex) {
	try("fchmodat2", unix.SYS_FCHMODAT2, at, path, mode, flags)
}

func mkdir(path string, mode octal) { try("mkdir", sysMkdir, path, mode) }
func rmdir(path string)             { try("rmdir", sysRmdir, path) }
func unlink(path string)            { try("unlink", sysUnlink, path) }
func symlink(target, path string)   { try("symlink", sysSymlink, target, path) }
func link(from, to string)          { try("link", sysLink, from, to) }
func rename(from, to string)        { try("rename", sysRename, from, to) }

func renameat2(from, to string, flags hex) {
	try("renameat2", unix.SYS_RENAMEAT2, cwd, from, cwd, to, flags)
}

func mknod(path string, mode octal, major, minor uint32) {
	n, e := call(sysMknod, path, mode, dev(major, minor))
	say("mknod(%s, %#o, %d:%d) = %s", quote(path), uint32(mode), major, minor, outcome(n, e))
}

func dev(major, minor uint32) uint32 { return uint32(unix.Mkdev(major, minor)) }

func truncate(path string, size int) { try("truncate", sysTruncate, path, size, 0) }

func umask(mask octal) {
	last, _ := call(unix.SYS_UMASK, mask)
	say("umask(%#o) = %#o", uint32(mask), last)
}

// open prints whether the path can be opened, and closes it again.
func open(path string, flags openFlags, mode ...any) {
	n, e := call(sysOpen, append([]any{path, flags}, mode...)...)
	what := "ok"
	if e != 0 {
		what = errno(e)
	}
	say("open(%s) = %s", list(append([]any{path, flags}, mode...)), what)
	if e == 0 {
		unix.Close(n)
	}
}

// access prints one line for the bits that are asked for.
func access(path string, bits int) { try("access", sysAccess, path, bits) }

// The functions below prepare a case: they print nothing, and end the case
// when they fail.

// opened opens a path for the rest of the case.
func opened(path string, flags int) fd {
	f, err := unix.Open(path, flags, 0)
	must(err, "open "+path)
	return fd(f)
}

func closed(f fd) { must(unix.Close(int(f)), "close") }

func newFile(path string, mode uint32) {
	f, err := unix.Open(path, unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY, 0600)
	must(err, "create "+path)
	must(unix.Close(f), "close "+path)
	must(unix.Chmod(path, mode), "chmod "+path)
}

func newDir(path string, mode uint32) {
	must(unix.Mkdir(path, 0700), "mkdir "+path)
	must(unix.Chmod(path, mode), "chmod "+path)
}

func newLink(target, path string) { must(unix.Symlink(target, path), "symlink "+path) }

func newHardLink(from, to string) { must(unix.Link(from, to), "link "+to) }

func newNode(path string, mode, major, minor uint32) {
	must(unix.Mknod(path, mode, int(dev(major, minor))), "mknod "+path)
}

// give sets owner and group, then the mode, which the change of owner clears.
func give(path string, mode uint32, uid, gid int) {
	must(unix.Chown(path, uid, gid), "chown "+path)
	must(unix.Chmod(path, mode), "chmod "+path)
}

func newFileOf(path string, mode uint32, uid, gid int) {
	newFile(path, mode)
	give(path, mode, uid, gid)
}

func newDirOf(path string, mode uint32, uid, gid int) {
	newDir(path, mode)
	give(path, mode, uid, gid)
}

// fill replaces the content of a file.
func fill(path, text string) {
	f := opened(path, unix.O_WRONLY|unix.O_TRUNC)
	_, err := unix.Write(int(f), []byte(text))
	must(err, "write "+path)
	closed(f)
}
