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
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/foreign"
	"github.com/feign-build/feign/lies/internal/sqlite"
)

// schemaVersion is the version of the database that pseudo 1.9 writes (pseudo_db.c).
const schemaVersion = 8

// noID is the owner of a row that is only there for its attributes.
const noID = ^uint32(0)

// nameless is the path of a row whose file has none that pseudo knows.
const nameless = "NAMELESS FILE"

// Read reads pseudo's files.db. pseudo must not be running. The database is not changed.
func Read(path string) ([]foreign.Entry, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	db, err := sqlite.Open(path, sqlite.ReadOnly)
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

func readTables(db *sqlite.Conn) ([]foreign.Entry, error) {
	xattrs := map[lies.Key][]lies.Xattr{}
	err := eachRow(db, "SELECT dev, ino, name, value FROM xattrs ORDER BY dev, ino, name", func(row *sqlite.Stmt) {
		key := lies.Key{Dev: uint64(row.ColumnInt(0)), Ino: uint64(row.ColumnInt(1))}
		x := lies.Xattr{Name: row.ColumnText(2), Value: row.ColumnBlob(3)}
		list := xattrs[key]
		if n := len(list); n > 0 && list[n-1].Name == x.Name {
			list[n-1] = x
			return
		}
		xattrs[key] = append(list, x)
	})
	if err != nil {
		return nil, err
	}
	var out []foreign.Entry
	seen := map[lies.Key]bool{} // hard links have a row for each path
	err = eachRow(db, "SELECT dev, ino, path, uid, gid, mode, rdev FROM files WHERE deleting = 0 ORDER BY path", func(row *sqlite.Stmt) {
		uid, gid := uint32(row.ColumnInt(3)), uint32(row.ColumnInt(4))
		e := foreign.Entry{
			Dev: uint64(row.ColumnInt(0)), Ino: uint64(row.ColumnInt(1)), Path: row.ColumnText(2), UID: uid, GID: gid,
			Mode: uint32(row.ColumnInt(5)), Rdev: uint64(row.ColumnInt(6)), XattrsOnly: uid == noID && gid == noID,
		}
		if e.Path == nameless {
			e.Path = ""
		}
		key := lies.Key{Dev: e.Dev, Ino: e.Ino}
		if seen[key] {
			return
		}
		seen[key] = true
		e.Xattrs = xattrs[key]
		out = append(out, e)
	})
	return out, err
}

func eachRow(db *sqlite.Conn, query string, do func(*sqlite.Stmt)) error {
	rows, err := db.Prepare(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for {
		if row, err := rows.Step(); err != nil || !row {
			return err
		}
		do(rows)
	}
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
	db, err := sqlite.Open(path, sqlite.Create)
	if err != nil {
		return err
	}
	defer func() {
		if err = errors.Join(err, db.Close()); err != nil {
			os.Remove(path)
		}
	}()
	if err := db.Exec(fmt.Sprintf("%s; BEGIN; INSERT INTO migrations VALUES (1, %d, -1, 'N/A (initial setup)')", schema, schemaVersion)); err != nil {
		return err
	}
	if err := writeTables(db, entries); err != nil {
		return err
	}
	return db.Exec("COMMIT")
}

func writeTables(db *sqlite.Conn, entries []foreign.Entry) error {
	file, err := db.Prepare("INSERT INTO files VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, 0)")
	if err != nil {
		return err
	}
	defer file.Close()
	xattr, err := db.Prepare("INSERT INTO xattrs VALUES (NULL, ?, ?, ?, ?)")
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
		file.Text(1, cmp.Or(e.Path, nameless))
		for i, n := range []int64{int64(e.Dev), int64(e.Ino), uid, gid, int64(e.Mode), int64(e.Rdev)} {
			file.Int(2+i, n)
		}
		if err := file.Run(); err != nil {
			return err
		}
		for _, x := range e.Xattrs {
			xattr.Int(1, int64(e.Dev))
			xattr.Int(2, int64(e.Ino))
			xattr.Text(3, x.Name)
			xattr.TextBytes(4, x.Value)
			if err := xattr.Run(); err != nil {
				return err
			}
		}
	}
	return nil
}
