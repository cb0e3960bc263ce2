package wrapper

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/manifest"
)

// A splitter gives paths that are one inode in a tree, but not one file in its manifest, inodes of their own: stores
// make equal files one (`nix-store --optimise`), and what an action did to one of them it would do to the others.
type splitter struct {
	dir    *os.Root
	owner  map[lies.Key]file // the file of the manifest that keeps the inode
	copies map[copied]string // paths of those that got another one
}

// A file is a file of a manifest: a group of hard links, or the entry with this index.
type file struct {
	group uint64
	index int
}

type copied struct {
	key  lies.Key
	file file
}

// split splits what is shared in the tree at root. What must not be written stays as it is: binding to it may still be
// possible, and says so if it is not.
func split(m *manifest.Manifest, root string) error {
	dir, err := os.OpenRoot(root)
	if err != nil {
		return nil // binding says the same, and better
	}
	defer dir.Close()
	s := &splitter{dir: dir, owner: map[lies.Key]file{}, copies: map[copied]string{}}
	for i := range m.Entries {
		e := &m.Entries[i]
		f := file{group: e.Group}
		if f.group == 0 {
			f.index = i
		}
		err := s.entry(filepath.FromSlash(e.Path), f)
		if errors.Is(err, fs.ErrPermission) || errors.Is(err, unix.EROFS) {
			return nil
		}
		if err != nil {
			return &Error{What: fmt.Sprintf("cannot make %s a file of its own in %s", e.Path, root), Err: err}
		}
	}
	return nil
}

// entry looks at a path of the tree, which is that file of the manifest.
func (s *splitter) entry(path string, f file) error {
	info, err := s.dir.Lstat(path)
	if err != nil || info.IsDir() {
		return nil // missing, or never shared
	}
	st := info.Sys().(*syscall.Stat_t)
	if st.Nlink < 2 {
		return nil
	}
	key := lies.Key{Dev: uint64(st.Dev), Ino: st.Ino}
	owner, taken := s.owner[key]
	switch {
	case !taken:
		s.owner[key] = f
		return nil
	case owner == f:
		return nil
	}
	c := copied{key, f}
	if first, ok := s.copies[c]; ok {
		return s.replace(path, func(temporary string) error { return s.dir.Link(first, temporary) })
	}
	s.copies[c] = path
	return s.replace(path, func(temporary string) error { return s.duplicate(path, temporary, info) })
}

// replace makes something beside a path and gives it that name.
func (s *splitter) replace(path string, create func(temporary string) error) error {
	temporary := filepath.Join(filepath.Dir(path), fmt.Sprintf(".feign-split-%d", os.Getpid()))
	err := create(temporary)
	if err == nil {
		err = s.dir.Rename(temporary, path)
	}
	if err != nil {
		s.dir.Remove(temporary)
	}
	return err
}

// duplicate copies a file or link. What is special is at most a placeholder, and so is the copy.
func (s *splitter) duplicate(path, temporary string, info fs.FileInfo) error {
	if info.Mode()&fs.ModeSymlink != 0 {
		target, err := s.dir.Readlink(path)
		if err != nil {
			return err
		}
		return s.dir.Symlink(target, temporary)
	}
	to, err := s.dir.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer to.Close()
	if info.Mode().IsRegular() {
		from, err := s.dir.Open(path)
		if err != nil {
			return err
		}
		defer from.Close()
		if _, err := io.Copy(to, from); err != nil {
			return err
		}
	}
	if err := to.Chmod(info.Mode().Perm()); err != nil {
		return err
	}
	return s.dir.Chtimes(temporary, info.ModTime(), info.ModTime())
}
