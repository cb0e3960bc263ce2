package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/feign-build/feign/lies/manifest"
)

// writeImageDir makes the directory path an image layout. It is made beside, synced and renamed; a layout or an empty
// directory that is there is replaced, anything else is left alone.
func writeImageDir(ctx context.Context, path string, m *manifest.Manifest, root string, o Options, check bool) (err error) {
	if err := replaceable(path); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(filepath.Clean(path)), ".feign-*.tmp")
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	defer func() {
		if err != nil {
			os.RemoveAll(dir)
		}
	}()
	// MkdirTemp keeps others out, but an image is as public as an archive.
	if err := errors.Join(os.Chmod(dir, 0o755), os.MkdirAll(filepath.Join(dir, "blobs", "sha256"), 0o755)); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	if err := fillImageDir(ctx, dir, m, root, o, check); err != nil {
		return err
	}
	for _, d := range []string{"blobs/sha256", "blobs", "."} {
		syncDir(filepath.Join(dir, filepath.FromSlash(d)))
	}
	if err := replaceDir(dir, filepath.Clean(path)); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	return nil
}

// replaceable says why a path cannot become an image layout.
func replaceable(path string) error {
	fi, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("archive: %w", err)
	case !fi.IsDir():
		return fmt.Errorf("archive: %s: no directory, as format %s writes (remove it, or name another)", quote(path), ociDir)
	}
	if _, err := os.Stat(filepath.Join(path, "oci-layout")); err == nil {
		return nil
	}
	switch names, err := os.ReadDir(path); {
	case err != nil:
		return fmt.Errorf("archive: %w", err)
	case len(names) > 0:
		return fmt.Errorf("archive: %s: a directory with something else than an image in it (name another)", quote(path))
	}
	return nil
}

// replaceDir gives dir the name path. What has that name steps aside and is removed.
func replaceDir(dir, path string) error {
	old := ""
	if _, err := os.Lstat(path); err == nil {
		old = dir + ".old"
		if err := os.Rename(path, old); err != nil {
			return err
		}
	}
	if err := os.Rename(dir, path); err != nil {
		if old != "" {
			err = errors.Join(err, os.Rename(old, path))
		}
		return err
	}
	syncDir(filepath.Dir(path))
	if old != "" {
		return os.RemoveAll(old)
	}
	return nil
}

func fillImageDir(ctx context.Context, dir string, m *manifest.Manifest, root string, o Options, check bool) error {
	layerName := filepath.Join(dir, "layer")
	f, err := os.OpenFile(layerName, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	defer f.Close()
	blobs, err := image(ctx, f, m, root, o)
	if err != nil {
		return err
	}
	for i := range blobs {
		b := &blobs[i]
		name := filepath.Join(dir, filepath.FromSlash(b.path))
		if b.layer == nil {
			err = writeSynced(name, b.bytes)
		} else if err = f.Sync(); err == nil {
			err = os.Rename(layerName, name)
		}
		if err != nil {
			return fmt.Errorf("archive: %w", err)
		}
	}
	if !check {
		return nil
	}
	c := imageCheck{m: m, o: o}
	for i := range blobs {
		if err := c.openBlob(ctx, filepath.Join(dir, filepath.FromSlash(blobs[i].path)), blobs[i].path); err != nil {
			return err
		}
	}
	return c.finish()
}

func writeSynced(name string, text []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
