package archive

import (
	"context"
	"errors"
	"io"
	"iter"
	"runtime"
	"sync"

	"github.com/feign-build/feign/lies/manifest"
)

// Reading ahead is bounded: at most aheadContents contents are open or wait, each with at most aheadChunks+1 chunks of memory.
const (
	aheadContents = 32
	aheadChunks   = 2
	chunkSize     = 128 << 10
)

// A chunkBuffer has a byte more than a chunk: by that a file is seen to end.
type chunkBuffer [chunkSize + 1]byte

// chunks are buffers that wait to be used again.
var chunks = sync.Pool{New: func() any { return new(chunkBuffer) }}

// An ahead reads and verifies the contents of files in several goroutines while those before them are being written. They
// come out in the order of the manifest, and so do errors.
type ahead struct {
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	order  chan *content // as the contents will be asked for
	jobs   chan *content // the same, for whoever is free: so the one that is waited for is always being read

	// now is the small files that copy is handing out.
	now smallFiles
}

// content is what is read so far of one file, or of several that are a chunk together.
type content struct {
	entries []*manifest.Entry
	chunks  chan chunk // closed at the end, or after an error
	err     error      // about the last file that was begun with; valid once chunks is closed
}

type chunk struct {
	buf   *chunkBuffer
	n     int
	files int // how many of the files are whole; of small ones only
}

// isSmall reports whether all that there is comes as one chunk.
func (c *content) isSmall() bool { return c.entries[0].Size <= chunkSize }

// smallFiles are those of a content that are still to be handed out, and their bytes.
type smallFiles struct {
	*content
	chunk chunk
	next  int // of entries
	at    int // in the chunk
}

// newAhead begins to read the contents of the items that the container stores. The caller calls stop.
func newAhead(ctx context.Context, items iter.Seq[*item], stores func(*item) bool, root string, follow bool) (*ahead, error) {
	ctx, cancel := context.WithCancel(ctx)
	a := &ahead{ctx: ctx, cancel: cancel, order: make(chan *content, aheadContents), jobs: make(chan *content, aheadContents)}
	for range min(runtime.GOMAXPROCS(0), 4) {
		t, err := openTree(ctx, root, follow)
		if err != nil {
			a.stop()
			return nil, err
		}
		a.wg.Go(func() {
			defer t.close()
			a.read(t)
		})
	}
	a.wg.Go(func() { a.feed(items, stores) })
	return a, nil
}

// stop ends all goroutines and waits for them.
func (a *ahead) stop() {
	a.cancel()
	a.wg.Wait()
}

// feed says what is to be read.
func (a *ahead) feed(items iter.Seq[*item], stores func(*item) bool) {
	defer close(a.jobs)
	var small []*manifest.Entry
	var size int64
	for it := range items {
		if it.Type != manifest.TypeFile || !stores(it) {
			continue
		}
		if size += it.Size; size <= chunkSize {
			small = append(small, it.Entry)
			continue
		}
		if !a.feedOne(small) {
			return
		}
		small, size = nil, 0
		if it.Size <= chunkSize {
			small, size = append(small, it.Entry), it.Size
		} else if !a.feedOne([]*manifest.Entry{it.Entry}) {
			return
		}
	}
	a.feedOne(small)
}

// feedOne hands over what is to be read together. It reports false when nothing more is.
func (a *ahead) feedOne(entries []*manifest.Entry) bool {
	if len(entries) == 0 {
		return true
	}
	c := &content{entries: entries, chunks: make(chan chunk, aheadChunks)}
	for _, to := range []chan *content{a.order, a.jobs} {
		select {
		case to <- c:
		case <-a.ctx.Done():
			return false
		}
	}
	return true
}

// read is one reader.
func (a *ahead) read(t *tree) {
	for {
		select {
		case c, ok := <-a.jobs:
			if !ok {
				return
			}
			if c.isSmall() {
				c.err = t.readSmall(c)
			} else {
				w := &chunkWriter{a: a, c: c}
				if c.err = t.copy(w, c.entries[0]); c.err == nil {
					c.err = w.flush()
				}
			}
			close(c.chunks)
		case <-a.ctx.Done():
			return
		}
	}
}

// readSmall reads files into one chunk, up to the first that cannot be had.
func (t *tree) readSmall(c *content) (err error) {
	k := chunk{buf: chunks.Get().(*chunkBuffer)}
	for _, e := range c.entries {
		if err = t.fill(k.buf[k.n:k.n+int(e.Size)+1], e); err != nil {
			break
		}
		k.n += int(e.Size)
		k.files++
	}
	c.chunks <- k // there is room
	return err
}

// copy writes the next content, which is that of e, to w.
func (a *ahead) copy(w io.Writer, e *manifest.Entry) error {
	if a.now.content != nil {
		return a.copySmall(w, e)
	}
	var c *content
	select {
	case c = <-a.order:
	case <-a.ctx.Done():
		return a.ctx.Err()
	}
	if c.isSmall() {
		select {
		case k := <-c.chunks:
			a.now = smallFiles{content: c, chunk: k}
		case <-a.ctx.Done():
			return a.ctx.Err()
		}
		return a.copySmall(w, e)
	}
	if c.entries[0] != e {
		return errNotAhead
	}
	for {
		select {
		case k, ok := <-c.chunks:
			if !ok {
				return c.err
			}
			_, err := w.Write(k.buf[:k.n])
			chunks.Put(k.buf)
			if err != nil {
				return err
			}
		case <-a.ctx.Done():
			return a.ctx.Err()
		}
	}
}

// errNotAhead says that container.stores does not fit encoder.add.
var errNotAhead = errors.New("its content was not read ahead")

// copySmall is copy for one of several small files.
func (a *ahead) copySmall(w io.Writer, e *manifest.Entry) error {
	s := &a.now
	if s.entries[s.next] != e {
		return errNotAhead
	}
	if s.next == s.chunk.files {
		<-s.chunks // closed, once there is an error
		return s.err
	}
	_, err := w.Write(s.chunk.buf[s.at : s.at+int(e.Size)])
	s.at += int(e.Size)
	if s.next++; s.next == len(s.entries) {
		chunks.Put(s.chunk.buf)
		a.now = smallFiles{}
	}
	return err
}

// A chunkWriter hands what is written over in chunks.
type chunkWriter struct {
	a    *ahead
	c    *content
	next chunk
}

func (w *chunkWriter) Write(p []byte) (int, error) {
	written := len(p)
	for len(p) > 0 {
		if w.next.buf == nil {
			w.next = chunk{buf: chunks.Get().(*chunkBuffer)}
		}
		k := copy(w.next.buf[w.next.n:chunkSize], p)
		w.next.n += k
		p = p[k:]
		if w.next.n == chunkSize {
			if err := w.flush(); err != nil {
				return 0, err
			}
		}
	}
	return written, nil
}

func (w *chunkWriter) flush() error {
	if w.next.buf == nil {
		return nil
	}
	select {
	case w.c.chunks <- w.next:
		w.next = chunk{}
		return nil
	case <-w.a.ctx.Done():
		return w.a.ctx.Err()
	}
}
