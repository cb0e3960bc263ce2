package manifest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
)

// Carry changes the tree at root, which m describes, so that caches, remote workers and sandboxes that keep the contents of
// files alone can carry it: what comes out there still passes Verify with Carried, and everything else is in m.
//
// All is made readable. Special files become empty files, and so do symbolic links, but for those that lead to a file
// within the tree: others dangle where the tree is unpacked, make a carrier walk in circles, or, if it follows them,
// bring in a file of its machine. What m does not describe is removed. A tree of other types than m's is an error.
func Carry(ctx context.Context, m *Manifest, root string) error {
	if err := carry(ctx, m, root); err != nil {
		return fmt.Errorf("manifest: carry %s: %w", root, err)
	}
	return nil
}

func carry(ctx context.Context, m *Manifest, root string) error {
	if err := os.Chmod(root, 0o755); err != nil { // OpenRoot reads it
		return err
	}
	r, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	defer r.Close()
	c := carrier{ctx: ctx, manifest: m, root: r}
	if err := c.directory(&m.Entries[0]); err != nil {
		return err
	}
	// A link may lead through another, which is replaced later because it leads to a directory. Once none of these is
	// left, no replacement breaks a link: an empty file stands for a file.
	for range 2 {
		for _, link := range c.links {
			if err := c.link(link); err != nil {
				return err
			}
		}
	}
	return nil
}

// A carrier is one call of Carry.
type carrier struct {
	ctx      context.Context
	manifest *Manifest
	root     *os.Root
	links    []string
}

// directory makes e, which is one, and all below readable, and remembers links.
func (c *carrier) directory(e *Entry) error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	found, err := c.open(e.Path)
	if err != nil {
		return err
	}
	for _, f := range found {
		name := path.Join(e.Path, f.Name())
		want := c.manifest.Lookup(name)
		if want == nil {
			if err := c.remove(name, f); err != nil {
				return err
			}
			continue
		}
		if err := c.entry(want, f); err != nil {
			return err
		}
	}
	return nil
}

// open makes a directory readable and returns what is in it, sorted by name.
func (c *carrier) open(name string) ([]fs.DirEntry, error) {
	if err := c.root.Chmod(name, 0o755); err != nil {
		return nil, err
	}
	dir, err := c.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	found, err := dir.ReadDir(-1)
	slices.SortFunc(found, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	return found, err
}

// entry treats one path that the manifest has, where the disk has f.
func (c *carrier) entry(want *Entry, f fs.DirEntry) error {
	switch found := f.Type(); {
	case want.Type == TypeDir && found == fs.ModeDir:
		return c.directory(want)
	case want.Type == TypeLink && found == fs.ModeSymlink:
		c.links = append(c.links, want.Path)
		return nil
	case want.Type == TypeFile && found == 0:
		return c.root.Chmod(want.Path, 0o644|fs.FileMode(want.Mode&0o111))
	case want.Type.special() && found != fs.ModeDir && found != fs.ModeSymlink:
		return c.placeholder(want.Path)
	case want.Type == TypeLink && found == 0:
		if fi, err := f.Info(); err != nil || fi.Size() == 0 { // replaced before
			return err
		}
	}
	return fmt.Errorf("%q: the manifest says %s, and it is another type (describe the tree again)", want.Path, want.Type)
}

// link replaces a link unless it leads to a file within the tree; Root follows none that leads out.
func (c *carrier) link(name string) error {
	if fi, err := c.root.Stat(name); err == nil && fi.Mode().IsRegular() {
		return nil
	}
	return c.placeholder(name)
}

// placeholder puts an empty file in the place of what is there.
func (c *carrier) placeholder(name string) error {
	if err := c.root.Remove(name); err != nil {
		return err
	}
	f, err := c.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o644), f.Close()) // whatever the umask is
}

// remove removes what the manifest does not describe. RemoveAll stops at directories that may not be written.
func (c *carrier) remove(name string, f fs.DirEntry) error {
	if f.IsDir() {
		below, err := c.open(name)
		if err != nil {
			return err
		}
		for _, f := range below {
			if err := c.remove(path.Join(name, f.Name()), f); err != nil {
				return err
			}
		}
	}
	return c.root.Remove(name)
}
