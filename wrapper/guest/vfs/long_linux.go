package vfs

import (
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// A path of the host may be longer than the kernel takes one (PATH_MAX), where the process's own is not: the host's has the root
// directory's before it.

// OpenParent opens the directory of a host path without links, of any length, and returns the last name.
func OpenParent(host string) (dir *os.File, name string, err error) {
	parent, name := path.Split(host)
	at := unix.AT_FDCWD
	for rest := parent; rest != ""; {
		part := rest
		if len(part) >= unix.PathMax {
			part = part[:strings.LastIndexByte(part[:unix.PathMax-1], '/')+1]
		}
		if part == "" {
			err = unix.ENAMETOOLONG
			break
		}
		fd, openErr := unix.Openat(at, part, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if at != unix.AT_FDCWD {
			unix.Close(at)
		}
		if openErr != nil {
			return nil, "", openErr
		}
		at, rest = fd, rest[len(part):]
	}
	if err != nil {
		if at != unix.AT_FDCWD {
			unix.Close(at)
		}
		return nil, "", err
	}
	return os.NewFile(uintptr(at), parent), name, nil
}

// readlink is readlink(2) of a host path of any length.
func readlink(host string, buf []byte) (int, error) {
	if len(host) < unix.PathMax {
		return unix.Readlink(host, buf)
	}
	dir, name, err := OpenParent(host)
	if err != nil {
		return -1, err
	}
	defer dir.Close()
	return unix.Readlinkat(int(dir.Fd()), name, buf)
}
