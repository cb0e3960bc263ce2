package wrapper

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/store"
	"github.com/feign-build/feign/wrapper/guest"
)

// openState makes the index of the run: an empty one, or one with the lies of the plan's state, in which every change is
// saved. The run is the state's one writer until closeState.
func (r *run) openState(ctx context.Context) error {
	p := r.plan.State
	options := lies.Options{OnMismatch: r.dropped}
	if p.Path == "" {
		if r.index = r.options.Lies; r.index == nil {
			r.index = lies.New(options)
		}
		return nil
	}
	r.lockLog()
	lock, err := store.Acquire(p.Path, "feign run -- "+strings.Join(r.plan.Argv, " "))
	if err != nil {
		return stateError(err)
	}
	st, err := store.Open(lock, store.Options{
		Scope: store.Scope{Include: realPaths(p.Include), Ignore: realPaths(p.Ignore)},
		OnError: func(err error) {
			m := stateError(err).Message()
			m.Level, m.Hint = LevelWarning, "what is to be saved is kept in memory, and tried again"
			r.options.log(m)
		},
	})
	if err != nil {
		return stateError(err)
	}
	r.state, options.Observer = st, st
	r.index = lies.New(options)
	if _, err := st.Load(ctx, r.index); err != nil {
		return errors.Join(stateError(err), r.closeState())
	}
	return nil
}

// closeState saves what is left. It may be called though there is no state.
func (r *run) closeState() error {
	if r.state == nil {
		return nil
	}
	err := r.state.Close()
	r.state = nil
	if err != nil {
		return stateError(err)
	}
	return nil
}

// lockLog makes messages from a goroutine of the state's wait for others.
func (r *run) lockLog() {
	log := r.options.Log
	if log == nil {
		return
	}
	var mu sync.Mutex
	r.options.Log = func(m Message) {
		mu.Lock()
		defer mu.Unlock()
		log(m)
	}
}

// dropped reports a lie whose file is gone.
func (r *run) dropped(m lies.Mismatch) {
	r.options.log(Message{Level: LevelWarning, What: m.String()})
	if r.state != nil {
		r.state.Log(store.Event{Severity: store.Warning, Path: m.Met, Claim: "of " + m.Recorded, Result: m.String()})
	}
}

// event writes what the action did to the log of the state.
func (r *run) event(e guest.Event) {
	r.state.Log(store.Event{
		PID: e.PID, Program: e.Program, Syscall: e.Syscall, Path: e.Path, Claim: e.Claim, Result: e.Result,
	})
}

// stateError is an error of package store as one of this package.
func stateError(err error) *Error {
	var e *store.Error
	if errors.As(err, &e) {
		return &Error{What: e.What, Why: e.Reason(), Hint: e.Hint, Err: err}
	}
	return &Error{What: "the state", Err: err}
}

// realPaths resolves symbolic links as far as the paths are there: states have real paths.
func realPaths(paths []string) []string {
	out := make([]string, len(paths))
	for i, path := range paths {
		out[i] = store.RealPath(path)
	}
	return out
}
