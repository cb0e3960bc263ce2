package archive_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/feign-build/feign/archive"
	"github.com/feign-build/feign/lies/manifest"
)

// An archive of a root-owned suid program, made by a user who is neither root nor owns a suid file.
func Example() {
	tree, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(tree)
	if err := os.WriteFile(filepath.Join(tree, "su"), []byte("#!/bin/sh\n"), 0o644); err != nil {
		log.Fatal(err)
	}
	m := &manifest.Manifest{Entries: []manifest.Entry{ // as manifest.ReadFile returns it
		{Path: ".", Type: manifest.TypeDir, Mode: 0o755},
		{Path: "null", Type: manifest.TypeChar, Mode: 0o666, Major: 1, Minor: 3},
		{Path: "su", Type: manifest.TypeFile, Mode: 0o4755, Size: 10},
	}}

	out := filepath.Join(tree, "out.tar.zst")
	err = archive.WriteFile(context.Background(), out, m, tree, archive.Options{
		Epoch: time.Unix(1700000000, 0),
		Check: true,
		Lost:  func(l archive.Loss) { fmt.Println(l) },
	})
	if err != nil {
		log.Fatal(err)
	}

	if err := os.WriteFile(filepath.Join(tree, "su"), []byte("#!/bin/ksh\n"), 0o644); err != nil {
		log.Fatal(err)
	}
	fmt.Println(archive.WriteFile(context.Background(), out, m, tree, archive.Options{}))
	// Output:
	// archive: su: 11 bytes, the manifest says 10 (the tree is not the one that the manifest describes)
}
