package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// A database is one SQLite file, open through one connection.
type database struct {
	kind *kind
	path string
	sql  *sql.DB
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
		d.sql.Close()
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
const connectQuery = "mode=rw&_pragma=busy_timeout(10000)&_pragma=synchronous(normal)&_pragma=wal_autocheckpoint(4000)&_pragma=trusted_schema(0)"

func (d *database) connect() error {
	db, err := openFile(d.path, connectQuery)
	d.sql = db
	return err
}

// openFile opens a database file through one connection. The path may have any bytes.
func openFile(path, query string) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	abs = filepath.ToSlash(abs)
	if !strings.HasPrefix(abs, "/") {
		abs = "/" + abs // C:/..., see sqlite.org/uri.html
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: abs, RawQuery: query}).String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// check refuses what this version of feign cannot or must not read.
func (d *database) check(write bool) error {
	var application int
	if err := d.sql.QueryRow("PRAGMA application_id").Scan(&application); err != nil {
		return err
	}
	if application != d.kind.application {
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
	var mode string
	if err := d.sql.QueryRow("PRAGMA journal_mode = wal").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return &Error{What: d.path, Why: "its file system has no shared memory for the write-ahead log", Hint: "keep the state on a local file system"}
	}
	return d.migrate(version)
}

func (d *database) version() (version int, err error) {
	err = d.sql.QueryRow("SELECT coalesce(max(version), 0) FROM migrations").Scan(&version)
	return version, err
}

// migrate makes the newest version of an older one, all of it or nothing.
func (d *database) migrate(from int) error {
	if from == d.kind.newest() {
		return nil
	}
	return d.transaction(func(tx *sql.Tx) error {
		for v := from; v < d.kind.newest(); v++ {
			if _, err := tx.Exec(d.kind.migrations[v]); err != nil {
				return fmt.Errorf("make version %d of version %d: %w", v+1, v, err)
			}
			if _, err := tx.Exec("INSERT INTO migrations VALUES (?, ?)", v+1, time.Now().UnixNano()); err != nil {
				return err
			}
		}
		return nil
	})
}

func (d *database) transaction(do func(*sql.Tx) error) error {
	tx, err := d.sql.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, rollback(tx))
	}
	return tx.Commit()
}

// rollback takes a transaction back. After some errors SQLite has done that itself, which is no further error.
func rollback(tx *sql.Tx) error {
	err := tx.Rollback()
	if err != nil && strings.Contains(err.Error(), "no transaction is active") {
		return nil
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
	if d.sql, err = openFile(path, "mode=rwc&_pragma=synchronous(full)"); err != nil {
		return err
	}
	defer d.sql.Close()
	if _, err := d.sql.Exec(fmt.Sprintf("PRAGMA application_id = %d; %s", k.application, versionTable)); err != nil {
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
	return d.sql.Close()
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
	return d.fail(d.sql.Close())
}
