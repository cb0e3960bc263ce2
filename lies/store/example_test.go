package store_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/store"
)

// A lie told in one action is known to the next.
func Example() {
	parent, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(parent)
	dir := filepath.Join(parent, "state")
	ctx := context.Background()

	action := func(do func(*lies.Index)) {
		lock, err := store.Acquire(dir, "an example")
		if err != nil {
			log.Fatal(err)
		}
		st, err := store.Open(lock, store.Options{Scope: store.Scope{Ignore: []string{"/tmp"}}})
		if err != nil {
			log.Fatal(err)
		}
		ix := lies.New(lies.Options{Observer: st})
		if _, err := st.Load(ctx, ix); err != nil {
			log.Fatal(err)
		}
		do(ix)
		if err := st.Close(); err != nil {
			log.Fatal(err)
		}
	}
	key, file := lies.Key{Dev: 8, Ino: 7}, lies.Identity{Type: 0o100000}
	action(func(ix *lies.Index) {
		ix.Update(key, file, "/srv/file", func(c *lies.Claim) { c.SetOwner(0, 42) })
	})
	action(func(ix *lies.Index) {
		l, _ := ix.Get(key)
		fmt.Println(l.Path, l.UID, l.GID)
	})
	// Output: /srv/file 0 42
}
