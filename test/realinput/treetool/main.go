//go:build linux

// Command treetool copies a tree as root would and lists it, by system calls
// alone: a statically linked Go program, which no preloaded library can fool.
//
//	treetool cp FROM TO
//	treetool ls TREE
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "treetool:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 3 && args[0] == "cp":
		c := copier{from: args[1], to: args[2], links: map[inode]string{}}
		return c.run()
	case len(args) == 2 && args[0] == "ls":
		return list(os.Stdout, args[1])
	}
	return fmt.Errorf("usage: treetool cp FROM TO | ls TREE")
}

// walk calls visit for every entry of root, parents first and in byte order,
// with its path relative to root and what lstat says.
func walk(root string, visit func(rel string, st *unix.Stat_t) error) error {
	return filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var st unix.Stat_t
		if err := unix.Lstat(path, &st); err != nil {
			return &fs.PathError{Op: "lstat", Path: path, Err: err}
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		return visit(rel, &st)
	})
}
