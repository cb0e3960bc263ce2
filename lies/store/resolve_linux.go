package store

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A directory is one that paths have been looked up in: files of one directory mostly come one after the other. To ask about a name
// in an open directory takes a third of what it takes by its path.
type directory struct {
	path string // "" if none is open
	fd   int
}

// open makes the directory at path the one that is asked about, and returns its real path.
func (d *directory) open(path string) string {
	d.close()
	fd, err := unix.Open(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return RealPath(path)
	}
	d.path, d.fd = path, fd
	real, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(fd))
	// What has no path has something else there (fs/d_path.c).
	if err != nil || !filepath.IsAbs(real) || strings.HasSuffix(real, " (deleted)") {
		return RealPath(path)
	}
	return real
}

// isLink reports whether the file at a real path, which was recorded, is a symbolic link. To ask that takes less than to ask what it is.
func (d *directory) isLink(path, recorded string) bool {
	dir, name := filepath.Split(recorded)
	var err error
	if d.path != "" && dir == d.path && name != "" {
		_, err = unix.Readlinkat(d.fd, name, make([]byte, 1))
	} else {
		_, err = unix.Readlink(path, make([]byte, 1))
	}
	return err == nil
}

func (d *directory) close() {
	if d.path != "" {
		unix.Close(d.fd)
		d.path = ""
	}
}
