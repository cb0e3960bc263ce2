//go:build !linux

package foreign

import (
	"context"
	"errors"

	"github.com/feign-build/feign/lies"
)

// Stat tells what a tool has to know of the file that a lie is about. It knows how on Linux only.
func Stat(*lies.Lie, string) (Disk, bool) { return Disk{}, false }

// RootOwner is the owner that an action sees of a file about which nothing is claimed.
func RootOwner(uid, gid uint32) (uint32, uint32) { return uid, gid }

// Locate looks for files by device and inode number in a tree. It knows how on Linux only.
func Locate(context.Context, string, map[lies.Key]bool) (map[lies.Key]string, error) {
	return nil, errors.ErrUnsupported
}
