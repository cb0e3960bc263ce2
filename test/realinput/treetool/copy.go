//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

type inode struct{ dev, ino uint64 }

// A copier remembers where the first name of a hard-linked file went.
type copier struct {
	from, to string
	links    map[inode]string
}

func (c *copier) run() error {
	return walk(c.from, func(rel string, st *unix.Stat_t) error {
		from, to := filepath.Join(c.from, rel), filepath.Join(c.to, rel)
		if err := c.entry(from, to, st); err != nil {
			return fmt.Errorf("%s: %w", from, err)
		}
		return nil
	})
}

// entry makes one entry, in the order that the kernel demands: an owner change
// clears suid, sgid and capabilities, and so mode and attributes come after it.
func (c *copier) entry(from, to string, st *unix.Stat_t) error {
	kind := st.Mode & unix.S_IFMT
	if kind != unix.S_IFDIR && st.Nlink > 1 {
		key := inode{st.Dev, st.Ino}
		if first, ok := c.links[key]; ok {
			return os.Link(first, to)
		}
		c.links[key] = to
	}
	if err := c.create(from, to, kind, st); err != nil {
		return err
	}
	if err := unix.Lchown(to, int(st.Uid), int(st.Gid)); err != nil {
		return fmt.Errorf("lchown: %w", err)
	}
	if kind == unix.S_IFLNK {
		return nil
	}
	if err := unix.Chmod(to, st.Mode&0o7777); err != nil {
		return fmt.Errorf("chmod: %w", err)
	}
	return copyXattrs(from, to)
}

func (c *copier) create(from, to string, kind uint32, st *unix.Stat_t) error {
	switch kind {
	case unix.S_IFDIR:
		return unix.Mkdir(to, 0o700)
	case unix.S_IFLNK:
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	case unix.S_IFREG:
		return copyFile(from, to)
	}
	return unix.Mknod(to, kind|0o600, int(st.Rdev))
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

func copyXattrs(from, to string) error {
	names, err := xattrs(from)
	if err != nil {
		return err
	}
	for _, name := range names {
		value, err := xattr(from, name)
		if err != nil {
			return fmt.Errorf("getxattr %s: %w", name, err)
		}
		if err := unix.Setxattr(to, name, value, 0); err != nil {
			return fmt.Errorf("setxattr %s: %w", name, err)
		}
	}
	return nil
}
