//go:build unix

package archive

import (
	"io"
	"io/fs"

	"golang.org/x/sys/unix"
)

// A dir is an open directory. Names are single components, and the last symbolic link is never followed, so that nothing
// outside of the directory can be reached. Of the many files of a tree most are small; then system calls and what surrounds
// them are most of the work, and package os makes more of them.
type dir int

func openTop(name string) (dir, error) {
	d, err := openat(unix.AT_FDCWD, name, unix.O_DIRECTORY)
	if err != nil {
		return -1, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return dir(d), nil
}

func (d dir) close() { unix.Close(int(d)) }

// look is lstat(2).
func (d dir) look(name string) (stat, error) { return fstatat(int(d), name, unix.AT_SYMLINK_NOFOLLOW) }

// openDir opens the directory name, which the caller closes.
func (d dir) openDir(name string) (dir, stat, error) {
	f, s, err := openStat(int(d), name, unix.O_DIRECTORY|unix.O_NOFOLLOW)
	return dir(f), s, err
}

// openFile opens the file name for reading. O_NONBLOCK, since a FIFO may have taken the place after it was looked at.
func (d dir) openFile(name string) (file, stat, error) {
	f, s, err := openStat(int(d), name, unix.O_NONBLOCK|unix.O_NOFOLLOW)
	return file(f), s, err
}

// lookPath and openPath are the same for a path, whose links are followed.
func lookPath(path string) (stat, error) { return fstatat(unix.AT_FDCWD, path, 0) }

func openPath(path string) (file, stat, error) {
	f, s, err := openStat(unix.AT_FDCWD, path, unix.O_NONBLOCK)
	return file(f), s, err
}

// A stat is what has to be known of a file: type, size, and which one it is.
type stat struct {
	mode     uint32
	size     int64
	dev, ino uint64
}

func (s stat) same(t stat) bool { return s.dev == t.dev && s.ino == t.ino }

func (s stat) fileType() fs.FileMode {
	switch s.mode & unix.S_IFMT {
	case unix.S_IFREG:
		return 0
	case unix.S_IFDIR:
		return fs.ModeDir
	case unix.S_IFLNK:
		return fs.ModeSymlink
	}
	return fs.ModeIrregular
}

// A file is open for reading.
type file int

func (f file) Close() error { return unix.Close(int(f)) }

func (f file) Read(p []byte) (int, error) {
	n, err := again(func() (int, error) { return unix.Read(int(f), p) })
	if err == nil && n == 0 && len(p) > 0 {
		err = io.EOF
	}
	return max(n, 0), err
}

func openStat(at int, name string, flags int) (int, stat, error) {
	fd, err := openat(at, name, flags)
	if err != nil {
		return -1, stat{}, err
	}
	var st unix.Stat_t
	if _, err := again(func() (int, error) { return 0, unix.Fstat(fd, &st) }); err != nil {
		unix.Close(fd)
		return -1, stat{}, err
	}
	return fd, newStat(&st), nil
}

func openat(at int, name string, flags int) (int, error) {
	return again(func() (int, error) { return unix.Openat(at, name, unix.O_RDONLY|unix.O_CLOEXEC|flags, 0) })
}

func fstatat(at int, name string, flags int) (stat, error) {
	var st unix.Stat_t
	_, err := again(func() (int, error) { return 0, unix.Fstatat(at, name, &st, flags) })
	return newStat(&st), err
}

func newStat(st *unix.Stat_t) stat {
	return stat{mode: uint32(st.Mode), size: st.Size, dev: uint64(st.Dev), ino: st.Ino}
}

// again makes a call until no signal interrupts it: on some file systems one does (signal(7)), and the runtime sends them.
func again(call func() (int, error)) (int, error) {
	for {
		if n, err := call(); err != unix.EINTR {
			return n, err
		}
	}
}
