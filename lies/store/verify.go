package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"syscall"

	"github.com/feign-build/feign/lies"
)

// Verdict is what comparing a lie with the disk gives.
type Verdict uint8

// The verdicts.
const (
	Good       Verdict = iota // the file is at its path, and it is the one that the lie was recorded for
	Reused                    // its inode number belongs to another file now: the lie will be dropped when that is met
	Absent                    // the file is not at its path: removed or moved; the lie waits for its inode
	Unreadable                // the path cannot be looked at
)

// String returns one word.
func (v Verdict) String() string {
	switch v {
	case Good:
		return "good"
	case Reused:
		return "reused"
	case Absent:
		return "absent"
	case Unreadable:
		return "unreadable"
	}
	return "unknown"
}

// A Finding is the verdict about one lie.
type Finding struct {
	Lie     lies.Lie
	Verdict Verdict
	Why     string // "" for Good
}

// String returns one line.
func (f Finding) String() string {
	path := f.Lie.Path
	if path == "" {
		path = "unknown path"
	}
	s := fmt.Sprintf("%s: %s (device %d:%d, inode %d)", f.Verdict, path, lies.Major(f.Lie.Dev), lies.Minor(f.Lie.Dev), f.Lie.Ino)
	if f.Why != "" {
		s += ": " + f.Why
	}
	return s
}

// Verify compares lies with the disk, with so many goroutines, and calls report for each; one call at a time, in
// no certain order. It changes nothing. The error is that of ctx.
func Verify(ctx context.Context, list []lies.Lie, goroutines int, report func(Finding)) error {
	const share = 256 // lies taken at a time
	var (
		mu   sync.Mutex
		next int
		wg   sync.WaitGroup
	)
	take := func() []lies.Lie {
		mu.Lock()
		defer mu.Unlock()
		from := next
		next = min(next+share, len(list))
		return list[from:next]
	}
	for range max(goroutines, 1) {
		wg.Go(func() {
			var found []Finding
			for part := take(); len(part) > 0 && ctx.Err() == nil; part = take() {
				found = found[:0]
				for i := range part {
					found = append(found, verify(&part[i]))
				}
				mu.Lock()
				for _, f := range found {
					report(f)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

func verify(l *lies.Lie) Finding {
	f := Finding{Lie: *l}
	if l.Path == "" {
		f.Verdict, f.Why = Absent, "its path was never recorded"
		return f
	}
	key, seen, err := lies.Identify(l.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR):
		f.Verdict, f.Why = Absent, "there is no such file"
	case err != nil:
		f.Verdict, f.Why = Unreadable, err.Error()
	case key != l.Key:
		f.Verdict, f.Why = Absent, fmt.Sprintf("another file is there, inode %d", key.Ino)
	default:
		if reason := l.Compare(seen); reason != 0 {
			f.Verdict, f.Why = Reused, reason.String()
		}
	}
	return f
}
