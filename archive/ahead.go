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

// Reading ahead is bounded: at most aheadFiles files are open or wait, each with at most aheadChunks+1 chunks of memory.
const (
	aheadFiles  = 64
	aheadChunks = 2
	chunkSize   = 128 << 10
)

// chunks are buffers that wait to be used again.
var chunks = sync.Pool{New: func() any { return new([chunkSize]byte) }}

// An ahead reads and verifies the contents of files in several goroutines while those before them are being written. They
// come out in the order of the manifest, and so do errors.
type ahead struct {
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	order  chan *content // as the contents will be asked for
	jobs   chan *content // the same, for whoever is free: so the one that is waited for is always being read
}

// content is what is read of a file so far.
type content struct {
	entry  *manifest.Entry
	chunks chan chunk // closed at the end, or after an error
	err    error      // valid once chunks is closed
}

type chunk struct {
	buf *[chunkSize]byte
	n   int
}

// newAhead begins to read the contents of the items that the container stores. The caller calls stop.
func newAhead(ctx context.Context, items iter.Seq[*item], stores func(*item) bool, root string, follow bool) (*ahead, error) {
	ctx, cancel := context.WithCancel(ctx)
	a := &ahead{ctx: ctx, cancel: cancel, order: make(chan *content, aheadFiles), jobs: make(chan *content, aheadFiles)}
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
	for it := range items {
		if it.Type != manifest.TypeFile || !stores(it) {
			continue
		}
		c := &content{entry: it.Entry, chunks: make(chan chunk, aheadChunks)}
		for _, to := range []chan *content{a.order, a.jobs} {
			select {
			case to <- c:
			case <-a.ctx.Done():
				return
			}
		}
	}
}

// read is one reader.
func (a *ahead) read(t *tree) {
	for {
		select {
		case c, ok := <-a.jobs:
			if !ok {
				return
			}
			w := &chunkWriter{a: a, c: c}
			c.err = t.copy(w, c.entry)
			if c.err == nil {
				c.err = w.flush()
			}
			close(c.chunks)
		case <-a.ctx.Done():
			return
		}
	}
}

// copy writes the next content, which is that of e, to w.
func (a *ahead) copy(w io.Writer, e *manifest.Entry) error {
	var c *content
	select {
	case c = <-a.order:
	case <-a.ctx.Done():
		return a.ctx.Err()
	}
	if c.entry != e {
		return errors.New("its content was not read ahead") // container.stores does not fit encoder.add
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
			w.next = chunk{buf: chunks.Get().(*[chunkSize]byte)}
		}
		k := copy(w.next.buf[w.next.n:], p)
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
