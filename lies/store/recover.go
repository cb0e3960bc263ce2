package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/feign-build/feign/lies"
)

// A Recovery tells what Recover did with one database.
type Recovery struct {
	Path  string // of the database
	Why   string // what was wrong with it
	Aside string // what it is called now; "" if there was none
	Saved int    // lies, or entries of the log, that could be read and are in the new database
}

// Recover sets the damaged databases of a state aside, under names that tell the time, and makes new ones of what can
// still be read of them. Databases that are whole stay as they are. The state must not be in use.
func Recover(dir string) (done []Recovery, err error) {
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return nil, &Error{What: "state " + dir, Kind: ErrNone, Err: errors.Unwrap(err)}
	case !info.IsDir() || !ownedByCaller(info):
		return nil, mustExist(dir)
	}
	if err := mustExist(dir); err != nil && !errors.Is(err, ErrCorrupt) {
		return nil, err
	}
	lock, err := acquire(dir, "feign state recover")
	if err != nil {
		return nil, err
	}
	defer lock.Release()
	for _, k := range []*kind{filesKind, logKind} {
		r, err := k.recover(dir)
		if err != nil {
			return done, err
		}
		if r != nil {
			done = append(done, *r)
		}
	}
	return done, nil
}

// recover returns nil if the database is whole.
func (k *kind) recover(dir string) (*Recovery, error) {
	path := filepath.Join(dir, k.file)
	trouble := k.examine(dir)
	switch {
	case trouble == nil:
		return nil, nil
	case errors.Is(trouble, fs.ErrNotExist):
		if k == logKind {
			return nil, nil // the next writer makes it
		}
		return &Recovery{Path: path, Why: "missing"}, k.create(dir)
	case !errors.Is(trouble, ErrCorrupt):
		return nil, trouble
	}
	r := &Recovery{Path: path, Why: trouble.Error()}
	var own *Error
	if errors.As(trouble, &own) {
		r.Why = own.Reason()
	}
	fresh := path + ".new"
	if err := removeAll(fresh, fresh+"-journal"); err != nil {
		return nil, err
	}
	var err error
	if r.Saved, err = k.rescue(path, fresh); err != nil {
		removeAll(fresh, fresh+"-journal")
		return nil, &Error{What: path, Why: "cannot be made anew: " + err.Error(), Err: err}
	}
	if r.Aside, err = setAside(path); err == nil {
		err = os.Rename(fresh, path)
	}
	if err != nil {
		return nil, &Error{What: path, Why: "cannot be set aside: " + err.Error(), Err: err}
	}
	return r, nil
}

// examine opens a database and has SQLite look at all of it.
func (k *kind) examine(dir string) error {
	d, err := k.open(dir, false)
	if err != nil {
		return err
	}
	defer d.sql.Close()
	var verdict string
	if err := d.sql.QueryRow("PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return d.fail(err)
	}
	if verdict != "ok" {
		return corrupt(d.path, errors.New(verdict))
	}
	return nil
}

// rescue makes the database fresh of what can be read of a damaged one, and returns how many records that is. It works on a
// copy: SQLite would change what it reads when it takes the write-ahead log in.
func (k *kind) rescue(path, fresh string) (n int, err error) {
	copied := path + ".copy"
	defer removeAll(copied, copied+"-wal", copied+"-shm")
	if err := errors.Join(copyFile(copied, path), copyFile(copied+"-wal", path+"-wal")); err != nil {
		return 0, err
	}
	// writable_schema makes SQLite go on where the file is shorter than its header says (btree.c, lockBtree).
	damaged, err := openFile(copied, "mode=rw&_pragma=writable_schema(1)")
	if err != nil {
		return 0, err
	}
	defer damaged.Close()
	err = k.createAt(fresh, func(d *database) error {
		if k == logKind {
			n, err = rescueEvents(&database{k, copied, damaged}, d)
		} else {
			n, err = rescueLies(&database{k, copied, damaged}, d)
		}
		return err
	})
	return n, err
}

// rescueLies reads from both ends, so that what is behind a damaged page is reached too. What cannot be read is no error.
func rescueLies(damaged, fresh *database) (int, error) {
	found := map[lies.Key]*lies.Lie{}
	note := func(l lies.Lie) bool {
		found[l.Key] = &l
		return true
	}
	xattrs, _ := damaged.xattrs(context.Background())
	damaged.eachWith(context.Background(), "ORDER BY dev, ino", xattrs, note)
	damaged.eachWith(context.Background(), "ORDER BY dev DESC, ino DESC", xattrs, note)
	f := files{db: fresh, pending: found}
	n := len(found)
	return n, f.commit()
}

func rescueEvents(damaged, fresh *database) (int, error) {
	l := events{db: fresh}
	damaged.eachEvent(context.Background(), 0, func(e Event) bool {
		l.put(e)
		return true
	})
	n := len(l.pending)
	return n, l.commit()
}

// setAside gives a database and its write-ahead log another name, and returns it. Under the old name the database stays
// until another one takes its place, so that there is one at any time.
func setAside(path string) (aside string, err error) {
	stamp := time.Now().UTC().Format("20060102T150405")
	for n := 0; ; n++ {
		aside = fmt.Sprintf("%s.damaged-%s", path, stamp)
		if n > 0 {
			aside += fmt.Sprintf("-%d", n)
		}
		err = os.Link(path, aside)
		if !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	if err != nil {
		return "", err
	}
	if err := os.Rename(path+"-wal", aside+"-wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return aside, removeAll(path + "-shm")
}

// copyFile copies a file, if it is there.
func copyFile(to, from string) error {
	in, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return removeAll(to)
	}
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
