package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"

	"github.com/feign-build/feign/lies/manifest"
)

// WriteFile writes the archive to the file path, which appears (or is replaced) only when all of it is on the disk: it is
// written beside, synced, compared with the manifest if o.Check is set, and renamed. On an error, also when ctx is done,
// path is as it was and nothing else is left. If path is a symbolic link, the file that it leads to is replaced.
//
// A path that exists and is no regular file (/dev/stdout, a FIFO, a tape) is written into and cannot be checked.
func WriteFile(ctx context.Context, path string, m *manifest.Manifest, root string, o Options) error {
	if o.Format == "" {
		f, err := FormatOf(path)
		if err != nil {
			return err
		}
		o.Format = f
	}
	check := o.Check
	o.Check = false
	if o.Format == ociDir {
		return writeImageDir(ctx, path, m, root, o, check)
	}
	switch fi, err := os.Stat(path); {
	case err == nil && fi.IsDir():
		return fmt.Errorf("archive: %s: is a directory (name a file in it)", quote(path))
	case err == nil && !fi.Mode().IsRegular():
		if check {
			return fmt.Errorf("archive: %s: no regular file, so it cannot be read back", quote(path))
		}
		return writeInto(ctx, path, m, root, o)
	case err == nil:
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return fmt.Errorf("archive: %w", err)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("archive: %w", err)
	}
	o.spool = filepath.Dir(path)
	return writeBeside(ctx, path, m, root, o, check)
}

// writeInto writes to a device or FIFO.
func writeInto(ctx context.Context, path string, m *manifest.Manifest, root string, o Options) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	err = Write(ctx, f, m, root, o)
	if e := f.Close(); err == nil && e != nil {
		err = fmt.Errorf("archive: %w", e)
	}
	return err
}

// writeBeside writes a file in the directory of path and renames it.
func writeBeside(ctx context.Context, path string, m *manifest.Manifest, root string, o Options, check bool) (err error) {
	f, err := createBeside(path)
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	defer func() {
		f.Close()
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if err := Write(ctx, f, m, root, o); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("archive: %w", f.renamed(err))
	}
	if check {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("archive: %w", f.renamed(err))
		}
		if err := Check(ctx, f, m, o); err != nil {
			return err
		}
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("archive: %w", f.renamed(err))
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	syncDir(filepath.Dir(path))
	return nil
}

// beside is a file that is to become path. Its errors name path, not the name that nobody asked for.
type beside struct {
	*os.File
	path string
}

// createBeside makes a file in the directory of path, with the permissions that the umask leaves, as a compiler's output has
// them; os.CreateTemp would keep others from reading it.
func createBeside(path string) (beside, error) {
	for {
		name := filepath.Join(filepath.Dir(path), ".feign-"+strconv.FormatUint(rand.Uint64(), 36)+".tmp")
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
		b := beside{f, path}
		if !errors.Is(err, fs.ErrExist) {
			return b, b.renamed(err)
		}
	}
}

func (b beside) Write(p []byte) (int, error) {
	n, err := b.File.Write(p)
	return n, b.renamed(err)
}

func (b beside) renamed(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return &fs.PathError{Op: pe.Op, Path: b.path, Err: pe.Err}
	}
	return err
}

// syncDir makes a rename durable, where directories can be opened and synced at all. The archive is in place by then, whole
// and synced itself, so an error here is none of the caller's.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}
