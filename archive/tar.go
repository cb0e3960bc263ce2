package archive

import (
	"archive/tar"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/feign-build/feign/lies/manifest"
)

// schilyXattr begins the PAX keywords of extended attributes; GNU tar, bsdtar, Docker and star agree on it.
const schilyXattr = "SCHILY.xattr."

// hdrcharset is the PAX keyword that says how names are encoded, BINARY the value for names that are no text (pax(1),
// "pax Extended Header"). GNU tar 1.34 warns that it does not know it and takes the bytes as they are; bsdtar takes them
// only with it.
const hdrcharset = "hdrcharset"

// Linux has attribute names with '=', where a PAX keyword ends: GNU tar's xattr_encode_keyword (src/xheader.c).
var (
	xattrKeyword = strings.NewReplacer("%", "%25", "=", "%3D")
	xattrName    = strings.NewReplacer("%25", "%", "%3D", "=")
)

var tarTypes = map[manifest.Type]byte{
	manifest.TypeFile:  tar.TypeReg,
	manifest.TypeDir:   tar.TypeDir,
	manifest.TypeLink:  tar.TypeSymlink,
	manifest.TypeChar:  tar.TypeChar,
	manifest.TypeBlock: tar.TypeBlock,
	manifest.TypeFifo:  tar.TypeFifo,
}

type tarEncoder struct {
	w    *tarWriter
	lost func(Loss)
}

func newTarEncoder(w io.Writer, lost func(Loss)) encoder {
	return &tarEncoder{newTarWriter(w, min(math.MaxInt, math.MaxUint32)), lost}
}

func (t *tarEncoder) add(it *item, data func(io.Writer) error) error {
	if it.Type == manifest.TypeSocket {
		t.lost(Loss{Path: it.Path, What: "socket", Why: "tar has none"})
		return nil
	}
	h := tarHeader(it)
	if err := t.w.writeHeader(h, it.UID, it.GID); err != nil {
		return fmt.Errorf("tar header: %w", err)
	}
	if h.Typeflag != tar.TypeReg {
		return nil
	}
	return data(t.w)
}

func (t *tarEncoder) close() error { return t.w.Close() }

// tarHeader makes the header of anything but a socket, without the ids. Format PAX lets archive/tar write plain ustar where that says it all.
func tarHeader(it *item) *tar.Header {
	h := &tar.Header{
		Format:   tar.FormatPAX,
		Typeflag: tarTypes[it.Type],
		Name:     tarName(it.Entry),
		Mode:     int64(it.Mode),
		Uname:    it.Uname,
		Gname:    it.Gname,
		ModTime:  it.time,
	}
	var pax map[string]string
	record := func(key, value string) {
		if pax == nil {
			pax = map[string]string{}
		}
		pax[key] = value
	}
	switch {
	case !it.isFirst():
		h.Typeflag, h.Linkname = tar.TypeLink, it.links.first
	case it.Type == manifest.TypeFile:
		h.Size = it.Size
	case it.Type == manifest.TypeLink:
		h.Linkname = it.Link
	case it.Type.IsDevice():
		h.Devmajor, h.Devminor = int64(it.Major), int64(it.Minor)
	}
	if it.isFirst() { // the inode has its attributes then
		for _, x := range it.Xattrs {
			record(schilyXattr+xattrKeyword.Replace(x.Name), string(x.Value))
			if text := aclText(x.Value); aclKeywords[x.Name] != "" && text != "" {
				record(aclKeywords[x.Name], text)
			}
		}
	}
	if !utf8.ValidString(h.Name) || !utf8.ValidString(h.Linkname) || !utf8.ValidString(h.Uname) || !utf8.ValidString(h.Gname) {
		record(hdrcharset, "BINARY")
	}
	h.PAXRecords = pax
	return h
}

// tarName is what an entry is called: see the package document.
func tarName(e *manifest.Entry) string {
	if e.Type == manifest.TypeDir {
		return e.Path + "/"
	}
	return e.Path
}

type tarDecoder struct{ r *tar.Reader }

func newTarDecoder(r io.Reader) decoder { return &tarDecoder{tar.NewReader(r)} }

func (t *tarDecoder) next() (*stored, io.Reader, error) {
	h, err := t.r.Next()
	if err != nil {
		return nil, nil, err
	}
	// An id that is larger than an int comes as the negative one with the same 32 bits.
	s := &stored{Entry: manifest.Entry{
		Path: strings.TrimSuffix(h.Name, "/"), Mode: uint32(h.Mode), UID: uint32(h.Uid), GID: uint32(h.Gid),
		Uname: h.Uname, Gname: h.Gname, Time: h.ModTime,
	}}
	switch h.Typeflag {
	case tar.TypeLink:
		s.linkTo = h.Linkname
	case tar.TypeSymlink:
		s.Link = h.Linkname
	case tar.TypeChar, tar.TypeBlock:
		s.Major, s.Minor = uint32(h.Devmajor), uint32(h.Devminor)
	case tar.TypeReg:
		s.Size = h.Size
	}
	for typ, flag := range tarTypes {
		if flag == h.Typeflag {
			s.Type = typ
		}
	}
	for k, v := range h.PAXRecords {
		if name, ok := strings.CutPrefix(k, schilyXattr); ok {
			s.Xattrs = append(s.Xattrs, manifest.Xattr{Name: xattrName.Replace(name), Value: []byte(v)})
		}
	}
	s.sortXattrs()
	if h.Typeflag != tar.TypeReg {
		return s, nil, nil
	}
	return s, t.r, nil
}

func (t *tarDecoder) carried(it *item) *stored {
	if it.Type == manifest.TypeSocket {
		return nil
	}
	s := newStored(it)
	if !it.isFirst() {
		// A link says which inode it is by name, and repeats its owner, mode and time.
		s.linkTo, s.Type, s.Size, s.Link, s.Major, s.Minor, s.Xattrs = it.links.first, 0, 0, "", 0, 0, nil
	}
	return s
}
