package store

import (
	"context"
	"errors"
	"sync"
	"time"
)

// A batch is committed when so many records are pending, or so long after the first of them.
const (
	batchRecords = 1000
	batchTime    = 50 * time.Millisecond
)

// retryMost is the longest pause before records that could not be saved are tried again.
const retryMost = 5 * time.Second

// A writer commits what is pending, from a goroutine of its own, so that nobody who records waits for the disk.
type writer struct {
	commit func() error // commits all that is pending; what it could not commit is pending again
	failed func(error)  // called when commits begin to fail

	wake  chan struct{} // something is pending
	full  chan struct{} // a batch is pending
	flush chan chan error
	quit  chan struct{}
	done  sync.WaitGroup

	mu    sync.Mutex
	cause error // why commits began to fail; nil while they do not
}

func startWriter(commit func() error, failed func(error)) *writer {
	w := &writer{
		commit: commit, failed: failed,
		wake: make(chan struct{}, 1), full: make(chan struct{}, 1), flush: make(chan chan error), quit: make(chan struct{}),
	}
	w.done.Go(w.run)
	return w
}

// pending tells the writer how many records are pending. It does not wait.
func (w *writer) pending(n int) {
	c := w.wake
	if n >= batchRecords {
		c = w.full
	} else if n > 1 {
		return // the first has been told
	}
	select {
	case c <- struct{}{}:
	default:
	}
}

func (w *writer) run() {
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	var pause time.Duration // before the next try, 0 while all is well
	commit := func() error {
		timer.Stop()
		err := w.commit()
		if w.note(err); err == nil {
			pause = 0
			return nil
		}
		if pause == 0 && w.failed != nil {
			w.failed(err)
		}
		pause = min(max(2*pause, 2*batchTime), retryMost)
		timer.Reset(pause)
		return err
	}
	for {
		select {
		case <-w.wake:
			if pause == 0 {
				timer.Reset(batchTime)
			}
		case <-w.full:
			if pause == 0 {
				commit()
			}
		case <-timer.C:
			commit()
		case answer := <-w.flush:
			answer <- commit()
		case <-w.quit:
			return
		}
	}
}

// note keeps the first error of several: a disk that fails makes SQLite find its own file damaged at the next try.
func (w *writer) note(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil || w.cause == nil {
		w.cause = err
	}
}

// why tells why commits began to fail, nil if the last one did not.
func (w *writer) why() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cause
}

var errClosed = errors.New("the state is closed")

// flushNow commits what was pending when it was called.
func (w *writer) flushNow(ctx context.Context) error {
	answer := make(chan error, 1)
	select {
	case w.flush <- answer:
	case <-w.quit:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-answer:
		if err != nil {
			err = w.why()
		}
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stop ends the goroutine; what is pending stays so.
func (w *writer) stop() {
	close(w.quit)
	w.done.Wait()
}
