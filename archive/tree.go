package archive

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/feign-build/feign/lies/manifest"
)

// A tree hands out the verified contents of the files below a root.
//
// An os.Root keeps every opening inside the root; it would still follow a link to another place inside. So each directory
// and file is looked at first (also because opening a device or FIFO may have effects), and what was opened is compared
// with what was seen.
type tree struct {
	ctx    context.Context
	name   string // of the root, as given
	follow bool
	root   *os.Root
	// dir is the directory that was used last, by its path from the root. The order of a manifest keeps the files of
	// a directory close to each other.
	dir     *os.Root
	dirPath string
	buf     []byte
	hash    hash.Hash
	sum     [sha256.Size]byte // room for the hash
}

// openTree opens the directory name. The caller closes the tree.
func openTree(ctx context.Context, name string, follow bool) (*tree, error) {
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("archive: the tree: %w", err)
	}
	return &tree{ctx: ctx, name: name, follow: follow, root: root, buf: make([]byte, bufferSize), hash: sha256.New()}, nil
}

func (t *tree) close() {
	t.leave()
	t.root.Close()
}

// leave closes the directory that was used last.
func (t *tree) leave() {
	if t.dir != nil {
		t.dir.Close()
	}
	t.dir, t.dirPath = nil, ""
}

// copy writes the content of the file e to w. What is wrong with the tree is a *ChangedError that names the path.
func (t *tree) copy(w io.Writer, e *manifest.Entry) error {
	f, err := t.open(e)
	if err != nil {
		return err
	}
	defer f.Close()

	t.hash.Reset()
	var n int64
	for {
		if err := t.ctx.Err(); err != nil {
			return err
		}
		// One byte more than there should be left: at its end the file must end.
		p := t.buf
		if left := e.Size - n + 1; left < int64(len(p)) {
			p = p[:left]
		}
		k, err := f.Read(p)
		if n += int64(k); n > e.Size {
			return tooLong(e)
		}
		if e.HasDigest {
			t.hash.Write(p[:k])
		}
		if _, err := w.Write(p[:k]); err != nil {
			return err
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return readError(e.Path, err)
		}
	}
	return t.verify(e, n)
}

// fill reads the content of the file e into p, which is a byte longer. It fails as copy does.
func (t *tree) fill(p []byte, e *manifest.Entry) error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	f, err := t.open(e)
	if err != nil {
		return err
	}
	defer f.Close()
	n, err := f.Read(p)
	// A read of a regular file that ends before the file does is rare, one of nothing means the end.
	for n < len(p)-1 && err == nil {
		var k int
		k, err = f.Read(p[n:])
		n += k
	}
	if err != nil && err != io.EOF {
		return readError(e.Path, err)
	}
	if n == len(p) {
		return tooLong(e)
	}
	t.hash.Reset()
	if e.HasDigest {
		t.hash.Write(p[:n])
	}
	return t.verify(e, int64(n))
}

// verify compares what was read of a file, n bytes that t.hash has, with what should be.
func (t *tree) verify(e *manifest.Entry, n int64) error {
	if n != e.Size {
		return &ChangedError{e.Path, fmt.Sprintf("%d bytes, the manifest says %d", n, e.Size), nil}
	}
	if !e.HasDigest {
		return nil
	}
	if sum := t.hash.Sum(t.sum[:0]); string(sum) != string(e.Digest[:]) {
		return &ChangedError{e.Path, fmt.Sprintf("sha256 is %x, the manifest says %x", sum, e.Digest), nil}
	}
	return nil
}

func tooLong(e *manifest.Entry) error {
	return &ChangedError{e.Path, fmt.Sprintf("longer than the manifest's %d bytes", e.Size), nil}
}

// open opens the regular file e. Its size is compared at once, so that a wrong one is found before gigabytes are read.
func (t *tree) open(e *manifest.Entry) (*os.File, error) {
	f, fi, err := t.openAny(e)
	if err != nil {
		return nil, err
	}
	if !fi.Mode().IsRegular() {
		f.Close()
		return nil, notA("file", e.Path, fi)
	}
	if fi.Size() != e.Size {
		f.Close()
		return nil, &ChangedError{e.Path, fmt.Sprintf("%d bytes, the manifest says %d", fi.Size(), e.Size), nil}
	}
	return f, nil
}

// openAny opens whatever stands at e's path. O_NONBLOCK, since a FIFO may have taken the place after it was looked at.
func (t *tree) openAny(e *manifest.Entry) (*os.File, fs.FileInfo, error) {
	if t.follow {
		if !e.HasDigest {
			return nil, nil, errors.New("no digest in the manifest, which following links needs (make the manifest with digests)")
		}
		path := filepath.Join(t.name, filepath.FromSlash(e.Path))
		return look(e.Path, os.Stat, func(p string) (*os.File, error) {
			return os.OpenFile(p, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		}, path)
	}
	dirPath, base := "", e.Path
	if i := strings.LastIndexByte(e.Path, '/'); i >= 0 {
		dirPath, base = e.Path[:i], e.Path[i+1:]
	}
	dir, err := t.enter(dirPath)
	if err != nil {
		return nil, nil, err
	}
	return look(e.Path, dir.Lstat, func(p string) (*os.File, error) {
		return dir.OpenFile(p, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	}, base)
}

// look opens name if stat says that it is a regular file, and makes sure that the opened file is the one that stat saw.
// path is what messages call it.
func look(path string, stat func(string) (fs.FileInfo, error), open func(string) (*os.File, error), name string) (*os.File, fs.FileInfo, error) {
	seen, err := stat(name)
	if err != nil {
		return nil, nil, readError(path, err)
	}
	if !seen.Mode().IsRegular() {
		return nil, nil, notA("file", path, seen)
	}
	f, err := open(name)
	if err != nil {
		return nil, nil, readError(path, err)
	}
	opened, err := f.Stat()
	if err == nil && !os.SameFile(seen, opened) {
		err = &ChangedError{path, "replaced while it was opened", nil}
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, opened, nil
}

// enter returns the directory path ("" is the root), open until the next call. The caller does not close it.
func (t *tree) enter(path string) (*os.Root, error) {
	if path == t.dirPath && t.dir != nil {
		return t.dir, nil
	}
	if path == "" {
		return t.root, nil
	}
	dir, at := t.root, 0 // at is where the next name begins in path
	if t.dir != nil && strings.HasPrefix(path, t.dirPath+"/") {
		dir, at = t.dir, len(t.dirPath)+1
	}
	for from := dir; at <= len(path); {
		end := len(path)
		if i := strings.IndexByte(path[at:], '/'); i >= 0 {
			end = at + i
		}
		next, err := openDir(dir, path[at:end], path[:end])
		if dir != from {
			dir.Close()
		}
		if err != nil {
			return nil, err
		}
		dir, at = next, end+1
	}
	t.leave()
	t.dir, t.dirPath = dir, path
	return dir, nil
}

// openDir opens the directory name in parent; path is what messages call it.
func openDir(parent *os.Root, name, path string) (*os.Root, error) {
	seen, err := parent.Lstat(name)
	if err != nil {
		return nil, readError(path, err)
	}
	if !seen.IsDir() {
		return nil, notA("directory", path, seen)
	}
	dir, err := parent.OpenRoot(name)
	if err != nil {
		return nil, fmt.Errorf("directory %s: %w", quote(path), readError(path, err))
	}
	opened, err := dir.Stat(".")
	if err == nil && !os.SameFile(seen, opened) {
		err = &ChangedError{path, "replaced while it was opened", nil}
	}
	if err != nil {
		dir.Close()
		return nil, err
	}
	return dir, nil
}

// notA says what stands in the place of a file or directory.
func notA(wanted, path string, fi fs.FileInfo) error {
	is := "a special file"
	switch {
	case fi.Mode()&fs.ModeSymlink != 0:
		is = "a symbolic link"
	case fi.IsDir():
		is = "a directory"
	case fi.Mode().IsRegular():
		is = "a file"
	}
	return &ChangedError{path, fmt.Sprintf("%s on disk, the manifest says a %s", is, wanted), nil}
}

// readError tells apart what is gone, and so has changed, from what cannot be read.
func readError(path string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err // its path may be one component only
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ELOOP) {
		return &ChangedError{path, "not in the tree", err}
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("read: %w (chmod u+r, or pack as the user who owns the tree)", err)
	}
	return fmt.Errorf("read: %w", err)
}
