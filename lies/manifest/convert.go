package manifest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
)

// ConvertOptions say what Convert writes.
type ConvertOptions struct {
	// Format is one of ConvertFormats.
	Format string
	// Tree is the directory with the contents, as whoever reads the result is to call it. Formats that name files on
	// the disk say Tree/PATH; "" is the working directory. With a Tree, what the format takes from the disk is compared
	// with the manifest.
	Tree string
	// Strict makes every loss an error.
	Strict bool
	// Lost is called for everything that the format cannot carry, in the order of the entries. It may be nil.
	Lost func(Loss)
}

// LossError says that a format cannot carry all of a manifest, and that Strict was asked for.
type LossError struct {
	Format string
	Losses int // at least 1
}

func (e *LossError) Error() string {
	return fmt.Sprintf("manifest: %s cannot carry all of it: losses: %d (use another format, or leave out --strict)", e.Format, e.Losses)
}

// A target is a format that manifests are converted to. Each family has a file.
type target struct {
	name string
	// needTree says that the format is about the files of one tree on one machine.
	needTree bool
	convert  func(ctx context.Context, c *conversion) error
}

var targets = []target{
	{"mtree", false, plainText((*conversion).mtree)},
	{"gen_init_cpio", false, plainText((*conversion).genInitCpio)},
	{"mksquashfs", false, plainText((*conversion).mksquashfs)},
	{"mksquashfs-4.6", false, plainText((*conversion).mksquashfsXattrs)},
	{"gensquashfs", false, plainText((*conversion).gensquashfs)},
	{"genext2fs", false, plainText((*conversion).genext2fs)},
	{"makedevs", false, plainText((*conversion).makedevs)},
	{"rootlesscontainers", false, func(_ context.Context, c *conversion) error { return c.rootless() }},
	{"fakeroot", true, func(ctx context.Context, c *conversion) error { return c.fakeroot(ctx) }},
}

// plainText is the conversion of formats that have nothing to wait for and nothing that can fail.
func plainText(convert func(c *conversion)) func(context.Context, *conversion) error {
	return func(_ context.Context, c *conversion) error {
		convert(c)
		return nil
	}
}

// ConvertFormats returns the names of the formats that manifests can be converted to: those of the programs that read them.
func ConvertFormats() []string {
	var names []string
	for _, t := range targets {
		names = append(names, t.name)
	}
	return names
}

// Convert writes what m says in a format of another program. What the format cannot carry is told to o.Lost; with o.Strict
// it is a *[LossError], and nothing is written. The result depends on m, o.Format and o.Tree alone, and for fakeroot on the
// inodes of the tree.
func Convert(ctx context.Context, w io.Writer, m *Manifest, o ConvertOptions) error {
	out, err := convert(ctx, m, o)
	if err != nil {
		return err
	}
	if _, err := w.Write(out); err != nil {
		return fmt.Errorf("manifest: %w", err)
	}
	return nil
}

// ConvertFile is Convert into a file, which appears or is replaced when all of it is on the disk, as by [Manifest.WriteFile].
func ConvertFile(ctx context.Context, path string, m *Manifest, o ConvertOptions) error {
	out, err := convert(ctx, m, o)
	if err != nil {
		return err
	}
	return writeFile(path, func(w io.Writer) error {
		_, err := w.Write(out)
		return err
	})
}

func convert(ctx context.Context, m *Manifest, o ConvertOptions) ([]byte, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	for _, t := range targets {
		if t.name != o.Format {
			continue
		}
		if t.needTree && o.Tree == "" {
			return nil, fmt.Errorf("manifest: %s speaks of inodes, so it needs the tree (-C TREE)", t.name)
		}
		c := newConversion(m, o)
		if err := t.convert(ctx, c); err != nil {
			return nil, err
		}
		if o.Strict && c.losses > 0 {
			return nil, &LossError{t.name, c.losses}
		}
		return c.text.Bytes(), nil
	}
	return nil, fmt.Errorf("manifest: unknown format %q (known: %s)", o.Format, strings.Join(ConvertFormats(), ", "))
}

// A conversion is one text in the making.
type conversion struct {
	m      *Manifest
	o      ConvertOptions
	text   bytes.Buffer
	losses int
	told   map[string]bool // what has been told once for all entries
	groups [][]*Entry      // of hard links, by their numbers less one
}

func newConversion(m *Manifest, o ConvertOptions) *conversion {
	c := &conversion{m: m, o: o, told: map[string]bool{}}
	for i := range m.Entries {
		e := &m.Entries[i]
		if e.Group == 0 {
			continue
		}
		if int(e.Group) > len(c.groups) { // they are numbered in the order of their first entries
			c.groups = append(c.groups, nil)
		}
		c.groups[e.Group-1] = append(c.groups[e.Group-1], e)
	}
	return c
}

func (c *conversion) printf(format string, args ...any) { fmt.Fprintf(&c.text, format, args...) }

func (c *conversion) lose(path, what, why string) {
	c.losses++
	if c.o.Lost != nil {
		c.o.Lost(Loss{path, what, why})
	}
}

// loseOnce tells what concerns many entries in the same way at the first of them only.
func (c *conversion) loseOnce(path, what, why string) {
	if c.told[what] {
		c.losses++
		return
	}
	c.told[what] = true
	c.lose(path, what, why+" (so for all later entries)")
}

// loseEntry tells that the whole of an entry is left out.
func (c *conversion) loseEntry(e *Entry, why string) { c.lose(e.Path, typeNouns[e.Type], why) }

// typeNouns are the types in messages.
var typeNouns = [...]string{TypeFile: "file", TypeDir: "directory", TypeLink: "symbolic link", TypeChar: "character device",
	TypeBlock: "block device", TypeFifo: "FIFO", TypeSocket: "socket"}

// loseXattrs tells what becomes of attributes where there are none. Links of a group have the same.
func (c *conversion) loseXattrs(e *Entry, why string) {
	if c.first(e) != e {
		return
	}
	for _, x := range e.Xattrs {
		c.lose(e.Path, "extended attribute "+displayPath(x.Name), why)
	}
}

// loseFraction tells that only whole seconds are kept.
func (c *conversion) loseFraction(e *Entry, why string) {
	if e.Time.Nanosecond() != 0 {
		c.loseOnce(e.Path, "fraction of a second", why)
	}
}

// links returns the entries of e's group of hard links, in order; e alone if it has none.
func (c *conversion) links(e *Entry) []*Entry {
	if e.Group == 0 {
		return []*Entry{e}
	}
	return c.groups[e.Group-1]
}

// first returns the first entry of e's group of hard links, e itself if it has none.
func (c *conversion) first(e *Entry) *Entry { return c.links(e)[0] }

// lead returns the first of e's hard links whose name the format can say. e is one of them.
func (c *conversion) lead(e *Entry, sayable func(path string) bool) *Entry {
	for _, l := range c.links(e) {
		if sayable(l.Path) {
			return l
		}
	}
	return e
}

// oneTime returns the time in whole seconds that all entries have, if they have one.
func (c *conversion) oneTime() (int64, bool) {
	t := c.m.Entries[0].Time.Unix()
	for i := range c.m.Entries {
		if e := &c.m.Entries[i]; e.Time.Unix() != t || e.Time.Nanosecond() != 0 {
			return 0, false
		}
	}
	return t, t >= 0 && t <= math.MaxUint32
}

// onDisk is the name of an entry's file for whoever reads the result.
func (c *conversion) onDisk(e *Entry) string {
	if c.o.Tree == "" {
		return e.Path
	}
	return strings.TrimSuffix(c.o.Tree, "/") + "/" + e.Path
}

// loseTreeTime tells when the format takes a time from the file on the disk, and that is not the manifest's.
func (c *conversion) loseTreeTime(e *Entry) {
	if c.o.Tree == "" {
		c.loseOnce(e.Path, "time", "those of the tree count, which was not named to compare them")
		return
	}
	switch fi, err := os.Lstat(c.onDisk(e)); {
	case err != nil:
		c.lose(e.Path, "time", "that of the tree counts, and the file is not there")
	case fi.ModTime().Unix() != e.Time.Unix():
		c.lose(e.Path, "time", "that of the tree counts, and it is another")
	}
}
