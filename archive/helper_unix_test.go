//go:build unix

package archive

import (
	"syscall"
	"testing"
)

// setUmask sets the umask until the test ends.
func setUmask(t *testing.T, mask int) {
	old := syscall.Umask(mask)
	t.Cleanup(func() { syscall.Umask(old) })
}

func mkfifo(path string) error { return syscall.Mkfifo(path, 0o644) }
