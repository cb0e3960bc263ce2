package sqlite

import (
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// A Stmt is a prepared statement. Parameters are numbered from 1, columns from 0, as in sqlite3.h. Every parameter is bound for each
// run; what cannot be bound is told by Step.
type Stmt struct {
	conn *Conn
	stmt uintptr // sqlite3_stmt*
	rc   int32   // the first error of binding, or of reading a column

	texts uintptr // textsSize bytes, of which used are bound
	used  int
}

// textsSize is room for the text of some rows, as it mostly is. What is longer is copied by SQLite.
const textsSize = 16 << 10

// Prepare prepares the first statement of text.
func (c *Conn) Prepare(text string) (*Stmt, error) {
	sql, err := libc.CString(text)
	if err != nil {
		return nil, err
	}
	defer libc.Xfree(c.tls, sql)
	if rc := lib.Xsqlite3_prepare_v3(c.tls, c.db, sql, -1, lib.SQLITE_PREPARE_PERSISTENT, c.out, 0); rc != lib.SQLITE_OK {
		return nil, c.failed(rc)
	}
	return &Stmt{conn: c, stmt: *at[uintptr](c.out)}, nil
}

// Close ends the statement.
func (s *Stmt) Close() {
	if s == nil || s.stmt == 0 {
		return
	}
	lib.Xsqlite3_finalize(s.conn.tls, s.stmt) // repeats what Step has told
	lib.Xsqlite3_free(s.conn.tls, s.texts)
	s.stmt, s.texts = 0, 0
}

// note keeps the first error.
func (s *Stmt) note(rc int32) {
	if rc != lib.SQLITE_OK && s.rc == lib.SQLITE_OK {
		s.rc = rc
	}
}

// Int binds a number.
func (s *Stmt) Int(i int, n int64) {
	s.note(lib.Xsqlite3_bind_int64(s.conn.tls, s.stmt, int32(i), n))
}

// Null binds NULL.
func (s *Stmt) Null(i int) { s.note(lib.Xsqlite3_bind_null(s.conn.tls, s.stmt, int32(i))) }

// Text binds text.
func (s *Stmt) Text(i int, text string) {
	s.TextBytes(i, unsafe.Slice(unsafe.StringData(text), len(text)))
}

// TextBytes is Text for bytes.
func (s *Stmt) TextBytes(i int, text []byte) {
	p, del := s.keep(text)
	s.note(lib.Xsqlite3_bind_text(s.conn.tls, s.stmt, int32(i), p, int32(len(text)), del))
}

// Blob binds bytes; nil is an empty blob, too.
func (s *Stmt) Blob(i int, data []byte) {
	p, del := s.keep(data)
	s.note(lib.Xsqlite3_bind_blob(s.conn.tls, s.stmt, int32(i), p, int32(len(data)), del))
}

// static tells SQLite that what is bound stays where it is (sqlite.org/c3ref/c_static.html).
const static = 0

// keep copies bytes to where they stay as long as they are bound, and tells how SQLite is rid of them.
func (s *Stmt) keep(data []byte) (address, del uintptr) {
	tls := s.conn.tls
	if s.texts == 0 {
		s.texts = lib.Xsqlite3_malloc(tls, textsSize)
	}
	address, del = s.texts+uintptr(s.used), static
	if s.texts == 0 || len(data) >= textsSize-s.used {
		if address = lib.Xsqlite3_malloc(tls, int32(len(data)+1)); address == 0 {
			s.note(lib.SQLITE_NOMEM)
			return 0, static
		}
		del = freeBound
	} else {
		s.used += len(data)
	}
	copy(bytesAt(address, len(data)), data)
	return address, del
}

// freeBound is sqlite3_free as a C function pointer.
var freeBound = *(*uintptr)(unsafe.Pointer(&struct{ f func(*libc.TLS, uintptr) }{lib.Xsqlite3_free}))

// Run runs the statement to its end, and makes it ready for other values.
func (s *Stmt) Run() error {
	_, err := s.Step()
	s.Reset()
	return err
}

// Step goes on to the next row, and reports whether there is one.
func (s *Stmt) Step() (row bool, err error) {
	rc := s.rc
	if rc == lib.SQLITE_OK {
		rc = lib.Xsqlite3_step(s.conn.tls, s.stmt)
	}
	switch rc {
	case lib.SQLITE_ROW:
		return true, nil
	case lib.SQLITE_DONE:
		return false, nil
	}
	return false, s.conn.failed(rc)
}

// Reset makes the statement ready to run again, with other values.
func (s *Stmt) Reset() {
	lib.Xsqlite3_reset(s.conn.tls, s.stmt) // repeats what Step has told
	s.used, s.rc = 0, lib.SQLITE_OK
}

// ColumnIsNull reports whether there is NULL.
func (s *Stmt) ColumnIsNull(i int) bool { return s.columnType(i) == lib.SQLITE_NULL }

func (s *Stmt) columnType(i int) int32 {
	return lib.Xsqlite3_column_type(s.conn.tls, s.stmt, int32(i))
}

// ColumnInt returns a number of the row. If there is something else, the next Step fails.
func (s *Stmt) ColumnInt(i int) int64 {
	if s.columnType(i) != lib.SQLITE_INTEGER {
		s.note(lib.SQLITE_MISMATCH)
		return 0
	}
	return lib.Xsqlite3_column_int64(s.conn.tls, s.stmt, int32(i))
}

// ColumnText returns text of the row; of NULL "". If there is something else, the next Step fails.
func (s *Stmt) ColumnText(i int) string {
	switch s.columnType(i) {
	case lib.SQLITE_NULL:
		return ""
	case lib.SQLITE_TEXT:
		return string(s.column(i, lib.Xsqlite3_column_text))
	}
	s.note(lib.SQLITE_MISMATCH)
	return ""
}

// ColumnBlob returns bytes or text of the row; of NULL and of none nil.
func (s *Stmt) ColumnBlob(i int) []byte {
	return append([]byte(nil), s.column(i, lib.Xsqlite3_column_blob)...)
}

// column is a value where SQLite has it until the next Step.
func (s *Stmt) column(i int, read func(*libc.TLS, uintptr, int32) uintptr) []byte {
	p := read(s.conn.tls, s.stmt, int32(i))
	if p == 0 {
		return nil
	}
	return bytesAt(p, int(lib.Xsqlite3_column_bytes(s.conn.tls, s.stmt, int32(i))))
}
