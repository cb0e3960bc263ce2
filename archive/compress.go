package archive

import (
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
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
	{".zst", compressZstd, decompressZstd}, // zstd.go
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
