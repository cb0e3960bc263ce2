package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// narHash is what Nix calls the hash of a path: the sha256 of its archive (NAR: "The Purely Functional Software Deployment
// Model", figure 5.2), in the notation of W3C's subresource integrity.
func narHash(path string) (string, error) {
	h := sha256.New()
	n := &nar{w: h}
	n.strings("nix-archive-1")
	n.node(path)
	return "sha256-" + base64.StdEncoding.EncodeToString(h.Sum(nil)), n.err
}

// nar writes an archive. After an error it writes nothing more.
type nar struct {
	w   io.Writer
	err error
}

// node writes a file, link or directory; what is executable counts, other modes, owners and times do not.
func (n *nar) node(path string) {
	info, err := os.Lstat(path)
	if err != nil {
		n.fail(err)
		return
	}
	n.strings("(", "type")
	switch mode := info.Mode(); {
	case mode.IsRegular():
		n.strings("regular")
		if mode&0o100 != 0 {
			n.strings("executable", "")
		}
		n.strings("contents")
		n.file(path, info.Size())
	case mode.IsDir():
		n.strings("directory")
		entries, err := os.ReadDir(path) // sorted by name
		n.fail(err)
		for _, e := range entries {
			n.strings("entry", "(", "name", e.Name(), "node")
			n.node(filepath.Join(path, e.Name()))
			n.strings(")")
		}
	case mode&os.ModeSymlink != 0:
		target, err := os.Readlink(path)
		n.fail(err)
		n.strings("symlink", "target", target)
	default:
		n.fail(fmt.Errorf("%s: Nix has no files of type %v", path, mode.Type()))
	}
	n.strings(")")
}

// file writes the contents of a file as a string.
func (n *nar) file(path string, size int64) {
	f, err := os.Open(path)
	if err != nil {
		n.fail(err)
		return
	}
	defer f.Close()
	n.length(size)
	if n.err == nil {
		_, err = io.CopyN(n.w, f, size)
		n.fail(err)
	}
	n.pad(size)
}

// strings writes strings: length, bytes, and zeros up to a multiple of eight.
func (n *nar) strings(words ...string) {
	for _, s := range words {
		n.length(int64(len(s)))
		n.write([]byte(s))
		n.pad(int64(len(s)))
	}
}

func (n *nar) length(size int64) { n.write(binary.LittleEndian.AppendUint64(nil, uint64(size))) }

func (n *nar) pad(size int64) { n.write(make([]byte, -size&7)) }

func (n *nar) write(b []byte) {
	if n.err == nil {
		_, n.err = n.w.Write(b)
	}
}

func (n *nar) fail(err error) {
	if n.err == nil {
		n.err = err
	}
}
