package archive

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/feign-build/feign/lies/manifest"
)

type cpioDecoder struct {
	r    io.Reader
	n    int64            // bytes read
	body io.LimitedReader // of the entry returned last
}

func newCpioDecoder(r io.Reader) decoder { return &cpioDecoder{r: r} }

func (c *cpioDecoder) next() (*stored, io.Reader, error) {
	if _, err := io.Copy(io.Discard, &c.body); err != nil {
		return nil, nil, err
	}
	if c.body.N > 0 {
		return nil, nil, io.ErrUnexpectedEOF
	}
	if err := c.skip(4); err != nil {
		return nil, nil, err
	}
	h, name, err := c.header()
	if err != nil {
		return nil, nil, err
	}
	if name == newcTrailer {
		if err := c.skip(newcBlock); err != nil {
			return nil, nil, err
		}
		if n, err := c.r.Read(make([]byte, 1)); n > 0 || err != io.EOF {
			return nil, nil, errors.New("cpio: there is something behind the end")
		}
		return nil, nil, io.EOF
	}
	typ, ok := manifest.TypeOfBits(h.mode)
	if !ok || h.mode>>16 != 0 {
		return nil, nil, fmt.Errorf("cpio: mode %#o", h.mode)
	}
	s := &stored{ino: uint64(h.ino), Entry: manifest.Entry{Path: name, Type: typ, Mode: h.mode & 0o7777, UID: h.uid, GID: h.gid,
		Nlink: h.nlink, Major: h.major, Minor: h.minor, Time: time.Unix(int64(h.mtime), 0).UTC()}}
	switch typ {
	case manifest.TypeFile:
		s.Size = int64(h.size)
		c.body = io.LimitedReader{R: c, N: s.Size}
		return s, &c.body, nil
	case manifest.TypeLink:
		b, err := c.take(h.size)
		s.Link = string(b)
		return s, nil, err
	}
	if h.size != 0 {
		return nil, nil, fmt.Errorf("cpio: a %s with %d bytes of content", typ, h.size)
	}
	return s, nil, nil
}

// header reads a header and the name.
func (c *cpioDecoder) header() (newcEntry, string, error) {
	raw, err := c.take(newcHeader)
	if err != nil {
		return newcEntry{}, "", err
	}
	if !bytes.HasPrefix(raw, []byte(newcMagic)) {
		return newcEntry{}, "", fmt.Errorf("cpio: a header begins with %q", raw[:len(newcMagic)])
	}
	var f [13]uint32
	for i := range f {
		var b [4]byte
		if _, err := hex.Decode(b[:], raw[6+8*i:14+8*i]); err != nil {
			return newcEntry{}, "", fmt.Errorf("cpio: header: %w", err)
		}
		f[i] = uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	}
	name, err := c.take(f[11])
	if err != nil {
		return newcEntry{}, "", err
	}
	if len(name) == 0 || bytes.IndexByte(name, 0) != len(name)-1 {
		return newcEntry{}, "", fmt.Errorf("cpio: a name is not ended by a NUL: %q", name)
	}
	if f[7] != 0 || f[8] != 0 || f[12] != 0 {
		return newcEntry{}, "", errors.New("cpio: device of the archive or checksum is not 0")
	}
	h := newcEntry{ino: f[0], mode: f[1], uid: f[2], gid: f[3], nlink: f[4], mtime: f[5], size: f[6], major: f[9], minor: f[10]}
	return h, string(name[:len(name)-1]), c.skip(4)
}

// take reads n bytes.
func (c *cpioDecoder) take(n uint32) ([]byte, error) {
	if n > newcPathMax {
		return nil, fmt.Errorf("cpio: a path of %d bytes", n)
	}
	b := make([]byte, n)
	_, err := io.ReadFull(c, b)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}

// skip reads the zeros that fill up to a multiple of to.
func (c *cpioDecoder) skip(to int64) error {
	rest := c.n % to
	if rest == 0 {
		return nil
	}
	b, err := c.take(uint32(to - rest))
	if err == nil && len(bytes.TrimLeft(b, "\x00")) > 0 {
		err = errors.New("cpio: padding is not 0")
	}
	return err
}

func (c *cpioDecoder) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *cpioDecoder) carried(it *item) *stored {
	s := newStored(it)
	s.Uname, s.Gname, s.Xattrs, s.Time = "", "", nil, it.time.Truncate(time.Second)
	s.ino, s.Nlink = it.index, 1
	if it.links != nil && it.Type != manifest.TypeLink {
		s.ino, s.Nlink = it.links.index, it.links.count
	}
	if it.Type == manifest.TypeDir {
		s.Nlink = 2
	}
	if !it.isLast() {
		s.Size, s.HasDigest = 0, false
	}
	return s
}
