package archive

import (
	"archive/tar"
	"io"

	"github.com/feign-build/feign/lies/manifest"
)

// tarBlockSize is the unit of a tar archive (pax(1), "ustar Interchange Format").
const tarBlockSize = 512

// A tarBlock is a header block of an entry for which ustar's fields are enough. Most are, and archive/tar takes more time
// for the header of a small file than the kernel takes to read it; it makes all others. The bytes are the same.
type tarBlock [tarBlockSize]byte

// The largest numbers that the fields hold: octal digits and a NUL.
const (
	maxOctal7  = 1<<21 - 1
	maxOctal11 = 1<<33 - 1
)

// set makes the block the header of an item. It reports false, and leaves it undefined, for one that is not that plain.
func (b *tarBlock) set(it *item) bool {
	*b = tarBlock{}
	link, size := it.Link, int64(0)
	switch {
	case !it.isFirst():
		b[156], link = tar.TypeLink, it.links.first
	case len(it.Xattrs) > 0:
		return false
	case it.Type == manifest.TypeFile, it.Type == manifest.TypeDir, it.Type == manifest.TypeLink:
		b[156] = tarTypes[it.Type]
	default:
		return false
	}
	if b[156] == tar.TypeReg {
		size = it.Size
	}
	seconds := it.time.Unix()
	if it.time.Nanosecond() != 0 || uint64(seconds) > maxOctal11 || size > maxOctal11 || max(it.UID, it.GID) > maxOctal7 {
		return false
	}
	name := len(it.Path)
	if it.Type == manifest.TypeDir {
		name++ // for the slash
	}
	if name > 100 || !b.text(0, 100, it.Path) || !b.text(157, 100, link) || !b.text(265, 32, it.Uname) || !b.text(297, 32, it.Gname) {
		return false
	}
	if it.Type == manifest.TypeDir {
		b[name-1] = '/'
	}
	b.octal(100, 8, uint64(it.Mode))
	b.octal(108, 8, uint64(it.UID))
	b.octal(116, 8, uint64(it.GID))
	b.octal(124, 12, uint64(size))
	b.octal(136, 12, uint64(seconds))
	copy(b[257:], "ustar\x0000")
	b.octal(329, 8, 0) // of a device
	b.octal(337, 8, 0)
	// The sum is taken with blanks in its place, and ends in a NUL and a blank.
	copy(b[148:], "        ")
	sum := uint64(0)
	for _, c := range b[:345] {
		sum += uint64(c)
	}
	b.octal(148, 7, sum)
	return true
}

// text sets a field, if s is ASCII and fits.
func (b *tarBlock) text(at, size int, s string) bool {
	if len(s) > size {
		return false
	}
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
		b[at+i] = s[i]
	}
	return true
}

// octal sets a field to the digits of a number that fits, and a NUL.
func (b *tarBlock) octal(at, size int, n uint64) {
	b[at+size-1] = 0
	for i := at + size - 2; i >= at; i-- {
		b[i] = '0' + byte(n&7)
		n >>= 3
	}
}

// addPlain is add for an item whose header is t.block.
func (t *tarEncoder) addPlain(it *item, data func(io.Writer) error) error {
	// What fills up the content before, if archive/tar has written that.
	if err := t.w.Flush(); err != nil {
		return err
	}
	w := t.w.out.w
	if _, err := w.Write(t.block[:]); err != nil || t.block[156] != tar.TypeReg {
		return err
	}
	if err := data(w); err != nil {
		return err
	}
	_, err := w.Write(noBytes[:-it.Size&(tarBlockSize-1)])
	return err
}

// noBytes fill up a content to whole blocks.
var noBytes [tarBlockSize]byte
