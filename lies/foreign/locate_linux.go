package foreign

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
)

// Stat tells what a tool has to know of the file that a lie is about, if it is at path.
func Stat(l *lies.Lie, path string) (Disk, bool) {
	key, seen, err := lies.Identify(path)
	if err != nil || key != l.Key || l.Compare(seen) != 0 {
		return Disk{}, false
	}
	var st unix.Stat_t
	if unix.Lstat(path, &st) != nil || st.Dev != l.Dev || st.Ino != l.Ino {
		return Disk{}, false
	}
	uid, gid := RootOwner(st.Uid, st.Gid)
	return Disk{Mode: st.Mode, UID: uid, GID: gid, Nlink: uint64(st.Nlink)}, true
}

// RootOwner is the owner that an action sees of a file on the disk about which nothing is claimed: the caller's own files are
// root's.
func RootOwner(uid, gid uint32) (uint32, uint32) {
	if int(uid) != os.Geteuid() {
		return uid, gid
	}
	groups, _ := os.Getgroups()
	for _, g := range append(groups, os.Getegid()) {
		if int(gid) == g {
			gid = 0
		}
	}
	return 0, gid
}

// Locate looks for files by device and inode number in a tree, and returns the real paths of those that it finds. What it may not
// read it passes by.
func Locate(ctx context.Context, root string, wanted map[lies.Key]bool) (map[lies.Key]string, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	if root, err = filepath.EvalSymlinks(root); err != nil {
		return nil, err
	}
	found := map[lies.Key]string{}
	err = filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case len(found) == len(wanted):
			return fs.SkipAll
		case err != nil && path == root:
			return err
		}
		var st unix.Stat_t
		if unix.Lstat(path, &st) == nil {
			if key := (lies.Key{Dev: st.Dev, Ino: st.Ino}); wanted[key] && found[key] == "" {
				found[key] = path
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.SkipAll) {
		return nil, err
	}
	return found, nil
}
