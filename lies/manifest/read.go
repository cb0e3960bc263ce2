package manifest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"
)

// Limits bound what a reader spends on a manifest that may be hostile. A zero field means the default.
type Limits struct {
	Entries int   // number of entries, default 16 Mi
	Text    int64 // length of the uncompressed text in bytes, default 16 GiB
	Window  int64 // memory that zstd may ask for in bytes, default 32 MiB (zstd -19 asks for 8)
}

const (
	defaultEntries = 16 << 20
	defaultText    = 16 << 30
	defaultWindow  = 32 << 20
)

// A SyntaxError says where a text is not a canonical manifest. Lines count from 1, in the uncompressed text.
type SyntaxError struct {
	Line int
	Err  error
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("manifest: line %d: %v", e.Line, e.Err) }

// Unwrap returns what is wrong in the line.
func (e *SyntaxError) Unwrap() error { return e.Err }

// Read reads a manifest, plain or compressed with zstd, within the default limits. It accepts canonical text only: what
// it accepts, WriteTo writes again byte for byte. It reads r to its end.
func Read(r io.Reader) (*Manifest, error) { return ReadLimited(r, Limits{}) }

// ReadFile reads the manifest in a file. Errors name the file.
func ReadFile(path string) (*Manifest, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("manifest: %w", err)
	}
	defer f.Close()
	m, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

var zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd} // RFC 8878, 3.1.1

// ReadLimited is Read within other limits.
func ReadLimited(r io.Reader, limits Limits) (*Manifest, error) {
	if limits.Entries == 0 {
		limits.Entries = defaultEntries
	}
	if limits.Text == 0 {
		limits.Text = defaultText
	}
	if limits.Window == 0 {
		limits.Window = defaultWindow
	}
	br := bufio.NewReaderSize(r, MaxLine)
	if head, _ := br.Peek(len(zstdMagic)); bytes.Equal(head, zstdMagic) {
		dec, err := zstd.NewReader(br, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(uint64(limits.Window)))
		if err != nil {
			return nil, fmt.Errorf("manifest: %w", err)
		}
		defer dec.Close()
		br = bufio.NewReaderSize(dec, MaxLine)
	}
	p := parser{lines: lineReader{r: br, limit: limits.Text}, maxEntries: limits.Entries}
	if err := p.parse(); err != nil {
		return nil, err
	}
	return &p.m, nil
}

// lineReader splits a text into lines and counts them.
type lineReader struct {
	r     *bufio.Reader
	limit int64 // bytes that may still be read
	n     int   // number of the last line
}

// next returns the next line without its newline, valid until the next call; io.EOF after the last one.
func (l *lineReader) next() ([]byte, error) {
	line, err := l.r.ReadSlice('\n')
	if err == io.EOF && len(line) == 0 {
		return nil, io.EOF
	}
	l.n++
	l.limit -= int64(len(line))
	switch {
	case err == io.EOF:
		return nil, l.fail(errors.New("the text ends within a line (truncated?)"))
	case errors.Is(err, bufio.ErrBufferFull), len(line) > MaxLine: // bufio keeps a larger buffer that r may have brought
		return nil, l.fail(fmt.Errorf("longer than %d bytes", MaxLine))
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, l.fail(errors.New("the compressed data end too early (truncated)"))
	case err != nil:
		return nil, l.fail(err)
	case l.limit < 0:
		return nil, l.fail(errors.New("the text is longer than the reader's limit"))
	}
	return line[:len(line)-1], nil
}

// fail wraps an error with the number of the last line.
func (l *lineReader) fail(err error) error { return &SyntaxError{Line: l.n, Err: err} }
