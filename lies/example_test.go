package lies_test

import (
	"fmt"

	"github.com/feign-build/feign/lies"
)

// The action chowns a file and looks at it; then the file is replaced outside of the action.
func Example() {
	const regular = 0o100000
	ix := lies.New(lies.Options{OnMismatch: func(m lies.Mismatch) { fmt.Println("mismatch:", m.Recorded, "->", m.Met) }})

	key := lies.Key{Dev: lies.Makedev(8, 1), Ino: 42}
	file := lies.Identity{Type: regular, Btime: lies.Timespec{Sec: 100}, Ctime: lies.Timespec{Sec: 200}}
	ix.Update(key, file, "/tree/etc/shadow", func(c *lies.Claim) { c.SetOwner(0, 42) })

	claim, outcome := ix.Lookup(key, file, nil)
	fmt.Println(outcome == lies.Found, claim.UID, claim.GID)

	// Written to: the ctime is another one now, and only the birth time tells whether the file is.
	seen := lies.Identity{Type: regular, Ctime: lies.Timespec{Sec: 300}}
	_, outcome = ix.Lookup(key, seen, nil)
	fmt.Println(outcome == lies.NeedsBtime)
	seen.Btime = lies.Timespec{Sec: 300}
	_, outcome = ix.Lookup(key, seen, path("/tree/tmp/log"))
	fmt.Println(outcome == lies.Dropped)

	// Output:
	// true 0 42
	// true
	// mismatch: /tree/etc/shadow -> /tree/tmp/log
	// true
}

type path string

func (p path) MetPath() string { return string(p) }
