package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/feign-build/feign/lies"
)

// files is the table of lies: what is pending for it, and how it is written.
type files struct {
	db         *database
	scope      Scope
	attributed map[lies.Key]bool // those that may have attributes in the table; the writer's own

	mu      sync.Mutex
	pending map[lies.Key]*lies.Lie // nil: to be forgotten
}

// open finds out which files have attributes.
func (f *files) open(db *database) error {
	f.db = db
	xattrs, err := db.xattrs(context.Background())
	f.attributed = make(map[lies.Key]bool, len(xattrs))
	for key := range xattrs {
		f.attributed[key] = true
	}
	return db.fail(err)
}

// put makes a change pending and returns how many are. Only the last change of each file matters.
func (f *files) put(key lies.Key, lie *lies.Lie) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.pending == nil {
		f.pending = make(map[lies.Key]*lies.Lie)
	}
	f.pending[key] = lie
	return len(f.pending)
}

func (f *files) unsaved() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.pending)
}

// commit writes what is pending, in transactions of a batch each. What could not be written is pending again, unless it has
// been changed meanwhile.
func (f *files) commit() error {
	f.mu.Lock()
	taken := f.pending
	f.pending = nil
	f.mu.Unlock()

	settle(taken)
	// In the order of the table, so that a batch changes few pages.
	keys := slices.SortedFunc(maps.Keys(taken), func(a, b lies.Key) int {
		return cmp.Or(cmp.Compare(int64(a.Dev), int64(b.Dev)), cmp.Compare(int64(a.Ino), int64(b.Ino)))
	})
	var err error
	for err == nil && len(keys) > 0 {
		batch := keys[:min(len(keys), batchRecords)]
		if err = f.db.transaction(func(tx *sql.Tx) error { return f.writeLies(tx, batch, taken) }); err == nil {
			for _, key := range batch {
				delete(taken, key)
			}
			keys = keys[len(batch):]
		}
	}
	if err == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for key, lie := range f.pending {
		taken[key] = lie
	}
	f.pending = taken
	return f.db.fail(err)
}

// settle makes the paths of lies real ones.
func settle(changes map[lies.Key]*lies.Lie) {
	var r resolver
	for _, lie := range changes {
		if lie != nil {
			lie.Path = r.file(lie)
		}
	}
}

func (f *files) writeLies(tx *sql.Tx, keys []lies.Key, changes map[lies.Key]*lies.Lie) error {
	w := &filesWriter{files: f, tx: tx, put: newInserter(tx, "INSERT OR REPLACE INTO files", 12), putXattr: newInserter(tx, "INSERT INTO xattrs", 5)}
	defer w.close()
	for _, key := range keys {
		if err := w.writeInScope(&f.scope, key, changes[key]); err != nil {
			return err
		}
	}
	return errors.Join(w.put.flush(), w.putXattr.flush())
}

// filesWriter writes changes in one transaction, each key once.
type filesWriter struct {
	*files
	tx            *sql.Tx
	put, putXattr *inserter

	forget, forgetXattrs statement
}

func (w *filesWriter) close() {
	w.put.close()
	w.putXattr.close()
	w.forget.close()
	w.forgetXattrs.close()
}

// A statement is prepared when it is first used.
type statement struct{ *sql.Stmt }

func (s *statement) run(tx *sql.Tx, text string, values ...any) (err error) {
	if s.Stmt == nil {
		if s.Stmt, err = tx.Prepare(text); err != nil {
			return err
		}
	}
	_, err = s.Exec(values...)
	return err
}

func (s *statement) close() {
	if s.Stmt != nil {
		s.Close()
	}
}

// writeInScope writes a change as far as the scope lets it: what the state has about a file that is out of scope stays as it is. Of
// a file that was in scope and is no longer, what was known stays under its new path.
func (w *filesWriter) writeInScope(scope *Scope, key lies.Key, lie *lies.Lie) error {
	if scope.everything() || lie != nil && scope.Keeps(lie.Path) {
		return w.write(key, lie)
	}
	dev, ino := int64(key.Dev), int64(key.Ino)
	var was string
	switch err := w.tx.QueryRow("SELECT path FROM files WHERE dev = ? AND ino = ?", dev, ino).Scan(&was); {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil || !scope.Keeps(was):
		return err
	case lie == nil:
		return w.write(key, nil)
	}
	_, err := w.tx.Exec("UPDATE files SET path = ? WHERE dev = ? AND ino = ?", lie.Path, dev, ino)
	return err
}

func (w *filesWriter) write(key lies.Key, lie *lies.Lie) error {
	dev, ino := int64(key.Dev), int64(key.Ino)
	if w.attributed[key] {
		if err := w.forgetXattrs.run(w.tx, "DELETE FROM xattrs WHERE dev = ? AND ino = ?", dev, ino); err != nil {
			return err
		}
	}
	if lie == nil {
		return w.forget.run(w.tx, "DELETE FROM files WHERE dev = ? AND ino = ?", dev, ino)
	}
	claimed := func(bit lies.Has, value int64) any {
		if lie.Has&bit == 0 {
			return nil
		}
		return value
	}
	err := w.put.add(dev, ino, int64(lie.Type&typeMask), nanoseconds(lie.Btime), nanoseconds(lie.Ctime), lie.Path,
		claimed(lies.HasUID, int64(lie.UID)), claimed(lies.HasGID, int64(lie.GID)),
		claimed(lies.HasMode, int64(lie.Mode&^typeMask)), claimed(lies.HasType, int64(lie.Mode&typeMask)),
		claimed(lies.HasType, int64(lie.Rdev)), int64(lie.Generation))
	for i := range lie.Xattrs {
		if err != nil {
			return err
		}
		x := &lie.Xattrs[i]
		w.attributed[key] = true
		err = w.putXattr.add(dev, ino, x.Name, x.Value, x.Hidden)
	}
	return err
}

// typeMask are the S_IFMT bits of a mode.
const typeMask = 0o170000

// nanoseconds is how a time is kept; see the schema.
func nanoseconds(t lies.Timespec) int64 { return t.Sec*1e9 + int64(t.Nsec) }

func timespec(n int64) lies.Timespec {
	sec, nsec := n/1e9, n%1e9
	if nsec < 0 {
		sec, nsec = sec-1, nsec+1e9
	}
	return lies.Timespec{Sec: sec, Nsec: uint32(nsec)}
}

// each calls do for every lie until it returns false. order is SQL, "" being the order of device and inode number.
func (d *database) each(ctx context.Context, order string, do func(lies.Lie) bool) error {
	xattrs, err := d.xattrs(ctx)
	if err != nil {
		return d.fail(err)
	}
	rows, err := d.sql.QueryContext(ctx, "SELECT * FROM files "+order)
	if err != nil {
		return d.fail(err)
	}
	defer rows.Close()
	for rows.Next() {
		lie, err := scanLie(rows)
		if err != nil {
			return d.fail(err)
		}
		lie.Xattrs = xattrs[lie.Key]
		if !do(lie) {
			return d.fail(rows.Close())
		}
	}
	return d.fail(rows.Err())
}

// lieRow is a record of the table files.
type lieRow struct {
	dev, ino, typ, btime, ctime int64
	path                        string
	uid, gid, mode, node, rdev  sql.NullInt64
	generation                  int64
}

func scanLie(rows *sql.Rows) (lies.Lie, error) {
	var r lieRow
	err := rows.Scan(&r.dev, &r.ino, &r.typ, &r.btime, &r.ctime, &r.path, &r.uid, &r.gid, &r.mode, &r.node, &r.rdev, &r.generation)
	return r.lie(), err
}

func (r *lieRow) lie() lies.Lie {
	l := lies.Lie{
		Key: lies.Key{Dev: uint64(r.dev), Ino: uint64(r.ino)},
		Identity: lies.Identity{
			Type: uint32(r.typ), Btime: timespec(r.btime), Ctime: timespec(r.ctime),
			Generation: uint32(r.generation), NoBtime: r.generation != 0,
		},
		Path: r.path,
	}
	if r.uid.Valid {
		l.Has, l.UID = l.Has|lies.HasUID, uint32(r.uid.Int64)
	}
	if r.gid.Valid {
		l.Has, l.GID = l.Has|lies.HasGID, uint32(r.gid.Int64)
	}
	if r.mode.Valid {
		l.SetMode(uint32(r.mode.Int64))
	}
	if r.node.Valid {
		l.SetType(uint32(r.node.Int64), uint64(r.rdev.Int64))
	}
	return l
}

// xattrs reads the attributes of all files: few have any.
func (d *database) xattrs(ctx context.Context) (map[lies.Key][]lies.Xattr, error) {
	rows, err := d.sql.QueryContext(ctx, "SELECT * FROM xattrs ORDER BY dev, ino, name")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[lies.Key][]lies.Xattr{}
	for rows.Next() {
		var dev, ino int64
		var x lies.Xattr
		if err := rows.Scan(&dev, &ino, &x.Name, &x.Value, &x.Hidden); err != nil {
			return out, err
		}
		key := lies.Key{Dev: uint64(dev), Ino: uint64(ino)}
		out[key] = append(out[key], x)
	}
	return out, errors.Join(rows.Err(), rows.Close())
}
