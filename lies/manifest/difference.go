package manifest

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// Difference is one thing that is not as it should be.
type Difference struct {
	Path string // as in Entry; "" for the header of a manifest
	// Field is the keyword of the manifest that differs ("type", "mode", "uid", "sha256digest", "xattr.user.a", ...),
	// "links" for the path by which a group of hard links begins, or the key of a header field.
	Field string
	// Want and Found are the values as the manifest writes them, "" where there is none. A path that is missing has no
	// type found, one that is superfluous has none wanted.
	Want, Found string
}

// String returns the difference as one line for a person. Paths with unusual bytes are quoted.
func (d Difference) String() string {
	path := displayPath(d.Path)
	switch {
	case d.Path == "":
		path = "header"
	case d.Field == "type" && d.Found == "":
		return fmt.Sprintf("%s: missing (%s)", path, d.Want)
	case d.Field == "type" && d.Want == "":
		return fmt.Sprintf("%s: not in the manifest (%s)", path, d.Found)
	}
	return fmt.Sprintf("%s: %s: want %s, found %s", path, d.Field, orNone(d.Want), orNone(d.Found))
}

func orNone(value string) string {
	if value == "" {
		return "none"
	}
	return value
}

func displayPath(path string) string {
	if quoted := strconv.Quote(path); quoted[1:len(quoted)-1] != path || strings.ContainsAny(path, " :") {
		return quoted
	}
	return path
}

// MismatchError is a tree that is not the one that a manifest describes.
type MismatchError struct {
	Differences []Difference // at least one
}

// Error names the first difference and the number of the others.
func (e *MismatchError) Error() string {
	if n := len(e.Differences) - 1; n > 0 {
		return fmt.Sprintf("%v (and %d more differences)", e.Differences[0], n)
	}
	return e.Differences[0].String()
}

// Diff compares two manifests in everything that their texts say. Want is what a says, Found what b says. Groups of
// hard links are compared by the paths in them, not by their numbers.
func Diff(a, b *Manifest) []Difference {
	diffs := diffHeader(a.Header, b.Header)
	firstA, firstB := groupStarts(a.Entries), groupStarts(b.Entries)
	pairs(a.Entries, b.Entries, func(x, y *Entry) {
		switch {
		case y == nil:
			diffs = append(diffs, Difference{x.Path, "type", x.Type.String(), ""})
		case x == nil:
			diffs = append(diffs, Difference{y.Path, "type", "", y.Type.String()})
		default:
			diffs = diffEntry(diffs, x, y)
			diffs = addDifference(diffs, x.Path, "links", firstA[x.Group], firstB[y.Group])
		}
	})
	return diffs
}

func addDifference(diffs []Difference, path, field, want, found string) []Difference {
	if want == found {
		return diffs
	}
	return append(diffs, Difference{path, field, want, found})
}

// diffEntry compares everything but links.
func diffEntry(diffs []Difference, x, y *Entry) []Difference {
	add := func(field, want, found string) { diffs = addDifference(diffs, x.Path, field, want, found) }
	add("type", x.Type.String(), y.Type.String())
	add("mode", modeText(x.Mode), modeText(y.Mode))
	add("uid", number(x.UID), number(y.UID))
	add("gid", number(x.GID), number(y.GID))
	add("uname", x.Uname, y.Uname)
	add("gname", x.Gname, y.Gname)
	add("device", deviceText(x), deviceText(y))
	add("link", escaped(x.Link), escaped(y.Link))
	add("size", sizeText(x), sizeText(y))
	add("time", timeText(x), timeText(y))
	add("sha256digest", digestText(x), digestText(y))
	return diffXattrs(diffs, x.Path, x.Xattrs, y.Xattrs)
}

func diffXattrs(diffs []Difference, path string, a, b []Xattr) []Difference {
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Name < b[0].Name:
			diffs = append(diffs, Difference{path, xattrField(a[0]), xattrText(a[0]), ""})
			a = a[1:]
		case len(a) == 0 || b[0].Name < a[0].Name:
			diffs = append(diffs, Difference{path, xattrField(b[0]), "", xattrText(b[0])})
			b = b[1:]
		default:
			diffs = addDifference(diffs, path, xattrField(a[0]), xattrText(a[0]), xattrText(b[0]))
			a, b = a[1:], b[1:]
		}
	}
	return diffs
}

func diffHeader(a, b []Field) []Difference {
	var diffs []Difference
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Key < b[0].Key:
			diffs = append(diffs, Difference{"", a[0].Key, a[0].Value, ""})
			a = a[1:]
		case len(a) == 0 || b[0].Key < a[0].Key:
			diffs = append(diffs, Difference{"", b[0].Key, "", b[0].Value})
			b = b[1:]
		default:
			diffs = addDifference(diffs, "", a[0].Key, a[0].Value, b[0].Value)
			a, b = a[1:], b[1:]
		}
	}
	return diffs
}

// pairs calls f for every path in a or b, in order, with nil for the one that does not have it.
func pairs(a, b []Entry, f func(x, y *Entry)) {
	for len(a) > 0 || len(b) > 0 {
		order := 0
		switch {
		case len(a) == 0:
			order = 1
		case len(b) == 0:
			order = -1
		default:
			order = ComparePaths(a[0].Path, b[0].Path)
		}
		switch {
		case order < 0:
			f(&a[0], nil)
			a = a[1:]
		case order > 0:
			f(nil, &b[0])
			b = b[1:]
		default:
			f(&a[0], &b[0])
			a, b = a[1:], b[1:]
		}
	}
}

// groupStarts returns the first path of every group of hard links, for display; "" for group 0.
func groupStarts(entries []Entry) map[uint64]string {
	starts := map[uint64]string{}
	for i := range entries {
		if g := entries[i].Group; g != 0 {
			if _, ok := starts[g]; !ok {
				starts[g] = displayPath(entries[i].Path)
			}
		}
	}
	return starts
}

// The values of keywords, as in the text of a manifest.

func number(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

func modeText(mode uint32) string { return fmt.Sprintf("%04o", mode) }

func escaped(s string) string { return string(appendEscaped(nil, s)) }

func xattrField(x Xattr) string { return "xattr." + escaped(x.Name) }

// xattrText is not empty even if the value is: that the attribute is there is what counts.
func xattrText(x Xattr) string {
	if len(x.Value) == 0 {
		return `""`
	}
	return base64.StdEncoding.EncodeToString(x.Value)
}

func timeText(e *Entry) string { return string(appendTime(nil, e.Time.Unix(), e.Time.Nanosecond())) }

func deviceText(e *Entry) string {
	if !e.Type.IsDevice() {
		return ""
	}
	return fmt.Sprintf("native,%d,%d", e.Major, e.Minor)
}

func sizeText(e *Entry) string {
	if e.Type != TypeFile {
		return ""
	}
	return strconv.FormatInt(e.Size, 10)
}

func digestText(e *Entry) string {
	if !e.HasDigest {
		return ""
	}
	return fmt.Sprintf("%x", e.Digest)
}
