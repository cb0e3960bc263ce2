package archive

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// A container is a kind of archive. Each has a file of this package, and a line in containers.
type container struct {
	name       string
	newEncoder func(w io.Writer, lost func(Loss)) encoder
	newDecoder func(r io.Reader) decoder
	// stores says for which files the encoder asks for the content.
	stores func(it *item) bool
}

// containers are the kinds of archive that feign writes.
var containers = []container{
	{"tar", newTarEncoder, newTarDecoder, (*item).isFirst},
	{"cpio", newCpioEncoder, newCpioDecoder, (*item).isLast},
}

// An encoder writes entries in the order of the manifest.
type encoder interface {
	// add writes one entry. data writes exactly it.Size bytes, the verified content of the file, or fails; add calls it
	// only where the format stores the content, and passes its error on.
	add(it *item, data func(io.Writer) error) error
	// close writes what ends the archive. It does not close the writer below.
	close() error
}

// A decoder reads back what an encoder wrote. It is strict rather than tolerant: its only use is to compare.
type decoder interface {
	// next returns the next entry as this archive keeps it, and its content (nil if it has none), valid until the call
	// after; io.EOF at the end.
	next() (*stored, io.Reader, error)
	// carried returns what the archive keeps of it; nil if it is left out.
	carried(it *item) *stored
}

// format is a container with a compression.
type format struct {
	container
	compression
}

func (f format) name() string { return f.container.name + f.compression.suffix }

// shortSuffixes are the customary abbreviations in file names.
var shortSuffixes = map[string]string{".tgz": "tar.gz", ".tzst": "tar.zst"}

// Formats returns the names of the formats, which are also the suffixes of file names: "tar", "tar.gz", ...
func Formats() []string {
	var names []string
	for _, c := range containers {
		for _, z := range compressions {
			names = append(names, format{c, z}.name())
		}
	}
	return append(names, ociDir, ociTar)
}

// FormatOf returns the format that a file's name asks for by its suffix (".tar.zst", ".tgz").
func FormatOf(filename string) (string, error) {
	base := filepath.Base(filename)
	best := ""
	for _, name := range Formats() {
		// The longest suffix is the right one, should one ever end in another.
		if strings.HasSuffix(base, "."+name) && len(name) > len(best) {
			best = name
		}
	}
	for suffix, name := range shortSuffixes {
		if best == "" && strings.HasSuffix(base, suffix) {
			best = name
		}
	}
	if best == "" {
		return "", fmt.Errorf("archive: no format is known by the name of %s (name it, or use one of .%s)",
			quote(filename), strings.Join(Formats(), " ."))
	}
	return best, nil
}

// lookup finds a format by its name.
func lookup(name string) (format, error) {
	for _, c := range containers {
		for _, z := range compressions {
			if f := (format{c, z}); f.name() == name {
				return f, nil
			}
		}
	}
	return format{}, fmt.Errorf("archive: unknown format %q (known: %s)", name, strings.Join(Formats(), ", "))
}
