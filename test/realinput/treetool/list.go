//go:build linux

package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"
)

// list prints a line for each entry of the tree, with all that root can change.
func list(w io.Writer, root string) error {
	return walk(root, func(rel string, st *unix.Stat_t) error {
		path := filepath.Join(root, rel)
		kind := st.Mode & unix.S_IFMT
		fmt.Fprintf(w, "%06o %d:%d %q", st.Mode, st.Uid, st.Gid, rel)
		switch kind {
		case unix.S_IFLNK:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, " -> %q\n", target)
			return nil
		case unix.S_IFCHR, unix.S_IFBLK:
			fmt.Fprintf(w, " device=%d,%d nlink=%d", unix.Major(st.Rdev), unix.Minor(st.Rdev), st.Nlink)
		case unix.S_IFREG:
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, " size=%d nlink=%d sha256=%x", st.Size, st.Nlink, sha256.Sum256(data))
		}
		names, err := xattrs(path)
		if err != nil {
			return err
		}
		for _, name := range names {
			value, err := xattr(path, name)
			if err != nil {
				return fmt.Errorf("%s: getxattr %s: %w", path, name, err)
			}
			fmt.Fprintf(w, " %s=%x", name, value)
		}
		_, err = fmt.Fprintln(w)
		return err
	})
}

// xattrs returns the names of path's extended attributes, sorted.
func xattrs(path string) ([]string, error) {
	buf := make([]byte, 64<<10) // XATTR_LIST_MAX
	n, err := unix.Llistxattr(path, buf)
	if err != nil {
		return nil, fmt.Errorf("%s: listxattr: %w", path, err)
	}
	var names []string
	for name := range bytes.SplitSeq(buf[:n], []byte{0}) {
		if len(name) > 0 {
			names = append(names, string(name))
		}
	}
	slices.Sort(names)
	return names, nil
}

func xattr(path, name string) ([]byte, error) {
	buf := make([]byte, 64<<10) // XATTR_SIZE_MAX
	n, err := unix.Lgetxattr(path, name, buf)
	if err != nil {
		return nil, err
	}
	return buf[:n], nil
}
