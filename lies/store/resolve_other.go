//go:build !linux

package store

import "os"

// directory does without an open directory; see resolve_linux.go.
type directory struct{}

func (*directory) open(path string) string { return RealPath(path) }

func (*directory) isLink(path, _ string) bool {
	_, err := os.Readlink(path)
	return err == nil
}

func (*directory) close() {}
