package wrapper

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies/manifest"
)

// placeholders puts an empty file in the place of each FIFO and socket of the tree, which stores and caches refuse or lose.
// A reader of the manifest takes an empty file for any special file (manifest.Verify), and devices have been one from the
// beginning.
func placeholders(m *manifest.Manifest, root string) error {
	dir, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	defer dir.Close()
	for i := range m.Entries {
		e := &m.Entries[i]
		if e.Type != manifest.TypeFifo && e.Type != manifest.TypeSocket {
			continue
		}
		path := filepath.FromSlash(e.Path)
		info, err := dir.Lstat(path)
		if err != nil {
			return err
		}
		if info.Mode().IsRegular() {
			continue // one that was imported
		}
		if err := placeholder(dir, path); err != nil {
			return err
		}
	}
	return nil
}

// placeholder replaces a file. Nothing runs any more that could take the name in between.
func placeholder(dir *os.Root, path string) error {
	if err := dir.Remove(path); err != nil {
		return err
	}
	f, err := dir.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|unix.O_NOFOLLOW, 0o644)
	if err != nil {
		return err
	}
	return f.Close()
}
