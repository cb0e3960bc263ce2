//go:build linux && !amd64

package ptlib

import (
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib/bpf"
)

// stubCode returns errors.ErrUnsupported: nobody has written a stub for this processor yet.
func stubCode() ([]byte, error) {
	return nil, fmt.Errorf("shortcut of calls on %s: %w", runtime.GOARCH, errors.ErrUnsupported)
}

func shortcutTests(ABI) []bpf.Test                 { return nil }
func hasShortcut(ABI, Sys) bool                    { return false }
func (t *Thread) detour(uint64) bool               { return false }
func (t *Thread) foresee()                         {}
func (t *Thread) leaveShortcut(*syscallInfo)       {}
func (t *Thread) faultInShortcut(unix.Signal) bool { return false }
