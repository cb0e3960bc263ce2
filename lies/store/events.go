package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/feign-build/feign/lies/internal/sqlite"
)

// Severity is the weight of an Event.
type Severity uint8

// The severities, in rising order.
const (
	Info    Severity = iota // a lie was told
	Warning                 // a lie was dropped, or something else is not as the caller may expect
	Failure                 // something could not be done
)

// String returns a lower case word.
func (s Severity) String() string {
	switch s {
	case Info:
		return "info"
	case Warning:
		return "warning"
	case Failure:
		return "error"
	}
	return "unknown"
}

// An Event is one entry of the log.
type Event struct {
	ID       int64 // rises; given by the log
	Time     time.Time
	Severity Severity
	PID      int    // of the process that made the call; 0 is feign itself
	Program  string // that it ran
	Syscall  string
	Path     string
	Claim    string // what was claimed, as a few words
	Result   string
}

// maxUnsavedEvents bounds how many are kept in memory while they cannot be saved. Beyond that the oldest go: they are about
// lies, and no lies.
const maxUnsavedEvents = 100_000

// MaxEvents is how many entries the log keeps, about: the oldest go when the state is closed.
const MaxEvents = 1_000_000

// events is the log: what is pending for it, and how it is written.
type events struct {
	db     *database
	last   int64  // number of the last event that is saved; the writer's own
	buffer []byte // the writer's own

	mu      sync.Mutex
	pending []Event
	spare   []Event // what was pending before, to be used again
	lost    int     // those that went because too many were pending
}

// open finds out where the log ends.
func (l *events) open(db *database) error {
	l.db = db
	return db.fail(l.findLast())
}

func (l *events) findLast() error {
	l.db.mu.Lock()
	defer l.db.mu.Unlock()
	last, err := l.db.conn.Int("SELECT coalesce(max(last), 0) FROM runs")
	if err == nil {
		l.last = last
	}
	return err
}

func (l *events) put(e Event) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending = append(l.pending, e)
	return len(l.pending)
}

func (l *events) unsaved() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.pending) + l.lost
}

func (l *events) commit() error {
	l.mu.Lock()
	taken := l.pending
	l.pending, l.spare = l.spare[:0], nil
	l.mu.Unlock()

	var paths resolver
	for i := range taken {
		taken[i].Path = paths.real(taken[i].Path)
	}
	paths.close()
	left := taken
	var err error
	for len(left) > 0 {
		batch := left[:min(len(left), batchRecords)]
		if err = l.db.transaction(func() error { return l.write(batch) }); err != nil {
			break
		}
		l.last += int64(len(batch))
		left = left[len(batch):]
	}
	if err != nil {
		_ = l.findLast() // a commit that failed may be in effect
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil {
		if clear(taken); cap(taken) <= spareMost {
			l.spare = taken
		}
		return nil
	}
	l.pending = append(slices.Clone(left), l.pending...)
	if over := len(l.pending) - maxUnsavedEvents; over > 0 {
		l.pending = slices.Clone(l.pending[over:])
		l.lost += over
	}
	return l.db.fail(err)
}

// write writes a batch, as runs of so many events as fit in a page.
func (l *events) write(batch []Event) error {
	put, err := l.db.statement("INSERT INTO runs VALUES (?, ?, ?)")
	if err != nil {
		return err
	}
	last := l.last
	for len(batch) > 0 {
		var n int
		l.buffer, n = appendRun(l.buffer[:0], batch, runBytes)
		last += int64(n)
		put.Int(1, last)
		put.Int(2, int64(n))
		put.TextBytes(3, l.buffer)
		if err := put.Run(); err != nil {
			return err
		}
		batch = batch[n:]
	}
	return nil
}

// trim removes the oldest entries beyond MaxEvents.
func (l *events) trim() error {
	return l.db.fail(l.db.exec(fmt.Sprintf("DELETE FROM runs WHERE last <= (SELECT max(last) FROM runs) - %d", MaxEvents)))
}

// eachEvent calls do for every event with a number greater than after until it returns false.
func (d *database) eachEvent(ctx context.Context, after int64, do func(Event) bool) error {
	var bad error
	err := d.query(ctx, "SELECT last, events FROM runs WHERE last > ? ORDER BY last", func(s *sqlite.Stmt) { s.Int(1, after) },
		func(s *sqlite.Stmt) bool {
			var run []Event
			last := s.ColumnInt(0)
			if run, bad = parseRun(s.ColumnText(1)); bad != nil {
				bad = corrupt(d.path, fmt.Errorf("entry %d: %w", last, bad))
				return false
			}
			for i := range run {
				if run[i].ID = last - int64(len(run)-1-i); run[i].ID > after && !do(run[i]) {
					return false
				}
			}
			return true
		})
	return d.fail(cmp.Or(bad, err))
}
