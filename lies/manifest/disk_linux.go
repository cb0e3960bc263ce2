package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
)

// statAt returns what the disk says about name in the directory fd, or about fd itself if name is "". Path is left empty.
func statAt(fd int, name string) (Real, error) {
	var st unix.Statx_t
	err := unix.Statx(fd, name, unix.AT_SYMLINK_NOFOLLOW|unix.AT_EMPTY_PATH|unix.AT_NO_AUTOMOUNT, unix.STATX_BASIC_STATS|unix.STATX_BTIME, &st)
	// A seccomp filter from before statx, as old versions of Docker have it; gVisor of 2022 does not know all flags.
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EPERM) || errors.Is(err, unix.EINVAL) {
		return oldStatAt(fd, name)
	}
	if err != nil {
		return Real{}, err
	}
	r := Real{
		Dev: lies.Makedev(st.Dev_major, st.Dev_minor), Ino: st.Ino, Mode: uint32(st.Mode), UID: st.Uid, GID: st.Gid,
		Nlink: st.Nlink, Rdev: lies.Makedev(st.Rdev_major, st.Rdev_minor), Size: int64(st.Size),
		Mtime: timespec(st.Mtime), Ctime: timespec(st.Ctime),
	}
	if st.Mask&unix.STATX_BTIME != 0 {
		r.Btime = timespec(st.Btime)
	}
	return r, nil
}

func timespec(t unix.StatxTimestamp) lies.Timespec { return lies.Timespec{Sec: t.Sec, Nsec: t.Nsec} }

func oldStatAt(fd int, name string) (Real, error) {
	var st unix.Stat_t
	if err := unix.Fstatat(fd, name, &st, unix.AT_SYMLINK_NOFOLLOW|unix.AT_EMPTY_PATH); err != nil {
		return Real{}, err
	}
	msec, mnsec := st.Mtim.Unix()
	csec, cnsec := st.Ctim.Unix()
	return Real{
		Dev: uint64(st.Dev), Ino: st.Ino, Mode: st.Mode, UID: st.Uid, GID: st.Gid,
		Nlink: uint32(st.Nlink), Rdev: uint64(st.Rdev), Size: st.Size,
		Mtime: lies.Timespec{Sec: msec, Nsec: uint32(mnsec)}, Ctime: lies.Timespec{Sec: csec, Nsec: uint32(cnsec)},
	}, nil
}

// openAt opens a file for reading; path is for messages.
func openAt(dir int, name string, flags int, path string) (*os.File, error) {
	for {
		fd, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_CLOEXEC|flags, 0)
		if err == nil {
			return os.NewFile(uintptr(fd), path), nil
		}
		if !errors.Is(err, unix.EINTR) {
			return nil, err
		}
	}
}

func readlinkAt(dir int, name string) (string, error) {
	for size := 256; ; size *= 4 {
		buf := make([]byte, size)
		n, err := unix.Readlinkat(dir, name, buf)
		if err != nil {
			return "", err
		}
		if n < size {
			return string(buf[:n]), nil
		}
	}
}

// procPath returns a path that leads to name in the directory dir, for calls that do not take a descriptor.
func procPath(dir int, name string) string {
	path := "/proc/self/fd/" + strconv.Itoa(dir)
	if name == "" {
		return path + "/."
	}
	return path + "/" + name
}

// makeReadable gives the owner of a regular file or directory the permission to read (and search) it, if the calling
// user is the owner and has it not. The function that it returns takes the permission back.
func makeReadable(dir int, name string, real Real) (done func() error, err error) {
	need := uint32(0o400)
	if real.Mode&sIFMT == sIFDIR {
		need = 0o500
	}
	nothing := func() error { return nil }
	if euid := os.Geteuid(); real.Mode&need == need || euid == 0 || uint32(euid) != real.UID {
		return nothing, nil // opening it will work, or say why not
	}
	fd := dir
	if name != "" {
		if fd, err = unix.Openat(dir, name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0); err != nil {
			return nil, err
		}
	}
	closeFD := func() {
		if name != "" {
			unix.Close(fd)
		}
	}
	if now, err := statAt(fd, ""); err != nil || now.Key() != real.Key() {
		closeFD()
		return nil, errors.Join(errChanged, err)
	}
	// fchmod(2) does not take O_PATH descriptors, chmod(2) of the magic link does.
	path := "/proc/self/fd/" + strconv.Itoa(fd)
	if err := unix.Chmod(path, real.Mode&0o7777|need); err != nil {
		closeFD()
		return nil, fmt.Errorf("may not be read, and cannot be made readable: %w", err)
	}
	return func() error {
		defer closeFD()
		if err := unix.Chmod(path, real.Mode&0o7777); err != nil {
			return fmt.Errorf("was made readable, and cannot be made unreadable again: %w", err)
		}
		return nil
	}, nil
}

// readXattrs reads the attributes of a file that belong to the tree.
func (w *walker) readXattrs(dir int, name string, n *node) error {
	if w.opts.NoXattrs {
		return nil
	}
	path := procPath(dir, name)
	list, err := w.growing(func(buf []byte) (int, error) { return unix.Llistxattr(path, buf) })
	switch {
	case errors.Is(err, unix.ENOTSUP):
		return nil
	case errors.Is(err, unix.ENOENT):
		return errors.New("vanished, or /proc is not mounted")
	case err != nil:
		return fmt.Errorf("list of xattrs: %w", err)
	}
	if len(list) == 0 {
		return nil
	}
	for name := range strings.SplitSeq(string(list), "\x00") {
		if name == "" || !w.keep(name) {
			continue
		}
		value, err := w.growing(func(buf []byte) (int, error) { return unix.Lgetxattr(path, name, buf) })
		if errors.Is(err, unix.ENODATA) {
			continue // some file systems list what they do not have
		}
		if err != nil {
			return fmt.Errorf("xattr %s: %w", name, err)
		}
		n.xattrs = append(n.xattrs, Xattr{Name: name, Value: bytes.Clone(value)})
	}
	slices.SortFunc(n.xattrs, func(a, b Xattr) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// growing calls a function that fills a buffer until the buffer is large enough for it. The bytes are valid until it is
// called again.
func (w *walker) growing(call func([]byte) (int, error)) ([]byte, error) {
	for {
		n, err := call(w.buf)
		if err == nil {
			return w.buf[:n], nil
		}
		if !errors.Is(err, unix.ERANGE) || len(w.buf) > maxXattrValue {
			return nil, err
		}
		w.buf = make([]byte, 4*len(w.buf))
	}
}
