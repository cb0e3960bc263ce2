//go:build !linux

package store

import (
	"errors"

	"github.com/feign-build/feign/lies"
)

var errNotDir = errors.New("not a directory")

// Identify tells what file is at path. It knows how on Linux only.
func Identify(string) (lies.Key, lies.Identity, error) {
	return lies.Key{}, lies.Identity{}, errors.ErrUnsupported
}
