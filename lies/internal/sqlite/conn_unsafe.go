package sqlite

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// A Mode says how a database is opened.
type Mode int32

// The modes. A reader of a database with a write-ahead log needs ReadWrite, for the memory that it shares with the others.
const (
	ReadOnly  Mode = lib.SQLITE_OPEN_READONLY
	ReadWrite Mode = lib.SQLITE_OPEN_READWRITE
	Create    Mode = lib.SQLITE_OPEN_READWRITE | lib.SQLITE_OPEN_CREATE
)

// A Conn is a connection to a database.
type Conn struct {
	tls *libc.TLS
	db  uintptr // sqlite3*
	out uintptr // where SQLite stores a pointer
}

var patched = sync.OnceFunc(lib.PatchIssue199) // pages of 64 KB on arm64

// Open opens the database at path, which may have any bytes.
func Open(path string, mode Mode) (*Conn, error) {
	patched()
	c := &Conn{tls: libc.NewTLS()}
	name, err := libc.CString(path)
	if err == nil {
		defer libc.Xfree(c.tls, name)
		if c.out = lib.Xsqlite3_malloc(c.tls, int32(unsafe.Sizeof(c.out))); c.out == 0 {
			err = errors.New("out of memory")
		}
	}
	if err != nil {
		c.tls.Close()
		return nil, err
	}
	rc := lib.Xsqlite3_open_v2(c.tls, name, c.out, int32(mode)|lib.SQLITE_OPEN_NOMUTEX|lib.SQLITE_OPEN_EXRESCODE, 0)
	c.db = *at[uintptr](c.out)
	if rc != lib.SQLITE_OK {
		return nil, errors.Join(c.failed(rc), c.Close())
	}
	return c, nil
}

// Close closes the connection, whose statements are closed. What was not committed is taken back.
func (c *Conn) Close() error {
	if c.tls == nil {
		return nil
	}
	var err error
	if rc := lib.Xsqlite3_close_v2(c.tls, c.db); rc != lib.SQLITE_OK {
		err = c.failed(rc)
	}
	lib.Xsqlite3_free(c.tls, c.out)
	c.tls.Close()
	c.tls, c.db = nil, 0
	return err
}

// Exec runs statements, of which none has parameters. What they return is left out.
func (c *Conn) Exec(text string) error {
	sql, err := libc.CString(text)
	if err != nil {
		return err
	}
	defer libc.Xfree(c.tls, sql)
	if rc := lib.Xsqlite3_exec(c.tls, c.db, sql, 0, 0, 0); rc != lib.SQLITE_OK {
		return c.failed(rc)
	}
	return nil
}

// Int returns the first value of the first row of a query, which must have one.
func (c *Conn) Int(query string) (n int64, err error) {
	err = c.first(query, func(s *Stmt) { n = s.ColumnInt(0) })
	return n, err
}

// Text is Int for text.
func (c *Conn) Text(query string) (text string, err error) {
	err = c.first(query, func(s *Stmt) { text = s.ColumnText(0) })
	return text, err
}

func (c *Conn) first(query string, read func(*Stmt)) error {
	s, err := c.Prepare(query)
	if err != nil {
		return err
	}
	defer s.Close()
	switch row, err := s.Step(); {
	case err != nil:
		return err
	case !row:
		return fmt.Errorf("%s: no row", query)
	}
	read(s)
	_, err = s.Step() // tells if it was of another type
	return err
}

// InTransaction reports whether there is one that has been neither committed nor taken back. Some errors take it back.
func (c *Conn) InTransaction() bool { return lib.Xsqlite3_get_autocommit(c.tls, c.db) == 0 }

// failed makes an error of a result code.
func (c *Conn) failed(rc int32) error {
	e := &Error{Code: int(rc), Message: libc.GoString(lib.Xsqlite3_errstr(c.tls, rc))}
	if c.db == 0 || lib.Xsqlite3_extended_errcode(c.tls, c.db) != rc {
		return e // what the connection has to say is about something else
	}
	if more := libc.GoString(lib.Xsqlite3_errmsg(c.tls, c.db)); more != e.Message {
		e.Message += ": " + more
	}
	return e
}

// at is the value at an address of SQLite's, which Go's collector knows nothing of.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// bytesAt are n bytes at an address of SQLite's.
func bytesAt(address uintptr, n int) []byte { return unsafe.Slice(at[byte](address), n) }
