package pseudo_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/feign-build/feign/lies/foreign"
	"github.com/feign-build/feign/lies/foreign/pseudo"
)

// What is written for pseudo is read as it was.
func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "files.db")
	if err := pseudo.Write(path, []foreign.Entry{{Path: "/srv/file", Dev: 1, Ino: 2, Mode: 0o100644, GID: 42}}); err != nil {
		log.Fatal(err)
	}
	entries, err := pseudo.Read(path)
	fmt.Println(entries[0].Path, entries[0].GID, err)
	// Output: /srv/file 42 <nil>
}
