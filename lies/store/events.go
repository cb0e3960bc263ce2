package store

import (
	"context"
	"database/sql"
	"sync"
	"time"
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
	db *database

	mu      sync.Mutex
	pending []Event
	lost    int // those that went because too many were pending
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
	l.pending = nil
	l.mu.Unlock()

	var err error
	for err == nil && len(taken) > 0 {
		batch := taken[:min(len(taken), batchRecords)]
		if err = l.db.transaction(func(tx *sql.Tx) error { return writeEvents(tx, batch) }); err == nil {
			taken = taken[len(batch):]
		}
	}
	if err == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending = append(taken, l.pending...)
	if over := len(l.pending) - maxUnsavedEvents; over > 0 {
		l.pending = append([]Event(nil), l.pending[over:]...)
		l.lost += over
	}
	return l.db.fail(err)
}

func writeEvents(tx *sql.Tx, batch []Event) error {
	var paths resolver
	in := newInserter(tx, "INSERT INTO events (time, severity, pid, program, syscall, path, claim, result)", 8)
	defer in.close()
	for i := range batch {
		e := &batch[i]
		if err := in.add(e.Time.UnixNano(), int64(e.Severity), int64(e.PID), e.Program, e.Syscall, paths.real(e.Path), e.Claim, e.Result); err != nil {
			return err
		}
	}
	return in.flush()
}

// trim removes the oldest entries beyond MaxEvents.
func (l *events) trim() error {
	_, err := l.db.sql.Exec("DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?", MaxEvents)
	return l.db.fail(err)
}

// eachEvent calls do for every event with a number greater than after until it returns false.
func (d *database) eachEvent(ctx context.Context, after int64, do func(Event) bool) error {
	rows, err := d.sql.QueryContext(ctx, "SELECT * FROM events WHERE id > ? ORDER BY id", after)
	if err != nil {
		return d.fail(err)
	}
	defer rows.Close()
	for rows.Next() {
		var e Event
		var at int64
		if err := rows.Scan(&e.ID, &at, &e.Severity, &e.PID, &e.Program, &e.Syscall, &e.Path, &e.Claim, &e.Result); err != nil {
			return d.fail(err)
		}
		e.Time = time.Unix(0, at)
		if !do(e) {
			return d.fail(rows.Close())
		}
	}
	return d.fail(rows.Err())
}
