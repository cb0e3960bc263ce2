package store

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/feign-build/feign/lies"
)

// Options configure a Store. All may be left out.
type Options struct {
	Scope Scope // which lies are kept
	// OnError is told when saving begins to fail. It is called from a goroutine of the Store's.
	OnError func(error)
}

// A Store is the writer of a state. It is the Observer of an Index, or of several.
type Store struct {
	lock    *Lock
	options Options
	files   files
	events  events
	writers struct{ files, events *writer }
	closed  atomic.Bool
}

// Open opens the databases of a locked state, makes those that are missing, and brings older ones to the version of this
// feign. The lock is the Store's from now on, also after an error, and is released by Close.
func Open(lock *Lock, o Options) (s *Store, err error) {
	s = &Store{lock: lock, options: o}
	s.files.scope = o.Scope
	defer func() {
		if err != nil {
			s.closeFiles()
			s = nil
		}
	}()
	db, err := filesKind.openOrCreate(lock.dir)
	if err == nil {
		err = s.files.open(db)
	}
	if err != nil {
		return s, err
	}
	if db, err = logKind.openOrCreate(lock.dir); err == nil {
		err = s.events.open(db)
	}
	if err != nil {
		return s, err
	}
	s.writers.files = startWriter(s.files.commit, o.OnError)
	s.writers.events = startWriter(s.events.commit, nil)
	return s, nil
}

// Load puts the lies that are in scope into an index, and returns how many these are. Its Observer is not told. Lies out of
// scope stay where they are.
func (s *Store) Load(ctx context.Context, ix *lies.Index) (n int, err error) {
	err = s.files.db.each(ctx, "", func(l lies.Lie) bool {
		if s.options.Scope.Keeps(l.Path) {
			ix.Load(l)
			n++
		}
		return true
	})
	return n, err
}

// Changed implements lies.Observer: the lie is going to be saved, if it is in scope. It does not wait.
func (s *Store) Changed(l lies.Lie) {
	s.writers.files.pending(s.files.put(&l, false))
}

// Forgotten implements lies.Observer.
func (s *Store) Forgotten(key lies.Key) {
	s.writers.files.pending(s.files.put(&lies.Lie{Key: key}, true))
}

// Log adds an entry to the log. It does not wait. Time is now if it is not set.
func (s *Store) Log(e Event) {
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	s.writers.events.pending(s.events.put(e))
}

// Flush saves everything that was recorded before it was called: what it returned nil for outlives the end of this process,
// whatever ends it. After an error the records are kept, and tried again in the course of time.
func (s *Store) Flush(ctx context.Context) error {
	return errors.Join(s.writers.files.flushNow(ctx), s.writers.events.flushNow(ctx))
}

// closeTries is how often Close tries to save what could not be saved before.
const closeTries = 3

// Close saves what is left, so that it outlives the end of power too, and gives the state free. The error is of kind ErrUnsaved if something could not be saved; it is
// lost then.
func (s *Store) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	err := s.Flush(context.Background())
	for try := 1; err != nil && try < closeTries; try++ {
		time.Sleep(2 * batchTime)
		err = s.Flush(context.Background())
	}
	s.writers.files.stop()
	s.writers.events.stop()
	if err == nil {
		err = errors.Join(s.events.trim(), s.files.db.syncLog(), s.events.db.syncLog())
	}
	if nl, ne := s.files.unsaved(), s.events.unsaved(); nl+ne > 0 {
		s.closeFiles() // what that says is no news
		return s.unsaved(nl, ne, err)
	}
	return errors.Join(err, s.closeFiles())
}

// unsaved is the error that tells of what is lost, and of the first thing that went wrong.
func (s *Store) unsaved(lies, events int, err error) error {
	for _, w := range []*writer{s.writers.events, s.writers.files} {
		if cause := w.why(); cause != nil {
			err = cause
		}
	}
	why := err.Error()
	var own *Error
	if errors.As(err, &own) {
		why = own.What + ": " + own.Reason()
	}
	return &Error{
		What: "state " + s.lock.dir, Kind: ErrUnsaved, Err: err,
		Why:  fmt.Sprintf("%d lies and %d entries of the log could not be saved: %s", lies, events, why),
		Hint: "make room, and run the action again",
	}
}

func (s *Store) closeFiles() error {
	var errs []error
	for _, db := range []*database{s.files.db, s.events.db} {
		if db != nil {
			errs = append(errs, db.close())
		}
	}
	return errors.Join(append(errs, s.lock.Release())...)
}
