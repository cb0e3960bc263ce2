package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/internal/sqlite"
)

// files is the table of lies: what is pending for it, and how it is written.
type files struct {
	db         *database
	scope      Scope
	attributed map[lies.Key]bool // those that may have attributes in the table; the writer's own
	order      []place           // the writer's own, to be used again
	rows       []*lies.Lie       // that are to be written, at most rowsAtOnce

	mu      sync.Mutex
	pending []change // in the order of time
	spare   []change // what was pending before, to be used again
}

// A change is what has become of a file's lie.
type change struct {
	lie       lies.Lie
	forgotten bool // only the key counts
	last      bool // of those of its file
}

// A place is where a change stands in a list.
type place struct {
	dev, ino int64 // as the table has them
	n        int
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

// put makes a change pending and returns how many are.
func (f *files) put(l *lies.Lie, forgotten bool) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pending = append(f.pending, change{lie: *l, forgotten: forgotten})
	return len(f.pending)
}

func (f *files) unsaved() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.pending)
}

// commit writes what is pending, in transactions of a batch each. What could not be written is pending again, before what has been
// changed meanwhile.
func (f *files) commit() error {
	f.mu.Lock()
	taken := f.pending
	f.pending, f.spare = f.spare[:0], nil
	f.mu.Unlock()

	left := f.last(taken)
	settle(taken)
	var err error
	for len(left) > 0 {
		batch := left[:min(len(left), batchRecords)]
		if err = f.db.transaction(func() error { return f.write(taken, batch) }); err != nil {
			break
		}
		left = left[len(batch):]
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		again := make([]change, 0, len(left)+len(f.pending))
		for _, p := range left {
			again = append(again, taken[p.n])
		}
		f.pending = append(again, f.pending...)
		return f.db.fail(err)
	}
	if clear(taken); cap(taken) <= spareMost {
		f.spare = taken
	}
	return nil
}

// spareMost is how many changes a list may hold that is kept for the next ones.
const spareMost = 8 * batchRecords

// last selects the last change of each file, in the order of the table, so that a batch changes few pages.
func (f *files) last(list []change) []place {
	order := f.order[:0]
	for i := range list {
		list[i].last = false
		key := list[i].lie.Key
		order = append(order, place{int64(key.Dev), int64(key.Ino), i})
	}
	slices.SortFunc(order, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.dev, b.dev), cmp.Compare(a.ino, b.ino), cmp.Compare(b.n, a.n))
	})
	order = slices.CompactFunc(order, func(a, b place) bool { return a.dev == b.dev && a.ino == b.ino })
	for _, p := range order {
		list[p.n].last = true
	}
	if f.order = order; cap(order) > spareMost {
		f.order = nil
	}
	return order
}

// settle makes the paths of lies real ones.
func settle(list []change) {
	var r resolver
	defer r.close()
	for i := range list {
		if c := &list[i]; c.last && !c.forgotten {
			c.lie.Path = r.file(&c.lie)
		}
	}
}

func (f *files) write(list []change, batch []place) error {
	f.rows = f.rows[:0]
	for _, p := range batch {
		if err := f.writeInScope(&list[p.n]); err != nil {
			return err
		}
		if len(f.rows) == rowsAtOnce {
			if err := f.putRows(putMany, f.rows); err != nil {
				return err
			}
			f.rows = f.rows[:0]
		}
	}
	for i := range f.rows {
		if err := f.putRows(putOne, f.rows[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// rowsAtOnce is how many lies one statement puts into the table: much of what a statement takes is not the row.
const (
	rowsAtOnce = 40
	row        = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	rowColumns = 12
	putOne     = "INSERT OR REPLACE INTO files VALUES " + row
)

var putMany = putOne + strings.Repeat(", "+row, rowsAtOnce-1)

func (f *files) putRows(text string, rows []*lies.Lie) error {
	put, err := f.db.statement(text)
	if err != nil {
		return err
	}
	for i, l := range rows {
		bindLie(put, i*rowColumns, l)
	}
	return put.Run()
}

// writeInScope writes a change as far as the scope lets it: what the state has about a file that is out of scope stays as it is. Of
// a file that was in scope and is no longer, what was known stays under its new path.
func (f *files) writeInScope(c *change) error {
	if f.scope.everything() || !c.forgotten && f.scope.Keeps(c.lie.Path) {
		return f.writeChange(c)
	}
	was, err := f.db.statement("SELECT path FROM files WHERE dev = ? AND ino = ?")
	if err != nil {
		return err
	}
	bindKey(was, 1, c.lie.Key)
	known, err := was.Step()
	path := was.ColumnText(0)
	was.Reset()
	switch {
	case err != nil || !known || !f.scope.Keeps(path):
		return err
	case c.forgotten:
		return f.writeChange(c)
	}
	move, err := f.db.statement("UPDATE files SET path = ? WHERE dev = ? AND ino = ?")
	if err != nil {
		return err
	}
	move.Text(1, c.lie.Path)
	bindKey(move, 2, c.lie.Key)
	return move.Run()
}

func (f *files) writeChange(c *change) error {
	if f.attributed[c.lie.Key] {
		if err := f.delete("DELETE FROM xattrs WHERE dev = ? AND ino = ?", c.lie.Key); err != nil {
			return err
		}
	}
	if c.forgotten {
		return f.delete("DELETE FROM files WHERE dev = ? AND ino = ?", c.lie.Key)
	}
	f.rows = append(f.rows, &c.lie)
	if len(c.lie.Xattrs) == 0 {
		return nil
	}
	return f.writeXattrs(&c.lie)
}

func (f *files) delete(text string, key lies.Key) error {
	s, err := f.db.statement(text)
	if err != nil {
		return err
	}
	bindKey(s, 1, key)
	return s.Run()
}

func (f *files) writeXattrs(l *lies.Lie) error {
	put, err := f.db.statement("INSERT INTO xattrs VALUES (?, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	f.attributed[l.Key] = true
	for i := range l.Xattrs {
		x := &l.Xattrs[i]
		bindKey(put, 1, l.Key)
		put.Text(3, x.Name)
		put.Null(4)
		if x.Value != nil {
			put.Blob(4, x.Value)
		}
		put.Int(5, 0)
		if x.Hidden {
			put.Int(5, 1)
		}
		if err := put.Run(); err != nil {
			return err
		}
	}
	return nil
}

func bindKey(s *sqlite.Stmt, i int, key lies.Key) {
	s.Int(i, int64(key.Dev))
	s.Int(i+1, int64(key.Ino))
}

// bindLie binds the columns of the table files, after so many parameters.
func bindLie(s *sqlite.Stmt, after int, l *lies.Lie) {
	claimed := func(i int, bit lies.Has, value int64) {
		if l.Has&bit != 0 {
			s.Int(after+i, value)
		} else {
			s.Null(after + i)
		}
	}
	bindKey(s, after+1, l.Key)
	s.Int(after+3, int64(l.Type&typeMask))
	s.Int(after+4, nanoseconds(l.Btime))
	s.Int(after+5, nanoseconds(l.Ctime))
	s.Text(after+6, l.Path)
	claimed(7, lies.HasUID, int64(l.UID))
	claimed(8, lies.HasGID, int64(l.GID))
	claimed(9, lies.HasMode, int64(l.Mode&^typeMask))
	claimed(10, lies.HasType, int64(l.Mode&typeMask))
	claimed(11, lies.HasType, int64(l.Rdev))
	s.Int(after+12, int64(l.Generation))
}
