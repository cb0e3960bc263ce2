package archive

import (
	"errors"
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// ChangedError says that a file of the tree is not the one that the manifest describes.
type ChangedError struct {
	Path string // relative to the root
	What string // "sha256 is ..., the manifest says ..."
	Err  error  // what the system said, or nil
}

func (e *ChangedError) Error() string {
	return fmt.Sprintf("archive: %s: %s (the tree is not the one that the manifest describes)", quote(e.Path), e.What)
}

// Unwrap returns what the system said.
func (e *ChangedError) Unwrap() error { return e.Err }

// entryError says at which entry err came up, unless err says it itself.
func entryError(path string, err error) error {
	var changed *ChangedError
	if errors.As(err, &changed) {
		return err
	}
	return fmt.Errorf("archive: %s: %w", quote(path), err)
}

// quote returns a path as a message can hold it, on one line: as it is if all of it can be printed, quoted otherwise.
func quote(path string) string {
	if !utf8.ValidString(path) || path == "" {
		return strconv.Quote(path)
	}
	for _, r := range path {
		if !unicode.IsPrint(r) {
			return strconv.Quote(path)
		}
	}
	return path
}
