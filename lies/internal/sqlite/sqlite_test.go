package sqlite

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func open(t *testing.T, text string) *Conn {
	t.Helper()
	c, err := Open(filepath.Join(t.TempDir(), "a ?#%\xff.db"), Create)
	if err == nil {
		err = c.Exec(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func prepare(t *testing.T, c *Conn, text string) *Stmt {
	t.Helper()
	s, err := c.Prepare(text)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// What is put in comes out: numbers, NULL, text and blobs that are short, long, empty and no UTF-8.
func TestValues(t *testing.T) {
	c := open(t, "CREATE TABLE t (id INTEGER PRIMARY KEY, n, text, data)")
	rows := []struct {
		n    int64
		text string
		data []byte
	}{
		{0, "", nil},
		{math.MinInt64, "a\xff\n\"", []byte{0, 1}},
		{math.MaxInt64, strings.Repeat("x", textsSize-1), bytes.Repeat([]byte{7}, 3*textsSize)},
		{-1, strings.Repeat("y", 100_000), []byte("b")},
		{1 << 40, strings.Repeat("z", textsSize/2), bytes.Repeat([]byte{8}, textsSize/2+1)},
	}
	put := prepare(t, c, "INSERT INTO t VALUES (NULL, ?, ?, ?), (NULL, NULL, NULL, ?)")
	for _, r := range rows {
		put.Int(1, r.n)
		put.Text(2, r.text)
		put.Blob(3, r.data)
		put.Null(4)
		if err := put.Run(); err != nil {
			t.Fatal(err)
		}
	}
	get := prepare(t, c, "SELECT n, text, data FROM t ORDER BY id")
	for range 2 {
		for i, r := range rows {
			if row, err := get.Step(); !row || err != nil {
				t.Fatal(row, err)
			}
			if n, text, data := get.ColumnInt(0), get.ColumnText(1), get.ColumnBlob(2); n != r.n || text != r.text || !bytes.Equal(data, r.data) {
				t.Errorf("%d: %d, %.10q, %.10q", i, n, text, data)
			}
			if row, err := get.Step(); !row || err != nil {
				t.Fatal(row, err)
			}
			if !get.ColumnIsNull(0) || !get.ColumnIsNull(1) || get.ColumnText(1) != "" || get.ColumnBlob(2) != nil {
				t.Errorf("%d: no NULL", i)
			}
		}
		if row, err := get.Step(); row || err != nil {
			t.Fatal(row, err)
		}
		get.Reset()
	}
	if text, err := c.Text("SELECT typeof(data) FROM t WHERE id = 1"); text != "blob" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}

// An error has SQLite's code, and what was begun can be taken back.
func TestErrors(t *testing.T) {
	c := open(t, "CREATE TABLE t (x UNIQUE NOT NULL)")
	code := func(err error) int {
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("%v", err)
		}
		return e.Code
	}
	if _, err := c.Prepare("SELECT nowhere"); code(err) != 1 || err.Error() != "SQL logic error: no such column: nowhere (1)" {
		t.Error(err)
	}
	if err := c.Exec("BEGIN; INSERT INTO t VALUES (1)"); err != nil || !c.InTransaction() {
		t.Error(err)
	}
	put := prepare(t, c, "INSERT INTO t VALUES (?)")
	put.Int(1, 1)
	if err := put.Run(); code(err) != 2067 { // SQLITE_CONSTRAINT_UNIQUE
		t.Error(err)
	}
	put.Int(2, 1)
	if err := put.Run(); code(err) != 25 { // SQLITE_RANGE
		t.Error(err)
	}
	put.Int(1, 2) // it is as good as new
	if err := put.Run(); err != nil {
		t.Error(err)
	}
	if err := c.Exec("ROLLBACK"); err != nil || c.InTransaction() {
		t.Error(err)
	}
	if n, err := c.Int("SELECT count(*) FROM t"); n != 0 || err != nil {
		t.Error(n, err)
	}
	if _, err := c.Int("SELECT x FROM t"); err == nil {
		t.Error("a value of no row")
	}
	for _, value := range []string{"NULL", "'1'", "x'31'", "1.0"} {
		if _, err := c.Int("SELECT " + value); code(err) != 20 { // SQLITE_MISMATCH
			t.Errorf("a number from %s: %v", value, err)
		}
	}
	for _, value := range []string{"1", "x'31'", "1.0"} {
		if _, err := c.Text("SELECT " + value); code(err) != 20 {
			t.Errorf("text from %s: %v", value, err)
		}
	}

	path := filepath.Join(t.TempDir(), "no.db")
	if _, err := Open(path, ReadWrite); code(err)&0xff != 14 { // SQLITE_CANTOPEN
		t.Error(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("it was made")
	}
	os.WriteFile(path, []byte(strings.Repeat("no database ", 100)), 0o600)
	bad, err := Open(path, ReadOnly)
	if err != nil {
		t.Fatal(err)
	}
	defer bad.Close()
	if _, err := bad.Int("PRAGMA application_id"); code(err) != 26 { // SQLITE_NOTADB
		t.Error(err)
	}
	if err := c.Exec("SELECT \x00"); err == nil {
		t.Error("NUL was taken for the end")
	}
}
