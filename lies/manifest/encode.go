package manifest

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
)

// The first two lines of every manifest.
const (
	magicMtree = "#mtree v2.0"
	magicFeign = "#feign 1"
)

// MaxLine is the greatest length of a line in bytes, with its newline. bsdtar 3.6 gives up on longer ones. The paths and
// link targets that Linux allows at once (PATH_MAX) fit, also if every byte of them needs an escape.
const MaxLine = 65535

// xattrChunk is how many bytes of an xattr's value stand in one line; a longer value goes on in the next line. As
// base64 it leaves room within MaxLine for the longest name.
const xattrChunk = 45 * 1024

const xattrPrefix = "#@ xattr."

// appendHeader appends the lines before the first entry.
func (m *Manifest) appendHeader(dst []byte) []byte {
	dst = append(dst, magicMtree+"\n"+magicFeign+"\n"...)
	for _, f := range m.Header {
		dst = append(dst, "# "...)
		dst = append(dst, f.Key...)
		dst = append(dst, ": "...)
		dst = append(dst, f.Value...)
		dst = append(dst, '\n')
	}
	return dst
}

// appendEntry appends the line of a valid entry and the comment lines that belong to it.
func appendEntry(dst []byte, e *Entry) ([]byte, error) {
	start := len(dst)
	dst = appendLine(dst, e)
	if n := len(dst) - start; n > MaxLine {
		return dst, fmt.Errorf("path and link target need a line of %d bytes, at most %d are possible", n, MaxLine)
	}
	for _, x := range e.Xattrs {
		dst = appendXattr(dst, x)
	}
	return dst, nil
}

// appendLine appends the entry's own line, keywords in their one order.
func appendLine(dst []byte, e *Entry) []byte {
	return append(appendFields(dst, e, true), '\n')
}

// appendKeywords appends the keywords that every reader of mtree(5) knows: what appendLine says without contents and inode.
func appendKeywords(dst []byte, e *Entry) []byte { return appendFields(dst, e, false) }

// appendFields appends a line without its end: what every reader of mtree(5) knows or, with all, everything.
func appendFields(dst []byte, e *Entry, all bool) []byte {
	dst = appendPath(dst, e.Path)
	dst = append(dst, " type="...)
	dst = append(dst, e.Type.String()...)
	dst = append(dst, " mode="...)
	dst = append(dst, '0'+byte(e.Mode>>9&7), '0'+byte(e.Mode>>6&7), '0'+byte(e.Mode>>3&7), '0'+byte(e.Mode&7))
	dst = strconv.AppendUint(append(dst, " uid="...), uint64(e.UID), 10)
	dst = strconv.AppendUint(append(dst, " gid="...), uint64(e.GID), 10)
	if e.Uname != "" {
		dst = append(append(dst, " uname="...), e.Uname...)
	}
	if e.Gname != "" {
		dst = append(append(dst, " gname="...), e.Gname...)
	}
	if e.Type.IsDevice() {
		dst = strconv.AppendUint(append(dst, " device=native,"...), uint64(e.Major), 10)
		dst = strconv.AppendUint(append(dst, ','), uint64(e.Minor), 10)
	}
	if all && hasContents(e.Type) {
		dst = appendPath(append(dst, " contents="...), e.Path)
		dst = append(dst, "/."...)
	}
	if e.Type == TypeLink {
		dst = appendEscaped(append(dst, " link="...), e.Link)
	}
	if e.Type == TypeFile {
		dst = strconv.AppendInt(append(dst, " size="...), e.Size, 10)
	}
	dst = appendTime(append(dst, " time="...), e.Time.Unix(), e.Time.Nanosecond())
	if e.Group != 0 {
		dst = strconv.AppendUint(append(dst, " nlink="...), uint64(e.Nlink), 10)
		if all {
			dst = strconv.AppendUint(append(dst, " inode="...), e.Group, 10)
		}
	}
	if e.HasDigest {
		dst = hex.AppendEncode(append(dst, " sha256digest="...), e.Digest[:])
	}
	return dst
}

// appendPath appends a path the way that v2.0 wants full paths: with a slash in it. Without one, bsdtar takes the name
// for relative to the directory of the entry before.
func appendPath(dst []byte, path string) []byte {
	if path == "." {
		return append(dst, '.')
	}
	return appendEscaped(append(dst, "./"...), path)
}

// hasContents reports whether an entry of type t says contents=PATH/. in its line. A file that only a lie makes a
// device is an empty file on the disk, and bsdtar stops where the type on the disk is another one than that of
// the entry. It looks at the path that contents= names instead, if there is one; below something that is no
// directory there is never one, and then it takes the entry's word.
func hasContents(t Type) bool { return t.special() }

// appendTime appends seconds and nanoseconds; always nine digits, because libarchive reads the digits after the dot as a
// whole number of nanoseconds and others read them as a fraction.
func appendTime(dst []byte, sec int64, nsec int) []byte {
	dst = strconv.AppendInt(dst, sec, 10)
	dst = append(dst, '.')
	for unit := 100_000_000; unit > 0; unit /= 10 {
		dst = append(dst, '0'+byte(nsec/unit%10))
	}
	return dst
}

// appendXattr appends the comment lines of one xattr, one for each chunk of its value and at least one.
func appendXattr(dst []byte, x Xattr) []byte {
	for value := x.Value; ; {
		chunk := value[:min(len(value), xattrChunk)]
		dst = appendEscaped(append(dst, xattrPrefix...), x.Name)
		dst = base64.StdEncoding.AppendEncode(append(dst, '='), chunk)
		dst = append(dst, '\n')
		if value = value[len(chunk):]; len(value) == 0 {
			return dst
		}
	}
}
