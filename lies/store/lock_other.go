//go:build !linux && !darwin

package store

import (
	"errors"
	"os"
)

var errWouldBlock = errors.New("locked")

// flock refuses: what cannot be locked must not be written.
func flock(*os.File, bool) error { return errors.ErrUnsupported }

func unlock(*os.File) error { return errors.ErrUnsupported }
