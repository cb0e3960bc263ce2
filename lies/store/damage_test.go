package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/internal/sqlite"
)

// fill makes a state with n lies and n events.
func fill(t *testing.T, dir string, n int) {
	t.Helper()
	s, ix := open(t, dir, Options{})
	for i := range n {
		ix.Set(lie(uint64(i+1), fmt.Sprintf("/some/where/file%06d", i)))
		s.Log(Event{Result: fmt.Sprint(i)})
	}
	closeStore(t, s)
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t *testing.T, path, data string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
}

// loads opens a state, reads all of it, and returns what went wrong.
func loads(dir string) error {
	lock, err := Acquire(dir, "")
	if err != nil {
		return err
	}
	s, err := Open(lock, Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.Load(context.Background(), lies.New(lies.Options{}))
	return err
}

// A damaged database is refused by its name, is not changed, and recover saves what can be read.
func TestDamaged(t *testing.T) {
	const n = 5000
	page := strings.Repeat("\xa5", 4096)
	for _, tt := range []struct {
		name   string
		damage func(data string) string
		saved  int // at least
	}{
		{"no header", func(d string) string { return page + d[len(page):] }, n},
		{"a page", func(d string) string { i := len(d) / 2 / 4096 * 4096; return d[:i] + page + d[i+4096:] }, n - 100},
		{"the root of a table", func(d string) string { return d[:4096] + strings.Repeat("\x00", 3*4096) + d[4*4096:] }, n - 300},
		{"each fifth page", func(d string) string {
			b := []byte(d)
			for i := 4 * 4096; i < len(d); i += 5 * 4096 {
				copy(b[i:], page)
			}
			return string(b)
		}, n * 7 / 10},
		{"the end", func(d string) string { return d[:len(d)/2/4096*4096] }, n * 4 / 10},
		{"everything", func(d string) string { return strings.Repeat("x", len(d)) }, 0},
		{"empty", func(string) string { return "" }, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			fill(t, dir, n)
			path := filepath.Join(dir, "files.db")
			damaged := tt.damage(read(t, path))
			write(t, path, damaged)

			err := loads(dir)
			if !errors.Is(err, ErrCorrupt) || !strings.HasPrefix(err.Error(), path+": the database is damaged: ") {
				t.Errorf("%v", err)
			}
			if read(t, path) != damaged {
				t.Error("the damaged database was written")
			}
			done, err := Recover(dir)
			if err != nil || len(done) != 1 || done[0].Path != path {
				t.Fatalf("%+v, %v", done, err)
			}
			if got := read(t, done[0].Aside); got != damaged {
				t.Error("what was set aside is not what was there")
			}
			if done[0].Saved < tt.saved || done[0].Saved > n || len(all(t, dir)) != done[0].Saved {
				t.Errorf("%d of %d lies were saved", done[0].Saved, n)
			}
			if done, err := Recover(dir); err != nil || len(done) != 0 {
				t.Errorf("the second time: %+v, %v", done, err)
			}
			if err := loads(dir); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestDamagedLog(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, 100)
	write(t, filepath.Join(dir, "log.db"), strings.Repeat("x", 8192))
	if err := loads(dir); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), "log.db") {
		t.Errorf("%v", err)
	}
	done, err := Recover(dir)
	if err != nil || len(done) != 1 || len(all(t, dir)) != 100 {
		t.Errorf("%+v, %v", done, err)
	}
}

// A state that has lost its database is not a new one.
func TestMissing(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, 10)
	path := filepath.Join(dir, "files.db")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := loads(dir); !errors.Is(err, ErrCorrupt) {
		t.Errorf("%v", err)
	}
	if done, err := Recover(dir); err != nil || len(done) != 1 || done[0].Aside != "" {
		t.Errorf("%+v, %v", done, err)
	}
	if err := loads(dir); err != nil {
		t.Error(err)
	}
}

// A creation that was killed in the middle is begun again.
func TestHalfCreated(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "lock"), "1 gone\n")
	write(t, filepath.Join(dir, "files.db.new"), "SQLite format 3\x00half")
	write(t, filepath.Join(dir, "files.db.new-journal"), "half")
	fill(t, dir, 3)
	if got := all(t, dir); len(got) != 3 {
		t.Errorf("%d lies", len(got))
	}
}

func alter(t *testing.T, path, statement string) {
	t.Helper()
	db, err := openFile(path, sqlite.Create, statement)
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// ps-11: what a later feign wrote is refused, and so is what something else wrote.
func TestNotOurs(t *testing.T) {
	for _, tt := range []struct {
		statement string
		kind      error
		text      string
	}{
		{"INSERT INTO migrations VALUES (99, 0)", ErrVersion, "is of version 99, and this feign knows versions up to "},
		{"PRAGMA application_id = 7", ErrForeign, "is not a database of feign's"},
	} {
		dir := t.TempDir()
		fill(t, dir, 1)
		path := filepath.Join(dir, "files.db")
		alter(t, path, tt.statement)
		if err := loads(dir); !errors.Is(err, tt.kind) || !strings.HasPrefix(err.Error(), path+": "+tt.text) {
			t.Errorf("%v", err)
		}
		if _, err := OpenView(dir); !errors.Is(err, tt.kind) {
			t.Errorf("view: %v", err)
		}
		if _, err := Recover(dir); !errors.Is(err, tt.kind) {
			t.Errorf("recover: %v", err)
		}
	}
}

// A value of another type than its column's is no claim of 0.
func TestMistyped(t *testing.T) {
	for _, statement := range []string{"UPDATE files SET uid = 'x'", "UPDATE files SET ino = 1.5 WHERE ino = 2", "UPDATE files SET path = x'2f61'"} {
		dir := t.TempDir()
		fill(t, dir, 3)
		alter(t, filepath.Join(dir, "files.db"), statement)
		if err := loads(dir); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

// Records that cannot be saved are kept, and saved when there is room; Close tells if there was none. A limit on the number
// of pages gives the error that a full disk gives (SQLITE_FULL).
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, 1)
	failures := make(chan error, 100)
	s, ix := open(t, dir, Options{OnError: func(err error) { failures <- err }})
	limit := func(pages int) {
		if err := s.files.db.exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit(10)
	for i := range 3000 {
		ix.Set(lie(uint64(i+1), fmt.Sprintf("/some/where/file%06d", i)))
	}
	if err := <-failures; !strings.Contains(err.Error(), "files.db") || !strings.Contains(err.Error(), "full") {
		t.Errorf("%v", err)
	}
	if err := s.Flush(context.Background()); err == nil {
		t.Error("Flush says that all is saved")
	}
	if n := s.files.unsaved(); n < 1000 {
		t.Errorf("only %d lies are kept", n)
	}
	limit(1 << 20)
	if err := s.Flush(context.Background()); err != nil {
		t.Error(err)
	}
	if got := all(t, dir); len(got) != 3000 {
		t.Errorf("%d lies", len(got))
	}
	limit(1) // as few as there are
	for i := range 3000 {
		ix.Set(lie(uint64(i+1e6), fmt.Sprintf("/some/where/else%06d", i)))
	}
	err := s.Close()
	if !errors.Is(err, ErrUnsaved) || !strings.Contains(err.Error(), "lies and 0 entries of the log could not be saved") {
		t.Errorf("%v", err)
	}
	if got := all(t, dir); len(got) < 3000 {
		t.Errorf("%d lies", len(got))
	}
}

// Newer changes win over those that could not be saved.
func TestRetryKeepsOrder(t *testing.T) {
	dir := t.TempDir()
	s, ix := open(t, dir, Options{})
	block := func(what string) {
		if err := s.files.db.exec(what); err != nil {
			t.Fatal(err)
		}
	}
	block("CREATE TRIGGER no BEFORE INSERT ON files BEGIN SELECT RAISE(ABORT, 'no'); END")
	ix.Set(lie(1, "/old"))
	ix.Set(lie(2, "/old"))
	if err := s.Flush(context.Background()); err == nil {
		t.Fatal("no error")
	}
	ix.Set(lie(1, "/new"))
	ix.Forget(lie(2, "").Key)
	block("DROP TRIGGER no")
	closeStore(t, s)
	if got := paths(all(t, dir)); got != "/new" {
		t.Errorf("%s", got)
	}
}
