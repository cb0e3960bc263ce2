package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// makeDir makes the directory of a state, or sees that there is one, and that nobody but the caller gets into it.
func makeDir(dir string) error {
	what := "state " + dir
	err := os.Mkdir(dir, 0o700)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return &Error{What: what, Why: "cannot be made: " + errors.Unwrap(err).Error(), Err: err, Hint: "its parent directory must be there"}
	}
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return &Error{What: what, Err: errors.Unwrap(err)}
	case !info.IsDir():
		return &Error{What: what, Why: "is not a directory", Kind: ErrForeign, Hint: "name another one"}
	case !ownedByCaller(info):
		return &Error{What: what, Why: "belongs to another user", Kind: ErrForeign, Hint: "name a directory of your own"}
	}
	if err := isState(dir); err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return &Error{What: what, Why: "is open to others: " + err.Error(), Err: err, Hint: "chmod 700 it"}
	}
	return nil
}

// mustExist returns an error unless dir is a state.
func mustExist(dir string) error {
	what := "state " + dir
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Error{What: what, Kind: ErrNone, Err: err, Why: "there is none", Hint: "feign run -s makes one"}
	case err != nil:
		return &Error{What: what, Err: errors.Unwrap(err)}
	case !info.IsDir():
		return &Error{What: what, Why: "is not a directory", Kind: ErrForeign, Hint: "a state is a directory"}
	case !ownedByCaller(info):
		return &Error{What: what, Why: "belongs to another user", Kind: ErrForeign, Hint: "be that user, or copy it"}
	}
	if _, err := os.Lstat(filepath.Join(dir, lockFile)); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(filepath.Join(dir, filesKind.file)); errors.Is(err, fs.ErrNotExist) {
			return &Error{What: what, Why: "has no " + filesKind.file, Kind: ErrForeign, Hint: "name the directory that feign run -s was given"}
		}
	}
	return isState(dir)
}

// isState refuses directories that are something else, and states that have lost what they had: a new empty database would
// be taken for theirs.
func isState(dir string) error {
	list, err := os.ReadDir(dir)
	if err != nil {
		return &Error{What: "state " + dir, Err: errors.Unwrap(err)}
	}
	has := map[string]bool{}
	for _, e := range list {
		has[e.Name()] = true
	}
	if has[filesKind.file] || len(list) == 0 {
		return nil
	}
	for _, e := range list {
		switch name := e.Name(); {
		case name == lockFile, name == SocketFile, strings.HasPrefix(name, filesKind.file+".new"): // of a creation that was killed
		case strings.HasPrefix(name, filesKind.file), strings.HasPrefix(name, logKind.file):
			return &Error{
				What: filepath.Join(dir, filesKind.file), Kind: ErrCorrupt, Why: fmt.Sprintf("is missing, though %s is there", name),
				Hint: "put it back, or feign state recover begins a new one",
			}
		default:
			return &Error{What: "state " + dir, Why: fmt.Sprintf("is not a state: it holds %q", name), Kind: ErrForeign, Hint: "name a new or empty directory"}
		}
	}
	return nil
}
