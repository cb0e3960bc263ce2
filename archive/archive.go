package archive

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/feign-build/feign/lies/manifest"
)

// bufferSize is that of the copies: large enough that a system call's cost does not count, small enough for a processor's cache.
const bufferSize = 128 << 10

// Options say how an archive is written. The zero value is usable with [WriteFile].
type Options struct {
	// Format is one of Formats. WriteFile finds it from the file's name if it is "".
	Format string
	// Epoch is the latest time that an entry may have: later ones are set to it, earlier ones are never raised, as with
	// tar --clamp-mtime. The zero Time clamps nothing.
	Epoch time.Time
	// Level is the compression level, in the compressor's own scale: 1 to 9 for gzip, 1 to 22 for zstd (of which several
	// are the same here). 0 is 6 for gzip, 3 for zstd. It has no meaning without compression.
	Level int
	// Follow reads the contents through symbolic links wherever they lead: a Bazel sandbox hands a tree over as links to
	// the real files. Every file must then have a digest in the manifest, so that nothing else can come in by a link.
	// Without it a link in the place of a file or directory is an error, and nothing outside the root is ever opened.
	Follow bool
	// Image is what an OCI image has besides files. Other formats have no place for it.
	Image Image
	// Check makes WriteFile read the archive back and compare it, entry by entry and with digests, before it gets its
	// name. Write cannot read back and refuses it; see [Check].
	Check bool
	// Lost is called for everything that the format cannot carry, in the order of the entries, from the goroutine that
	// called Write. It may be nil.
	Lost func(Loss)
	// Strict makes it an error, once all has been told to Lost, that there is something that the format cannot carry.
	Strict bool
	// Progress is called again and again, with the contents that are written so far, from the goroutine that called Write. It
	// may be nil. When an archive is checked afterwards it is not called.
	Progress func(Progress)

	spool  string    // directory for what has to wait in a file, "" is the system's
	diffID io.Writer // gets the archive as it is before its compression
}

// Progress is how far an archive is. Bytes are those of the files in it, before their compression.
type Progress struct {
	Files, AllFiles int
	Bytes, AllBytes int64
}

// Loss is something that the manifest says and the archive cannot.
type Loss = manifest.Loss

// Write writes the tree below the directory root, as m describes it, to w in the format o.Format, and does not close w.
// On an error w has got a part of an archive.
//
// It returns a *[ChangedError] if a file's content is not the one that m describes, and the context's error as soon as ctx
// is done. What the tree holds and m does not is not looked at: [manifest.Verify] compares them.
func Write(ctx context.Context, w io.Writer, m *manifest.Manifest, root string, o Options) error {
	if o.Check {
		return errors.New("archive: an archive can be checked by WriteFile only (or read it back and call Check)")
	}
	if !IsImage(o.Format) && !o.Image.IsZero() {
		return fmt.Errorf("archive: an image configuration for format %s (only %s and %s have a place for it)", o.Format, ociDir, ociTar)
	}
	switch o.Format {
	case ociDir:
		return fmt.Errorf("archive: an image in a directory can be written by WriteFile only (or use %s)", ociTar)
	case ociTar:
		buf := bufio.NewWriterSize(w, bufferSize)
		if err := writeImageTar(ctx, buf, m, root, o); err != nil {
			return err
		}
		if err := buf.Flush(); err != nil {
			return fmt.Errorf("archive: %w", err)
		}
		return nil
	}
	return write(ctx, w, m, root, o)
}

func write(ctx context.Context, w io.Writer, m *manifest.Manifest, root string, o Options) (err error) {
	f, err := lookup(o.Format)
	if err != nil {
		return err
	}
	items, err := plan(m, o.Epoch)
	if err != nil {
		return err
	}
	contents, err := newAhead(ctx, items, f.stores, root, o.Follow)
	if err != nil {
		return err
	}
	defer contents.stop()

	out := &output{w: w}
	defer func() {
		// The disk is full, not the entry wrong, whatever is being written then.
		if out.err != nil {
			err = fmt.Errorf("archive: %w", out.err)
		}
	}()
	buf := bufio.NewWriterSize(out, bufferSize)
	z, err := f.compress(buf, o.Level)
	if err != nil {
		return err
	}
	losses := 0
	lost := func(l Loss) {
		losses++
		if o.Lost != nil {
			o.Lost(l)
		}
	}
	var plain io.Writer = z
	if o.diffID != nil {
		plain = io.MultiWriter(z, o.diffID)
	}
	enc := f.newEncoder(plain, lost)
	p := newProgress(items, f.stores, o.Progress)
	for it := range items {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := enc.add(it, func(w io.Writer) error { return p.file(w, it.Entry, contents.copy) }); err != nil {
			return entryError(it.Path, err)
		}
	}
	if err := enc.close(); err != nil {
		return err
	}
	if o.Strict && losses > 0 {
		return fmt.Errorf("archive: %s cannot carry all of it: losses: %d (use another format, or leave out --strict)", o.Format, losses)
	}
	if err := z.Close(); err != nil {
		return err
	}
	return buf.Flush()
}

// output remembers the first error of the writer below, however it is wrapped on the way up.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if err != nil && o.err == nil {
		o.err = err
	}
	return n, err
}
