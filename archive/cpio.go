package archive

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/feign-build/feign/lies/manifest"
)

// The "new ASCII" format of SVR4 cpio, as in cpio(5) and the kernel's Documentation/driver-api/early-userspace/buffer-format.rst.
const (
	newcMagic   = "070701"
	newcHeader  = 110 // bytes: the magic and 13 fields of 8 hexadecimal digits
	newcTrailer = "TRAILER!!!"
	// newcBlock is what GNU cpio and bsdtar fill an archive up to; the kernel skips zeros between archives.
	newcBlock = 512
	// newcPathMax is the longest path and link target, with its NUL: the kernel skips what is longer (init/initramfs.c
	// do_header, PATH_MAX), so it must not be written.
	newcPathMax = 4096
)

type cpioEncoder struct {
	w    io.Writer
	n    int64 // bytes written
	lost func(Loss)
	buf  []byte
	// subsecond says that a fraction of a second has been reported; one report is enough for all.
	subsecond bool
}

func newCpioEncoder(w io.Writer, lost func(Loss)) encoder { return &cpioEncoder{w: w, lost: lost} }

// newcEntry holds the fields of a header in their order, but for name size and checksum. The device that the archive was
// made on is 0,0, as with cpio --reproducible.
type newcEntry struct {
	ino, mode, uid, gid, nlink, mtime, size, major, minor uint32
}

func (c *cpioEncoder) add(it *item, data func(io.Writer) error) error {
	c.report(it)
	h, err := newcFields(it)
	if err != nil {
		return err
	}
	if err := c.header(h, it.Path); err != nil {
		return err
	}
	switch {
	case it.Type == manifest.TypeLink:
		_, err = io.WriteString(c, it.Link)
	case it.Type == manifest.TypeFile && it.isLast():
		err = data(c)
	}
	if err != nil {
		return err
	}
	return c.pad(4)
}

// close ends the archive as GNU cpio does.
func (c *cpioEncoder) close() error {
	if err := c.header(newcEntry{nlink: 1}, newcTrailer); err != nil {
		return err
	}
	return c.pad(newcBlock)
}

// report tells what newc has no place for.
func (c *cpioEncoder) report(it *item) {
	if it.isFirst() {
		for _, x := range it.Xattrs {
			c.lost(Loss{Path: it.Path, What: "extended attribute " + quote(x.Name), Why: "cpio has none"})
		}
	} else if it.Type == manifest.TypeLink {
		c.lost(Loss{Path: it.Path, What: "hard link to " + quote(it.links.first), Why: "cpio has none between symbolic links"})
	}
	if it.time.Nanosecond() != 0 && !c.subsecond {
		c.subsecond = true
		c.lost(Loss{Path: it.Path, What: "fraction of a second", Why: "cpio has whole seconds (so for all later entries; --epoch gives whole ones)"})
	}
}

// newcFields makes an entry's header. Inodes are numbered by the place of their first path.
//
// Hard links: GNU cpio and the kernel's init/initramfs.c (maybe_link) take entries with one inode number and nlink of 2 or
// more for links, and the content from the last of them. Symbolic links are never linked there, so they get inodes of their own.
func newcFields(it *item) (newcEntry, error) {
	h := newcEntry{ino: uint32(it.index), mode: it.Type.Bits() | it.Mode, uid: it.UID, gid: it.GID, nlink: 1}
	if it.index > math.MaxUint32 {
		return h, errors.New("cpio has no room for this many inodes (use tar)")
	}
	if it.Path == newcTrailer {
		return h, fmt.Errorf("cpio ends at an entry with the name %s (rename it, or use tar)", newcTrailer)
	}
	if len(it.Path) >= newcPathMax || it.Type == manifest.TypeLink && len(it.Link) >= newcPathMax {
		return h, fmt.Errorf("cpio readers take paths below %d bytes only (use tar)", newcPathMax)
	}
	if it.links != nil && it.Type != manifest.TypeLink {
		h.ino, h.nlink = uint32(it.links.index), it.links.count
	}
	t := it.time.Unix()
	if t < 0 || t > math.MaxUint32 {
		return h, fmt.Errorf("cpio cannot hold the time %s (1970 to 2106; use tar, or --epoch)", it.time.Format("2006-01-02T15:04:05Z"))
	}
	h.mtime = uint32(t)
	switch {
	case it.Type == manifest.TypeDir:
		h.nlink = 2 // as gen_init_cpio; what the tree had counts subdirectories, which a manifest does not
	case it.Type == manifest.TypeFile && it.Size > math.MaxUint32:
		return h, fmt.Errorf("cpio cannot hold a file of %d bytes (less than 4 GiB; use tar)", it.Size)
	case it.Type == manifest.TypeFile && it.isLast():
		h.size = uint32(it.Size)
	case it.Type == manifest.TypeLink:
		h.size = uint32(len(it.Link))
	case it.Type.IsDevice():
		h.major, h.minor = it.Major, it.Minor
	}
	return h, nil
}

// header writes a header and the name, which ends in a NUL, and fills up to four bytes.
func (c *cpioEncoder) header(h newcEntry, name string) error {
	b := append(c.buf[:0], newcMagic...)
	for _, v := range [...]uint32{h.ino, h.mode, h.uid, h.gid, h.nlink, h.mtime, h.size,
		0, 0, h.major, h.minor, uint32(len(name)) + 1, 0} {
		for shift := 28; shift >= 0; shift -= 4 {
			b = append(b, "0123456789abcdef"[v>>shift&15])
		}
	}
	b = append(append(b, name...), 0)
	c.buf = b
	if _, err := c.Write(b); err != nil {
		return err
	}
	return c.pad(4)
}

// Write counts what goes out.
func (c *cpioEncoder) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

func (c *cpioEncoder) pad(to int64) error {
	var zeros [newcBlock]byte
	if rest := c.n % to; rest != 0 {
		_, err := c.Write(zeros[:to-rest])
		return err
	}
	return nil
}
