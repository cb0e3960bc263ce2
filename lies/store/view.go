package store

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"slices"
	"time"

	"github.com/feign-build/feign/lies"
)

// A View reads a state, also while somebody writes it. It sees what has been committed.
type View struct {
	dir   string
	files *database
	log   *database // nil: there is none yet
}

// OpenView opens a state for reading.
func OpenView(dir string) (*View, error) {
	if err := mustExist(dir); err != nil {
		return nil, err
	}
	v := &View{dir: dir}
	var err error
	if v.files, err = filesKind.openCurrent(dir); err != nil {
		return nil, err
	}
	if v.log, err = logKind.openCurrent(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		v.files.close()
		return nil, err
	}
	return v, nil
}

// openCurrent opens a database for reading. One of an earlier version, which nobody can be writing, becomes one of this
// version first.
func (k *kind) openCurrent(dir string) (*database, error) {
	d, err := k.open(dir, false)
	if err != nil {
		return nil, err
	}
	version, err := d.version()
	if err != nil || version == k.newest() {
		return d, d.fail(err)
	}
	if err := d.close(); err != nil {
		return nil, err
	}
	lock, err := acquire(dir, "bringing it to this version", lockPatience)
	if err != nil {
		return nil, err
	}
	defer lock.Release()
	return k.open(dir, true)
}

// Close ends the reading.
func (v *View) Close() error {
	err := v.files.close()
	if v.log != nil {
		err = errors.Join(err, v.log.close())
	}
	return err
}

// A Filter selects lies. Every part that is not empty must fit.
type Filter struct {
	Paths []string // the recorded path is one of these, or below; see Below
	UIDs  []uint32 // the claimed owner is one of these
	Types []uint32 // the type that is told is one of these S_IFMT values
}

// Matches reports whether the filter selects a lie.
func (f *Filter) Matches(l *lies.Lie) bool {
	return f.matchesPath(l.Path) &&
		(len(f.UIDs) == 0 || l.Has&lies.HasUID != 0 && slices.Contains(f.UIDs, l.UID)) &&
		(len(f.Types) == 0 || slices.Contains(f.Types, l.ModeOf(l.Type)&typeMask))
}

func (f *Filter) matchesPath(path string) bool {
	return len(f.Paths) == 0 || slices.ContainsFunc(f.Paths, func(dir string) bool { return Below(path, dir) })
}

// Lies iterates over the lies that a filter selects, in the order of their paths. An error ends it.
func (v *View) Lies(ctx context.Context, f Filter) iter.Seq2[lies.Lie, error] {
	return func(yield func(lies.Lie, error) bool) {
		err := v.files.each(ctx, "ORDER BY path, dev, ino", func(l lies.Lie) bool {
			return !f.Matches(&l) || yield(l, nil)
		})
		if err != nil {
			yield(lies.Lie{}, err)
		}
	}
}

// An EventFilter selects events. Every part that is not empty must fit.
type EventFilter struct {
	Paths []string
	Least Severity // and above
}

// Events iterates over the events after the one with the number after (0: all), oldest first. An error ends it.
func (v *View) Events(ctx context.Context, after int64, f EventFilter) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		if v.log == nil {
			return
		}
		paths := Filter{Paths: f.Paths}
		err := v.log.eachEvent(ctx, after, func(e Event) bool {
			return e.Severity < f.Least || !paths.matchesPath(e.Path) || yield(e, nil)
		})
		if err != nil {
			yield(Event{}, err)
		}
	}
}

// followTime is how often Follow looks whether the log has grown.
const followTime = 100 * time.Millisecond

// Follow is Events, and goes on with those that are added, until ctx is done, which is no error.
func (v *View) Follow(ctx context.Context, after int64, f EventFilter) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		tick := time.NewTicker(followTime)
		defer tick.Stop()
		for {
			for e, err := range v.Events(ctx, after, f) {
				if ctx.Err() != nil {
					return
				}
				if !yield(e, err) || err != nil {
					return
				}
				after = e.ID
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}
}
