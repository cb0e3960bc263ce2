//go:build !unix

package archive

import (
	"io/fs"
	"os"
)

// A dir is an open directory. Names are single components. An os.Root keeps every opening inside; it would still follow a
// link to another place inside, which its user finds by comparing what was looked at with what was opened.
type dir struct{ root *os.Root }

func openTop(name string) (dir, error) {
	r, err := os.OpenRoot(name)
	return dir{r}, err
}

func (d dir) close() { d.root.Close() }

// look describes the file name, not what it leads to.
func (d dir) look(name string) (stat, error) { return newStat(d.root.Lstat(name)) }

// openDir opens the directory name, which the caller closes.
func (d dir) openDir(name string) (dir, stat, error) {
	r, err := d.root.OpenRoot(name)
	if err != nil {
		return dir{}, stat{}, err
	}
	s, err := newStat(r.Stat("."))
	if err != nil {
		r.Close()
	}
	return dir{r}, s, err
}

// openFile opens the file name for reading.
func (d dir) openFile(name string) (file, stat, error) { return openStat(d.root.Open(name)) }

// lookPath and openPath are the same for a path, whose links are followed.
func lookPath(path string) (stat, error)       { return newStat(os.Stat(path)) }
func openPath(path string) (file, stat, error) { return openStat(os.Open(path)) }

// A stat is what has to be known of a file: type, size, and which one it is.
type stat struct {
	info fs.FileInfo
	size int64
}

func (s stat) same(t stat) bool { return os.SameFile(s.info, t.info) }

func (s stat) fileType() fs.FileMode { return s.info.Mode().Type() }

// A file is open for reading.
type file = *os.File

func newStat(fi fs.FileInfo, err error) (stat, error) {
	if err != nil {
		return stat{}, err
	}
	return stat{fi, fi.Size()}, nil
}

func openStat(f *os.File, err error) (file, stat, error) {
	if err != nil {
		return nil, stat{}, err
	}
	s, err := newStat(f.Stat())
	if err != nil {
		f.Close()
	}
	return f, s, err
}
