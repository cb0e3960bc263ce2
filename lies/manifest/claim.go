package manifest

import (
	"github.com/feign-build/feign/lies"
)

// Claim is what is claimed about a file, in place of what the disk says.
type Claim = lies.Claim

// Real is what the disk says about one path of a tree.
type Real struct {
	Path                string // relative to the root, as in Entry
	Dev, Ino            uint64 // st_dev and st_ino
	Mode                uint32 // with the S_IFMT bits
	UID, GID            uint32
	Nlink               uint32
	Rdev                uint64 // see lies.Makedev
	Size                int64
	Mtime, Ctime, Btime lies.Timespec // Btime is zero where the file system does not know it
}

// Key returns what a lie about the file is found by.
func (r Real) Key() lies.Key { return lies.Key{Dev: r.Dev, Ino: r.Ino} }

// Identity returns what a lie about the file is verified with.
func (r Real) Identity() lies.Identity {
	return lies.Identity{Type: r.Mode & sIFMT, Btime: r.Btime, Ctime: r.Ctime, NoBtime: r.Btime.IsZero()}
}

// MetPath implements lies.Met.
func (r Real) MetPath() string { return r.Path }

// Claims returns a function for Options.Claims that looks lies up in an index, and so drops those whose files are gone.
func Claims(ix *lies.Index) func(Real) (Claim, bool) {
	return func(r Real) (Claim, bool) {
		c, outcome := ix.Lookup(r.Key(), r.Identity(), r)
		return c, outcome == lies.Found
	}
}
