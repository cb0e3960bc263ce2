package sqlite

import "fmt"

// An Error is what SQLite reports.
type Error struct {
	Code    int // the extended result code (sqlite3.h)
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%s (%d)", e.Message, e.Code) }

// Primary is the primary result code, which Code tells more exactly.
func (e *Error) Primary() int { return e.Code & 0xff }
