package store

import (
	"errors"
	"slices"
	"strings"

	"github.com/feign-build/feign/lies/internal/sqlite"
)

// The kinds of an Error, for errors.Is.
var (
	ErrLocked  = errors.New("the state is in use")
	ErrNone    = errors.New("there is no such state")
	ErrForeign = errors.New("not a state")
	ErrCorrupt = errors.New("the database is damaged")
	ErrVersion = errors.New("the database is of a later version")
	ErrUnsaved = errors.New("records could not be saved")
)

// Error is an error about a state.
type Error struct {
	What string // which state or file it is about
	Why  string // "" uses Err's text
	Hint string // what to do; may be ""
	Kind error  // one of the ErrX of this package, or nil
	Err  error  // the cause, or nil
}

// Error returns "what: why (hint)".
func (e *Error) Error() string {
	s := e.What + ": " + e.Reason()
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return strings.ReplaceAll(s, "\n", "; ")
}

// Reason returns Why, or the text of what it stands for.
func (e *Error) Reason() string {
	switch {
	case e.Why != "":
		return e.Why
	case e.Err != nil:
		return e.Err.Error()
	case e.Kind != nil:
		return e.Kind.Error()
	}
	return "failed"
}

// Unwrap returns the kind and the cause.
func (e *Error) Unwrap() []error {
	var errs []error
	for _, err := range []error{e.Kind, e.Err} {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// The primary result codes of SQLite (sqlite3.h) that say that the file itself is bad.
const (
	sqliteCorrupt  = 11
	sqliteMismatch = 20 // a value is of another type than the column
	sqliteNotADB   = 26
)

// fail makes an Error of one that the database reported.
func (d *database) fail(err error) error {
	if err == nil {
		return nil
	}
	var own *Error
	if errors.As(err, &own) {
		return err
	}
	if isCorrupt(err) {
		return corrupt(d.path, err)
	}
	return &Error{What: d.path, Err: err}
}

func isCorrupt(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	return slices.Contains([]int{sqliteCorrupt, sqliteMismatch, sqliteNotADB}, e.Primary())
}

func corrupt(path string, cause error) error {
	return &Error{What: path, Why: "the database is damaged: " + cause.Error(), Kind: ErrCorrupt, Err: cause,
		Hint: "feign state recover sets it aside and saves what can be read"}
}
