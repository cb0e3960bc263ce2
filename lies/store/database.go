package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/feign-build/feign/lies/internal/sqlite"
)

// A database is one SQLite file, open through one connection.
type database struct {
	kind *kind
	path string

	mu       sync.Mutex // of the connection
	conn     *sqlite.Conn
	prepared map[string]*sqlite.Stmt // by their text
}

// open opens the database in dir, and brings it to the newest version if write is set. There must be one.
func (k *kind) open(dir string, write bool) (*database, error) {
	d := &database{kind: k, path: filepath.Join(dir, k.file)}
	info, err := os.Stat(d.path)
	switch {
	case err != nil:
		return nil, &Error{What: d.path, Err: errors.Unwrap(err)}
	case info.Size() == 0:
		// SQLite would take it for a new database. Ours get their names when they are whole.
		return nil, corrupt(d.path, errors.New("the file is empty"))
	}
	if err := d.connect(); err != nil {
		return nil, d.fail(err)
	}
	if err := d.check(write); err != nil {
		d.disconnect()
		return nil, d.fail(err)
	}
	return d, nil
}

// openOrCreate is open for a writer; it makes the database if there is none.
func (k *kind) openOrCreate(dir string) (*database, error) {
	if _, err := os.Stat(filepath.Join(dir, k.file)); errors.Is(err, fs.ErrNotExist) {
		if err := k.create(dir); err != nil {
			return nil, err
		}
	}
	return k.open(dir, true)
}

// A commit is in the log when it is done, and survives the end of this process. synchronous=NORMAL leaves it to the next
// checkpoint to survive the end of power; the database is whole in any case (sqlite.org/wal.html, "Performance
// Considerations").
const connectPragmas = "PRAGMA busy_timeout = 10000; PRAGMA synchronous = normal; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16000; PRAGMA trusted_schema = 0"

func (d *database) connect() (err error) {
	d.conn, err = openFile(d.path, sqlite.ReadWrite, connectPragmas)
	return err
}

// openFile opens a database file.
func openFile(path string, mode sqlite.Mode, pragmas string) (*sqlite.Conn, error) {
	conn, err := sqlite.Open(path, mode)
	if err != nil {
		return nil, err
	}
	if err := conn.Exec(pragmas); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// disconnect ends the connection.
func (d *database) disconnect() error {
	for _, s := range d.prepared {
		s.Close()
	}
	d.prepared = nil
	return d.conn.Close()
}

// statement returns a statement, which is prepared once. Whoever calls has the connection.
func (d *database) statement(text string) (*sqlite.Stmt, error) {
	if s := d.prepared[text]; s != nil {
		return s, nil
	}
	s, err := d.conn.Prepare(text)
	if err == nil {
		if d.prepared == nil {
			d.prepared = make(map[string]*sqlite.Stmt)
		}
		d.prepared[text] = s
	}
	return s, err
}

// exec runs statements without parameters.
func (d *database) exec(text string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.conn.Exec(text)
}

// ctxRows is how often a query looks whether it is still wanted, in rows.
const ctxRows = 1000

// query calls do for every row until it returns false.
func (d *database) query(ctx context.Context, text string, bind func(*sqlite.Stmt), do func(*sqlite.Stmt) bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, err := d.conn.Prepare(text)
	if err != nil {
		return err
	}
	defer s.Close()
	if bind != nil {
		bind(s)
	}
	for n := 0; ; n++ {
		if n%ctxRows == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if row, err := s.Step(); err != nil || !row || !do(s) {
			return err
		}
	}
}

// check refuses what this version of feign cannot or must not read.
func (d *database) check(write bool) error {
	application, err := d.conn.Int("PRAGMA application_id")
	if err != nil {
		return err
	}
	if int(application) != d.kind.application {
		return &Error{What: d.path, Why: "is not a database of feign's", Kind: ErrForeign, Hint: "name another state"}
	}
	version, err := d.version()
	switch {
	case err != nil:
		return err
	case version > d.kind.newest():
		return &Error{
			What: d.path, Kind: ErrVersion, Hint: "use the newer feign",
			Why: fmt.Sprintf("is of version %d, and this feign knows versions up to %d", version, d.kind.newest()),
		}
	case !write:
		return nil
	}
	// Readers, in other processes, do not wait for the writer, nor the writer for them.
	mode, err := d.conn.Text("PRAGMA journal_mode = wal")
	if err != nil {
		return err
	}
	if mode != "wal" {
		return &Error{What: d.path, Why: "its file system has no shared memory for the write-ahead log", Hint: "keep the state on a local file system"}
	}
	return d.migrate(version)
}

func (d *database) version() (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	version, err := d.conn.Int("SELECT coalesce(max(version), 0) FROM migrations")
	return int(version), err
}

// migrate makes the newest version of an older one, all of it or nothing.
func (d *database) migrate(from int) error {
	if from == d.kind.newest() {
		return nil
	}
	return d.transaction(func() error {
		for v := from; v < d.kind.newest(); v++ {
			if err := d.conn.Exec(d.kind.migrations[v]); err != nil {
				return fmt.Errorf("make version %d of version %d: %w", v+1, v, err)
			}
			if err := d.conn.Exec(fmt.Sprintf("INSERT INTO migrations VALUES (%d, %d)", v+1, time.Now().UnixNano())); err != nil {
				return err
			}
		}
		return nil
	})
}

// transaction commits what do writes, all of it or nothing. do has the connection.
func (d *database) transaction(do func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.conn.Exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := do()
	if err == nil {
		err = d.conn.Exec("COMMIT")
	}
	if err != nil && d.conn.InTransaction() { // some errors take it back themselves
		err = errors.Join(err, d.conn.Exec("ROLLBACK"))
	}
	return err
}

// create makes a database. It gets its name when it is whole, so that what is found under the name is never half of one.
func (k *kind) create(dir string) error {
	path := filepath.Join(dir, k.file)
	tmp := path + ".new"
	if err := removeAll(tmp, tmp+"-journal"); err != nil { // of a creation that was killed
		return err
	}
	if err := k.createAt(tmp, nil); err != nil {
		removeAll(tmp, tmp+"-journal")
		return &Error{What: path, Why: "cannot be made: " + err.Error(), Err: err}
	}
	if err := os.Rename(tmp, path); err != nil {
		removeAll(tmp)
		return &Error{What: path, Err: err}
	}
	return syncDir(dir)
}

// syncDir makes the names in a directory outlive the end of power.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err == nil {
		err = errors.Join(d.Sync(), d.Close())
	}
	if err != nil {
		return &Error{What: "state " + dir, Why: "cannot be written: " + err.Error(), Err: err}
	}
	return nil
}

// createAt makes a database under a name that is not its own yet; fill may put records into it.
func (k *kind) createAt(path string, fill func(*database) error) error {
	d := &database{kind: k, path: path}
	var err error
	if d.conn, err = openFile(path, sqlite.Create, "PRAGMA synchronous = full"); err != nil {
		return err
	}
	defer d.disconnect()
	if err := d.conn.Exec(fmt.Sprintf("PRAGMA application_id = %d; %s", k.application, versionTable)); err != nil {
		return err
	}
	if err := d.migrate(0); err != nil {
		return err
	}
	if fill != nil {
		if err := fill(d); err != nil {
			return err
		}
	}
	return d.disconnect()
}

// removeAll removes files, as far as they are there.
func removeAll(paths ...string) error {
	for _, path := range paths {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return &Error{What: path, Why: "cannot be removed: " + errors.Unwrap(err).Error(), Err: err}
		}
	}
	return nil
}

// syncLog makes what is committed outlive the end of power, also if somebody else reads the database, so that close does not take the
// write-ahead log in.
func (d *database) syncLog() error {
	path := d.path + "-wal"
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // nothing was written since it was taken in
	}
	if err == nil {
		err = errors.Join(file.Sync(), file.Close())
	}
	if err != nil {
		return &Error{What: path, Why: "cannot be synced: " + err.Error(), Err: err}
	}
	return nil
}

// close ends the connection; the last one of all processes takes the write-ahead log into the database.
func (d *database) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.fail(d.disconnect())
}
