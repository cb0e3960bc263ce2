package archive

import (
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
	w       io.Writer
	encoder *zstd.Encoder // compresses up to procs frames at the same time
	procs   int
	next    *zstdFrameJob
	queue   []*zstdFrameJob // in the order of the stream
	free    []*zstdFrameJob
	err     error
}

// A zstdFrameJob is a frame on its way.
type zstdFrameJob struct {
	plain  []byte
	packed []byte
	done   chan struct{}
}

func compressZstd(w io.Writer, level int) (io.WriteCloser, error) {
	if level == 0 {
		level = 3
	}
	if level < 1 || level > 22 {
		return nil, fmt.Errorf("archive: zstd has no compression level %d (1 to 22)", level)
	}
	procs := min(runtime.GOMAXPROCS(0), 4) // memory is some 30 MiB for each
	e, err := zstd.NewWriter(nil,
		zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(level)),
		zstd.WithWindowSize(zstdWindow),
		zstd.WithEncoderConcurrency(procs),
		zstd.WithEncoderCRC(true))
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	return &zstdWriter{w: w, encoder: e, procs: procs}, nil
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
	// Pages that are never written take no memory; growing would write them several times.
	return &zstdFrameJob{
		plain:  make([]byte, 0, zstdFrame),
		packed: make([]byte, 0, zstdFrame+zstdFrame/64),
		done:   make(chan struct{}, 1),
	}
}

// begin has the next frame compressed, after it has written the first one if that many wait already.
func (z *zstdWriter) begin() {
	if len(z.queue) >= z.procs {
		z.finish()
	}
	j := z.next
	z.queue, z.next = append(z.queue, j), nil
	go func() {
		j.packed = z.encoder.EncodeAll(j.plain, j.packed[:0])
		j.done <- struct{}{}
	}()
}

// finish waits for the first frame and writes it.
func (z *zstdWriter) finish() {
	j := z.queue[0]
	z.queue = z.queue[1:]
	<-j.done
	if _, err := z.w.Write(j.packed); z.err == nil {
		z.err = err
	}
	j.plain = j.plain[:0]
	z.free = append(z.free, j)
}

func decompressZstd(r io.Reader) (io.ReadCloser, error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow))
	if err != nil {
		return nil, err
	}
	return z.IOReadCloser(), nil
}
