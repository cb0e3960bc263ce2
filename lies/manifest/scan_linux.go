package manifest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
)

// walker walks one tree. It goes from descriptor to descriptor, so that neither the length of a path nor somebody who
// replaces a directory by a link can lead it astray. One goroutine walks, others hash.
type walker struct {
	ctx     context.Context
	cancel  context.CancelCauseFunc
	opts    Options
	keep    func(name string) bool
	hooks   hooks
	exclude excluded
	nodes   []*node
	linked  map[lies.Key]*node // inodes with several links, by the node met first
	names   names
	jobs    chan job
	buf     []byte // for xattrs
}

// job is a file to be hashed.
type job struct {
	file *os.File // closed by the worker
	node *node
}

// walk describes the tree at root. The nodes are sorted and complete but for the names of their owners.
func walk(ctx context.Context, root string, opts Options, hooks hooks) ([]*node, *names, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	workers := opts.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	w := &walker{
		ctx: ctx, cancel: cancel, opts: opts, keep: opts.KeepXattr, hooks: hooks,
		exclude: newExcluded(opts.Exclude), linked: map[lies.Key]*node{}, jobs: make(chan job, 4*workers),
		buf: make([]byte, 1024),
	}
	if w.keep == nil {
		w.keep = DefaultXattr
	}
	var wg sync.WaitGroup
	for range workers {
		wg.Go(w.hashFiles)
	}
	err := w.root(root)
	close(w.jobs)
	if err != nil {
		cancel(err)
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, nil, err
	}
	finish(w.nodes)
	return w.nodes, &w.names, nil
}

// root begins the walk.
func (w *walker) root(root string) error {
	// O_PATH asks for no permission, O_DIRECTORY without O_NOFOLLOW lets root be a link.
	fd, err := unix.Open(root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	real, err := statAt(fd, "")
	if err != nil {
		return err
	}
	real.Path = "."
	return w.visit(fd, "", real)
}

// visit describes the file name in the directory dir, and what is below it. For the root name is "" and dir its own
// descriptor.
func (w *walker) visit(dir int, name string, real Real) error {
	if err := context.Cause(w.ctx); err != nil {
		return err
	}
	n := &node{real: real}
	w.nodes = append(w.nodes, n)
	isDir := real.Mode&sIFMT == sIFDIR
	if real.Mode&sIFMT == sIFLNK && w.hooks.follow(real.Path) {
		if followed, err := w.follow(dir, name, n); followed || err != nil {
			return err
		}
	}
	if real.Nlink > 1 && !isDir {
		if first := w.linked[real.Key()]; first != nil {
			n.first, n.entry.Path = first, real.Path
			return w.keepNames(dir, name, n)
		}
		w.linked[real.Key()] = n
	}
	var claim Claim
	if w.opts.Claims != nil {
		claim, _ = w.opts.Claims(real)
	}
	if real.Mode&sIFMT != sIFREG && !isDir {
		if err := w.readXattrs(dir, name, n); err != nil {
			return atDisk(real.Path, err)
		}
		if real.Mode&sIFMT == sIFLNK {
			target, err := readlinkAt(dir, name)
			if err != nil {
				return atDisk(real.Path, err)
			}
			n.entry.Link = target
		}
		return atDisk(real.Path, n.describe(&w.opts, claim))
	}
	done, err := makeReadable(dir, name, real)
	if err != nil {
		return atDisk(real.Path, err)
	}
	if err := w.open(dir, name, n, claim); err != nil {
		return errors.Join(err, done())
	}
	return atDisk(real.Path, done())
}

// open describes a regular file or a directory, which can be read now.
func (w *walker) open(dir int, name string, n *node, claim Claim) error {
	if err := w.readXattrs(dir, name, n); err != nil {
		return atDisk(n.real.Path, err)
	}
	if err := n.describe(&w.opts, claim); err != nil {
		return atDisk(n.real.Path, err)
	}
	if n.entry.Type == TypeDir {
		return w.directory(dir, name, n)
	}
	if n.entry.Type != TypeFile {
		return nil // a placeholder
	}
	n.entry.Size = n.real.Size
	if err := w.keepNames(dir, name, n); err != nil {
		return err
	}
	if !w.hooks.digest(n) {
		return nil
	}
	f, err := openAt(dir, name, unix.O_NOFOLLOW|unix.O_NONBLOCK, n.real.Path)
	if err != nil {
		return atDisk(n.real.Path, err)
	}
	return w.hash(f, n)
}

// follow takes a link to a regular file for that file. It returns false if the link leads to none.
func (w *walker) follow(dir int, name string, n *node) (bool, error) {
	var st unix.Stat_t
	if err := unix.Fstatat(dir, name, &st, 0); err != nil || st.Mode&sIFMT != sIFREG {
		return false, nil // dangling, or to something that must not even be opened: it stays a link
	}
	f, err := openAt(dir, name, unix.O_NONBLOCK, n.real.Path)
	if err != nil {
		return false, atDisk(n.real.Path, err)
	}
	real, err := statAt(int(f.Fd()), "")
	if err != nil || real.Mode&sIFMT != sIFREG {
		f.Close()
		return false, atDisk(n.real.Path, err)
	}
	real.Path = n.real.Path
	n.real = real
	if err := n.describe(&w.opts, Claim{}); err != nil {
		f.Close()
		return true, atDisk(real.Path, err)
	}
	n.entry.Size = real.Size
	if !w.hooks.digest(n) {
		f.Close()
		return true, nil
	}
	return true, w.hash(f, n)
}

// hash hands an open file over to the workers.
func (w *walker) hash(f *os.File, n *node) error {
	select {
	case w.jobs <- job{f, n}:
		return nil
	case <-w.ctx.Done():
		f.Close()
		return context.Cause(w.ctx)
	}
}

// directory visits what is in a directory, in the order of the names.
func (w *walker) directory(dir int, name string, n *node) error {
	path := n.real.Path
	if name == "" {
		name = "."
	}
	f, err := openAt(dir, name, unix.O_NOFOLLOW|unix.O_DIRECTORY, path)
	if err != nil {
		return atDisk(path, err)
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if err != nil {
		return atDisk(path, err)
	}
	slices.Sort(names)
	fd := int(f.Fd())
	for _, name := range names {
		child := name
		if path != "." {
			child = path + "/" + name
		}
		if w.exclude[child] {
			continue
		}
		real, err := statAt(fd, name)
		if err != nil {
			return atDisk(child, err)
		}
		real.Path = child
		if err := w.visit(fd, name, real); err != nil {
			return err
		}
	}
	return nil
}

// keepNames reads the users or groups of the tree, if n is the file that has them.
func (w *walker) keepNames(dir int, name string, n *node) error {
	path := n.real.Path
	if w.opts.NoNames || path != passwdPath && path != groupPath || n.real.Mode&sIFMT != sIFREG {
		return nil
	}
	f, err := openAt(dir, name, unix.O_NOFOLLOW|unix.O_NONBLOCK, path)
	if err != nil {
		return atDisk(path, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxNames+1))
	if err != nil {
		return atDisk(path, err)
	}
	if len(text) > maxNames {
		return atDisk(path, fmt.Errorf("longer than %d bytes", maxNames))
	}
	if path == passwdPath {
		w.names.users = parseNames(text)
	} else {
		w.names.groups = parseNames(text)
	}
	return nil
}

// hashFiles is one worker: it computes digests until there are no more jobs.
func (w *walker) hashFiles() {
	buf := make([]byte, 256<<10)
	for j := range w.jobs {
		if w.ctx.Err() == nil {
			if err := w.hashFile(j, buf); err != nil {
				w.cancel(atDisk(j.node.real.Path, err))
			}
		}
		j.file.Close()
	}
}

var errChanged = errors.New("changed while it was being read")

func (w *walker) hashFile(j job, buf []byte) error {
	if err := j.unchanged(); err != nil {
		return err
	}
	h := sha256.New()
	for size := int64(0); ; {
		n, err := j.file.Read(buf)
		h.Write(buf[:n])
		size += int64(n)
		if err == io.EOF {
			if size != j.node.real.Size {
				return errChanged
			}
			break
		}
		if err != nil {
			return err
		}
		if err := w.ctx.Err(); err != nil {
			return err
		}
	}
	if err := j.unchanged(); err != nil {
		return err
	}
	h.Sum(j.node.entry.Digest[:0])
	j.node.entry.HasDigest = true
	return nil
}

// unchanged compares the open file with what the walk has seen.
func (j *job) unchanged() error {
	now, err := statAt(int(j.file.Fd()), "")
	if err != nil {
		return err
	}
	was := &j.node.real
	if now.Dev != was.Dev || now.Ino != was.Ino || now.Size != was.Size || now.Mtime != was.Mtime {
		return errChanged
	}
	return nil
}

// atDisk names the path of an error.
func atDisk(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%q: %w", path, err)
}
