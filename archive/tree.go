package archive

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/feign-build/feign/lies/manifest"
)

// A tree hands out the verified contents of the files below a root.
//
// Each directory and file is looked at before it is opened, because opening a device or FIFO may have effects, and what was
// opened is compared with what was seen.
type tree struct {
	ctx    context.Context
	name   string // of the root, as given
	follow bool
	root   dir
	// dir is the directory that was used last, by its path from the root; it is the root when that is "". The order of a
	// manifest keeps the files of a directory close to each other.
	dir     dir
	dirPath string
	buf     []byte
	hash    hash.Hash
	sum     [sha256.Size]byte // room for the hash
}

// openTree opens the directory name. The caller closes the tree.
func openTree(ctx context.Context, name string, follow bool) (*tree, error) {
	root, err := openTop(name)
	if err != nil {
		return nil, fmt.Errorf("archive: the tree: %w", err)
	}
	return &tree{ctx: ctx, name: name, follow: follow, root: root, dir: root, hash: sha256.New()}, nil
}

func (t *tree) close() {
	t.leave()
	t.root.close()
}

// leave closes the directory that was used last.
func (t *tree) leave() {
	if t.dirPath != "" {
		t.dir.close()
	}
	t.dir, t.dirPath = t.root, ""
}

// copy writes the content of the file e to w. What is wrong with the tree is a *ChangedError that names the path.
func (t *tree) copy(w io.Writer, e *manifest.Entry) error {
	f, err := t.open(e)
	if err != nil {
		return err
	}
	defer f.Close()

	if t.buf == nil {
		t.buf = make([]byte, bufferSize)
	}
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
func (t *tree) open(e *manifest.Entry) (f file, err error) {
	var s stat
	if t.follow {
		if !e.HasDigest {
			return f, errors.New("no digest in the manifest, which following links needs (make the manifest with digests)")
		}
		f, s, err = openFile(e.Path, filepath.Join(t.name, filepath.FromSlash(e.Path)), lookPath, openPath)
	} else {
		parent, base := "", e.Path
		if i := strings.LastIndexByte(e.Path, '/'); i >= 0 {
			parent, base = e.Path[:i], e.Path[i+1:]
		}
		if err := t.enter(parent); err != nil {
			return f, err
		}
		f, s, err = openFile(e.Path, base, t.dir.look, t.dir.openFile)
	}
	if err == nil && s.size != e.Size {
		f.Close()
		err = &ChangedError{e.Path, fmt.Sprintf("%d bytes, the manifest says %d", s.size, e.Size), nil}
	}
	return f, err
}

// openFile opens name if look says that it is a regular file, and makes sure that the opened file is the one that was seen.
// path is what messages call it.
func openFile(path, name string, look func(string) (stat, error), open func(string) (file, stat, error)) (f file, s stat, err error) {
	seen, err := look(name)
	if err != nil {
		return f, s, readError(path, err)
	}
	if !seen.fileType().IsRegular() {
		return f, s, notA("file", path, seen)
	}
	if f, s, err = open(name); err != nil {
		return f, s, readError(path, err)
	}
	if !s.same(seen) {
		f.Close()
		err = replaced(path)
	}
	return f, s, err
}

// enter makes the directory path ("" is the root) that of t.dir.
func (t *tree) enter(path string) error {
	if path == t.dirPath {
		return nil
	}
	from, at := t.root, 0 // at is where the next name begins in path
	if t.dirPath != "" && strings.HasPrefix(path, t.dirPath+"/") {
		from, at = t.dir, len(t.dirPath)+1
	}
	d := from
	for at < len(path) {
		end := len(path)
		if i := strings.IndexByte(path[at:], '/'); i >= 0 {
			end = at + i
		}
		next, err := openDir(d, path[at:end], path[:end])
		if d != from {
			d.close()
		}
		if err != nil {
			return err
		}
		d, at = next, end+1
	}
	t.leave()
	t.dir, t.dirPath = d, path
	return nil
}

// openDir opens the directory name in parent; path is what messages call it.
func openDir(parent dir, name, path string) (d dir, err error) {
	seen, err := parent.look(name)
	if err != nil {
		return d, readError(path, err)
	}
	if !seen.fileType().IsDir() {
		return d, notA("directory", path, seen)
	}
	d, opened, err := parent.openDir(name)
	if err != nil {
		return d, fmt.Errorf("directory %s: %w", quote(path), readError(path, err))
	}
	if !opened.same(seen) {
		d.close()
		err = replaced(path)
	}
	return d, err
}

func replaced(path string) error { return &ChangedError{path, "replaced while it was opened", nil} }

// notA says what stands in the place of a file or directory.
func notA(wanted, path string, s stat) error {
	is := "a special file"
	switch s.fileType() {
	case fs.ModeSymlink:
		is = "a symbolic link"
	case fs.ModeDir:
		is = "a directory"
	case 0:
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
