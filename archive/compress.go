package archive

import (
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// A compression is one of the ways in which an archive may be compressed. compress does not close the writer that it gets.
type compression struct {
	suffix     string
	compress   func(w io.Writer, level int) (io.WriteCloser, error)
	decompress func(r io.Reader) (io.ReadCloser, error)
}

var compressions = []compression{
	{"", compressNot, func(r io.Reader) (io.ReadCloser, error) { return io.NopCloser(r), nil }},
	{".gz", compressGzip, func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }},
	{".zst", compressZstd, decompressZstd},
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func compressNot(w io.Writer, level int) (io.WriteCloser, error) {
	if level != 0 {
		return nil, fmt.Errorf("archive: a compression level (%d) for a format without compression", level)
	}
	return nopCloser{w}, nil
}

// compressGzip writes a gzip header without name and time (as gzip -n), and without a statement about the machine.
func compressGzip(w io.Writer, level int) (io.WriteCloser, error) {
	if level == 0 {
		level = 6
	}
	if level < 1 || level > 9 {
		return nil, fmt.Errorf("archive: gzip has no compression level %d (1 to 9)", level)
	}
	z, err := gzip.NewWriterLevel(w, level)
	if err != nil {
		return nil, err
	}
	z.OS = 255 // RFC 1952: unknown
	return z, nil
}

// zstdWindow is part of the bytes: 8 MiB is what every decoder takes without being asked (RFC 8878, 3.1.1.1.2).
const zstdWindow = 8 << 20

// compressZstd compresses as a stream. The blocks are the same whatever the concurrency and the size of the writes, which a
// test shows; two lets a block be compressed while the next one is read.
func compressZstd(w io.Writer, level int) (io.WriteCloser, error) {
	if level == 0 {
		level = 3
	}
	if level < 1 || level > 22 {
		return nil, fmt.Errorf("archive: zstd has no compression level %d (1 to 22)", level)
	}
	return zstd.NewWriter(w,
		zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(level)),
		zstd.WithWindowSize(zstdWindow),
		zstd.WithEncoderConcurrency(2),
		zstd.WithEncoderCRC(true))
}

func decompressZstd(r io.Reader) (io.ReadCloser, error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow))
	if err != nil {
		return nil, err
	}
	return z.IOReadCloser(), nil
}
