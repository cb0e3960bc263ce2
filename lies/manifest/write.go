package manifest

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// WriteTo writes the canonical text, in pieces of some 16 KiB. An invalid manifest (see Validate) is an error, and nothing is written.
func (m *Manifest) WriteTo(w io.Writer) (int64, error) {
	if err := m.Validate(); err != nil {
		return 0, err
	}
	var total int64
	buf := m.appendHeader(make([]byte, 0, 32<<10))
	for i := range m.Entries {
		var err error
		if buf, err = appendEntry(buf, &m.Entries[i]); err != nil {
			return total, atPath(m.Entries[i].Path, err)
		}
		if len(buf) >= 16<<10 || i == len(m.Entries)-1 {
			n, err := w.Write(buf)
			total += int64(n)
			if err != nil {
				return total, fmt.Errorf("manifest: %w", err)
			}
			buf = buf[:0]
		}
	}
	return total, nil
}

// WriteZstd writes the canonical text compressed. The bytes depend on the version of the compressor, but neither on
// the machine nor on the number of its processors.
func (m *Manifest) WriteZstd(w io.Writer) error {
	enc, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(8<<20), zstd.WithEncoderCRC(true))
	if err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	if _, err := m.WriteTo(enc); err != nil {
		return errors.Join(err, enc.Close())
	}
	if err := enc.Close(); err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	return nil
}

// Digest returns "sha256:" and the hexadecimal sha256 of the canonical, uncompressed text.
func (m *Manifest) Digest() (string, error) {
	h := sha256.New()
	if _, err := m.WriteTo(h); err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), nil
}

// WriteFile writes the manifest to a file, compressed if the name ends in ".zst". Whoever opens path sees the old file
// or the whole new one: it is written beside, synced, and renamed; after an error nothing is left of it. What is there
// and is no regular file (a FIFO, /dev/stdout) is written to instead of replaced.
func (m *Manifest) WriteFile(path string) error {
	return writeFile(path, func(w io.Writer) error { return m.writeFor(path, w) })
}

// writeFile has write fill the file path as WriteFile says.
func writeFile(path string, write func(io.Writer) error) (err error) {
	if fi, err := os.Stat(path); err == nil && !fi.Mode().IsRegular() {
		return writeInPlace(path, write)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("manifest: write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			f.Close() // closed already unless a step before Close failed
			os.Remove(f.Name())
			err = fmt.Errorf("manifest: write %s: %w", path, err)
		}
	}()
	if err = write(f); err != nil {
		return err
	}
	// CreateTemp makes the file 0600, but a manifest is as public as an archive. The umask is not asked: it cannot be
	// read without changing it for all threads.
	if err = f.Chmod(0o644); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func writeInPlace(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return fmt.Errorf("manifest: write %s: %w", path, err)
	}
	return nil
}

// writeFor writes to w in the form that the name path asks for.
func (m *Manifest) writeFor(path string, w io.Writer) error {
	if strings.HasSuffix(path, ".zst") {
		buf := bufio.NewWriterSize(w, 64<<10)
		if err := m.WriteZstd(buf); err != nil {
			return err
		}
		return buf.Flush()
	}
	_, err := m.WriteTo(w)
	return err
}
