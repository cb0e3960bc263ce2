package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
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
	lock, err := acquire(dir, "feign state recover", lockPatience)
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
	if err == nil {
		err = syncDir(dir)
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
	defer d.disconnect()
	verdict, err := d.conn.Text("PRAGMA integrity_check(1)")
	if err != nil {
		return d.fail(err)
	}
	if verdict != "ok" {
		return corrupt(d.path, errors.New(verdict))
	}
	return nil
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
