package archive

import (
	"bytes"
	"fmt"
	"io"
	"runtime"

	"github.com/klauspost/compress/zstd"
)

// zstdWindow is part of the bytes: 8 MiB is what every decoder takes without being asked (RFC 8878, 3.1.1.1.2).
const zstdWindow = 8 << 20

// zstdFrame is how much of an archive a frame holds, and part of the bytes too. Frames know nothing of each other, so that
// they are compressed at the same time; a decompressor takes several, one after the other, as one stream (RFC 8878, 3.1).
const zstdFrame = 8 << 20

// A zstdWriter cuts what is written into frames. Where it cuts depends on nothing but the number of bytes.
//
// Each frame has a goroutine, which ends by itself; so a writer that is never closed leaves nothing behind.
type zstdWriter struct {
	w        io.Writer
	level    zstd.EncoderLevel
	encoders chan *zstd.Encoder // as many as work at the same time; nil for one that has yet to be made
	next     *zstdFrameJob
	queue    []*zstdFrameJob // in the order of the stream
	free     []*zstdFrameJob
	err      error
}

// A zstdFrameJob is a frame on its way.
type zstdFrameJob struct {
	plain  []byte
	packed bytes.Buffer
	done   chan error
}

func compressZstd(w io.Writer, level int) (io.WriteCloser, error) {
	if level == 0 {
		level = 3
	}
	if level < 1 || level > 22 {
		return nil, fmt.Errorf("archive: zstd has no compression level %d (1 to 22)", level)
	}
	z := &zstdWriter{w: w, level: zstd.EncoderLevelFromZstd(level)}
	// Memory is some 40 MiB for each.
	z.encoders = make(chan *zstd.Encoder, min(runtime.GOMAXPROCS(0), 4))
	for range cap(z.encoders) {
		z.encoders <- nil
	}
	return z, nil
}

func (z *zstdWriter) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 && z.err == nil {
		if z.next == nil {
			z.next = z.newJob()
		}
		n := min(zstdFrame-len(z.next.plain), len(p))
		z.next.plain = append(z.next.plain, p[:n]...)
		p, written = p[n:], written+n
		if len(z.next.plain) == zstdFrame {
			z.begin()
		}
	}
	return written, z.err
}

// Close waits until all is compressed and written.
func (z *zstdWriter) Close() error {
	if z.next != nil {
		z.begin()
	}
	for len(z.queue) > 0 && z.err == nil {
		z.finish()
	}
	return z.err
}

func (z *zstdWriter) newJob() *zstdFrameJob {
	if n := len(z.free); n > 0 {
		j := z.free[n-1]
		z.free = z.free[:n-1]
		return j
	}
	return &zstdFrameJob{done: make(chan error, 1)}
}

// begin has the next frame compressed, after it has written the first one if that many wait already.
func (z *zstdWriter) begin() {
	if len(z.queue) > cap(z.encoders) {
		z.finish()
	}
	j := z.next
	z.queue, z.next = append(z.queue, j), nil
	go func() {
		e := <-z.encoders
		e, err := j.compress(e, z.level)
		z.encoders <- e
		j.done <- err
	}()
}

// finish waits for the first frame and writes it.
func (z *zstdWriter) finish() {
	j := z.queue[0]
	z.queue = z.queue[1:]
	err := <-j.done
	if err == nil {
		_, err = z.w.Write(j.packed.Bytes())
	}
	if z.err == nil {
		z.err = err
	}
	j.plain = j.plain[:0]
	j.packed.Reset()
	z.free = append(z.free, j)
}

// compress makes the frame, with the encoder e or, if that is nil, with a new one, and returns the encoder. It compresses as a
// stream, whose blocks are the same whatever the size of the writes; what is known of the size beforehand would show.
func (j *zstdFrameJob) compress(e *zstd.Encoder, level zstd.EncoderLevel) (*zstd.Encoder, error) {
	if e == nil {
		var err error
		e, err = zstd.NewWriter(nil,
			zstd.WithEncoderLevel(level),
			zstd.WithWindowSize(zstdWindow),
			zstd.WithEncoderConcurrency(1),
			zstd.WithEncoderCRC(true))
		if err != nil {
			return nil, err
		}
	}
	e.Reset(&j.packed)
	if _, err := e.Write(j.plain); err != nil {
		return e, err
	}
	return e, e.Close()
}

func decompressZstd(r io.Reader) (io.ReadCloser, error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow))
	if err != nil {
		return nil, err
	}
	return z.IOReadCloser(), nil
}
