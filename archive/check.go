package archive

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/feign-build/feign/lies/manifest"
)

// stored is an entry as an archive keeps it: Time has what clamping and rounding left, and what the format lacks is zero.
type stored struct {
	manifest.Entry
	linkTo string // the path that this one is a hard link to; Type is zero then if the format does not repeat it
	ino    uint64 // the inode number, in formats that number inodes
}

// newStored returns all of an item, for a format to take away what it has not.
func newStored(it *item) *stored {
	s := &stored{Entry: *it.Entry}
	s.Time, s.Nlink, s.Group = it.time, 0, 0
	if it.Type != manifest.TypeFile {
		s.Size, s.HasDigest = 0, false
	}
	if it.Type != manifest.TypeLink {
		s.Link = ""
	}
	if !it.Type.IsDevice() {
		s.Major, s.Minor = 0, 0
	}
	return s
}

func (s *stored) sortXattrs() {
	slices.SortFunc(s.Xattrs, func(a, b manifest.Xattr) int { return strings.Compare(a.Name, b.Name) })
}

// Check reads an archive from r and compares it with m: that it has the entries of m that the format can carry, in m's
// order, each with what the format can carry of it, and contents of the right size and, where m has digests, of the right
// sha256; and nothing else. o.Format and o.Epoch must be those that it was written with; o.Lost is not called.
func Check(ctx context.Context, r io.Reader, m *manifest.Manifest, o Options) error {
	switch o.Format {
	case ociTar:
		return checkImageTar(ctx, r, m, o)
	case ociDir:
		return errors.New("archive: an image in a directory is no stream (use WriteFile, which checks it)")
	}
	f, err := lookup(o.Format)
	if err != nil {
		return err
	}
	items, err := plan(m, o.Epoch)
	if err != nil {
		return err
	}
	z, err := f.decompress(bufio.NewReaderSize(ctxReader{ctx, r}, bufferSize))
	if err != nil {
		return fmt.Errorf("archive: reading it back: %w", err)
	}
	defer z.Close()
	var plain io.Reader = z
	if o.diffID != nil {
		plain = io.TeeReader(z, o.diffID)
	}
	dec := f.newDecoder(plain)
	buf := make([]byte, bufferSize)
	for it := range items {
		want := dec.carried(it)
		if want == nil {
			continue
		}
		if err := checkNext(dec, want, buf); err != nil {
			return entryError(it.Path, fmt.Errorf("reading it back: %w", err))
		}
	}
	switch s, _, err := dec.next(); {
	case err == nil:
		return entryError(s.Path, errors.New("reading it back: the manifest has no such entry"))
	case err != io.EOF:
		return fmt.Errorf("archive: reading it back: %w", err)
	}
	// The checksum of the whole stands at the end of the compressed stream.
	if _, err := io.CopyBuffer(io.Discard, plain, buf); err != nil {
		return fmt.Errorf("archive: reading it back: %w", err)
	}
	return nil
}

// ctxReader fails as soon as its context is done.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// checkNext compares the archive's next entry with what it should be.
func checkNext(dec decoder, want *stored, buf []byte) error {
	got, body, err := dec.next()
	if err == io.EOF {
		return errors.New("the archive ends before this entry")
	}
	if err != nil {
		return err
	}
	if diff := got.differs(want); diff != "" {
		return fmt.Errorf("the archive has another %s", diff)
	}
	if body == nil {
		return nil
	}
	sum := sha256.New()
	n, err := io.CopyBuffer(sum, body, buf)
	switch {
	case err != nil:
		return err
	case n != want.Size:
		return fmt.Errorf("%d bytes in the archive, the manifest says %d", n, want.Size)
	case want.HasDigest && !bytes.Equal(sum.Sum(nil), want.Digest[:]):
		return fmt.Errorf("sha256 is %x in the archive, the manifest says %x", sum.Sum(nil), want.Digest)
	}
	return nil
}

// differs names the first thing in which two entries differ, "" if none; the content is compared elsewhere.
func (s *stored) differs(t *stored) string {
	switch {
	case s.Path != t.Path:
		return fmt.Sprintf("path (%s)", quote(s.Path))
	case s.Type != t.Type:
		return fmt.Sprintf("type (%s)", s.Type)
	case s.Mode != t.Mode:
		return fmt.Sprintf("mode (%#o)", s.Mode)
	case s.UID != t.UID || s.GID != t.GID:
		return fmt.Sprintf("owner (%d:%d)", s.UID, s.GID)
	case s.Uname != t.Uname || s.Gname != t.Gname:
		return fmt.Sprintf("owner's name (%q:%q)", s.Uname, s.Gname)
	case s.Major != t.Major || s.Minor != t.Minor:
		return fmt.Sprintf("device (%d,%d)", s.Major, s.Minor)
	case s.Link != t.Link:
		return fmt.Sprintf("link target (%s)", quote(s.Link))
	case s.Size != t.Size:
		return fmt.Sprintf("size (%d)", s.Size)
	case !s.Time.Equal(t.Time):
		return fmt.Sprintf("time (%s)", s.Time.UTC().Format("2006-01-02T15:04:05.999999999Z"))
	case s.Nlink != t.Nlink:
		return fmt.Sprintf("number of links (%d)", s.Nlink)
	case s.linkTo != t.linkTo:
		return fmt.Sprintf("hard link (to %q)", s.linkTo)
	case s.ino != t.ino:
		return fmt.Sprintf("inode number (%d)", s.ino)
	case !slices.EqualFunc(s.Xattrs, t.Xattrs, func(a, b manifest.Xattr) bool {
		return a.Name == b.Name && bytes.Equal(a.Value, b.Value)
	}):
		return "set of extended attributes"
	}
	return ""
}
