// Package pseudo reads and writes the files.db of pseudo, where that keeps what it claims about files.
//
// # Promise
//
// What is read is all that pseudo knows: owners, modes, device numbers, attributes, once for each file. What is written has the
// schema of pseudo 1.9. A database that is there is never changed.
//
// # In a nutshell
//
//	entries, err := pseudo.Read("pseudo/files.db")
//	err = pseudo.Write("new/files.db", entries)
//
// # Locks
//
// No locks. pseudo must not be running meanwhile.
package pseudo

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/foreign"
)

// schemaVersion is the version of the database that pseudo 1.9 writes (pseudo_db.c).
const schemaVersion = 8

// noID is the owner of a row that is only there for its attributes.
const noID = ^uint32(0)

// Read reads pseudo's files.db. pseudo must not be running. The database is not changed.
func Read(path string) ([]foreign.Entry, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	db, err := open(path, "mode=ro")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	entries, err := readTables(db)
	if err != nil {
		return nil, fmt.Errorf("%s is not a database of pseudo's: %w", path, err)
	}
	return entries, nil
}

func open(path, query string) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: query}).String())
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

func readTables(db *sql.DB) ([]foreign.Entry, error) {
	ctx := context.Background()
	xattrs := map[lies.Key][]lies.Xattr{}
	err := eachRow(ctx, db, "SELECT dev, ino, name, value FROM xattrs ORDER BY dev, ino, name", func(rows *sql.Rows) error {
		var dev, ino int64
		var x lies.Xattr
		if err := rows.Scan(&dev, &ino, &x.Name, &x.Value); err != nil {
			return err
		}
		key := lies.Key{Dev: uint64(dev), Ino: uint64(ino)}
		list := xattrs[key]
		if n := len(list); n > 0 && list[n-1].Name == x.Name {
			list[n-1] = x
			return nil
		}
		xattrs[key] = append(list, x)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []foreign.Entry
	seen := map[lies.Key]bool{} // hard links have a row for each path
	err = eachRow(ctx, db, "SELECT path, dev, ino, uid, gid, mode, rdev FROM files WHERE deleting = 0 ORDER BY path", func(rows *sql.Rows) error {
		var dev, ino, uid, gid, mode, rdev int64
		var path sql.NullString
		if err := rows.Scan(&path, &dev, &ino, &uid, &gid, &mode, &rdev); err != nil {
			return err
		}
		e := foreign.Entry{
			Dev: uint64(dev), Ino: uint64(ino), Path: path.String, Mode: uint32(mode), UID: uint32(uid), GID: uint32(gid),
			Rdev: uint64(rdev), XattrsOnly: uint32(uid) == noID && uint32(gid) == noID,
		}
		if e.Path == "NAMELESS FILE" {
			e.Path = ""
		}
		key := lies.Key{Dev: e.Dev, Ino: e.Ino}
		if seen[key] {
			return nil
		}
		seen[key] = true
		e.Xattrs = xattrs[key]
		out = append(out, e)
		return nil
	})
	return out, err
}

func eachRow(ctx context.Context, db *sql.DB, query string, do func(*sql.Rows) error) error {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// schema is what pseudo makes itself (pseudo_db.c); the log is its own business.
const schema = `
CREATE TABLE files (id INTEGER PRIMARY KEY, path VARCHAR, dev INTEGER, ino INTEGER, uid INTEGER, gid INTEGER, mode INTEGER, rdev INTEGER, deleting INTEGER);
CREATE TABLE xattrs (id INTEGER PRIMARY KEY, dev INTEGER, ino INTEGER, name VARCHAR, value VARCHAR);
CREATE TABLE migrations (id INTEGER PRIMARY KEY, version INTEGER, stamp INTEGER, sql VARCHAR);
CREATE INDEX files__path_dev_ino ON files (path, dev, ino);
CREATE INDEX files__dev_ino ON files (dev, ino);
CREATE INDEX xattrs_dev_ino ON xattrs (dev, ino);
CREATE INDEX xattrs_dev_ino_name ON xattrs (dev, ino, name);
CREATE INDEX migration__version ON migrations (version);
`

// Write makes a files.db for pseudo. There must be no file at path yet: it may be one that pseudo uses.
func Write(path string, entries []foreign.Entry) (err error) {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return cmp.Or(err, error(&fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}))
	}
	db, err := open(path, "mode=rwc")
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, db.Close()); err != nil {
			os.Remove(path)
		}
	}()
	if _, err := db.Exec(schema); err != nil {
		return err
	}
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	if err := writeTables(tx, entries); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func writeTables(tx *sql.Tx, entries []foreign.Entry) error {
	if _, err := tx.Exec("INSERT INTO migrations VALUES (1, ?, -1, 'N/A (initial setup)')", schemaVersion); err != nil {
		return err
	}
	file, err := tx.Prepare("INSERT INTO files VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, 0)")
	if err != nil {
		return err
	}
	defer file.Close()
	xattr, err := tx.Prepare("INSERT INTO xattrs VALUES (NULL, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer xattr.Close()
	sorted := slices.Clone(entries)
	slices.SortStableFunc(sorted, func(a, b foreign.Entry) int { return cmp.Compare(a.Path, b.Path) })
	for i := range sorted {
		e := &sorted[i]
		uid, gid := int64(e.UID), int64(e.GID)
		if e.XattrsOnly {
			uid, gid = -1, -1
		}
		path := e.Path
		if path == "" {
			path = "NAMELESS FILE"
		}
		if _, err := file.Exec(path, int64(e.Dev), int64(e.Ino), uid, gid, int64(e.Mode), int64(e.Rdev)); err != nil {
			return err
		}
		for _, x := range e.Xattrs {
			if _, err := xattr.Exec(int64(e.Dev), int64(e.Ino), x.Name, string(x.Value)); err != nil {
				return err
			}
		}
	}
	return nil
}
