package main

import (
	"errors"
	"flag"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/feign-build/feign/lies/store"
)

// stateLog prints the log of a state.
func stateLog(f *flag.FlagSet) func(c *cli, dir string, args []string) (int, error) {
	var filter store.EventFilter
	follow := f.Bool("f", false, "log: go on with what is added, until interrupted")
	asJSON := f.Bool("json", false, "print each as a JSON object on a line")
	f.Func("severity", "log: only what is at least `info|warning|error`", func(s string) error {
		for _, severity := range []store.Severity{store.Info, store.Warning, store.Failure} {
			if s == severity.String() {
				filter.Least = severity
				return nil
			}
		}
		return errors.New("info, warning or error")
	})
	return func(c *cli, dir string, args []string) (_ int, err error) {
		if filter.Paths, err = absolute(args); err != nil {
			return 0, err
		}
		v, err := store.OpenView(dir)
		if err != nil {
			return 0, err
		}
		defer v.Close()
		ctx, interrupted := untilSignal()
		var events iter.Seq2[store.Event, error]
		if *follow {
			events = v.Follow(ctx, 0, filter)
		} else {
			events = v.Events(ctx, 0, filter)
		}
		err = printEach(c, events, *follow, func(e *store.Event) any {
			if *asJSON {
				return jsonEventOf(e)
			}
			return eventLine(e)
		})
		if sig := interrupted(); sig != 0 {
			return 128 + int(sig), nil
		}
		return 0, err
	}
}

// eventLine shows an event: time, severity, process, call, path, claim, result.
func eventLine(e *store.Event) string {
	parts := []string{e.Time.UTC().Format("2006-01-02T15:04:05.000Z"), e.Severity.String()}
	if e.PID != 0 {
		parts = append(parts, fmt.Sprintf("%s[%d]", shown(e.Program), e.PID), e.Syscall)
	}
	if e.Path != "" {
		parts = append(parts, shown(e.Path))
	}
	if e.Claim != "" {
		parts = append(parts, e.Claim)
	}
	return strings.Join(parts, " ") + ": " + e.Result
}

// jsonEvent is an event for machines.
type jsonEvent struct {
	ID       int64     `json:"id"`
	Time     time.Time `json:"time"`
	Severity string    `json:"severity"`
	PID      int       `json:"pid,omitempty"`
	Program  string    `json:"program,omitempty"`
	Syscall  string    `json:"syscall,omitempty"`
	Path     string    `json:"path,omitempty"`
	Claim    string    `json:"claim,omitempty"`
	Result   string    `json:"result"`
}

func jsonEventOf(e *store.Event) jsonEvent {
	return jsonEvent{e.ID, e.Time.UTC(), e.Severity.String(), e.PID, e.Program, e.Syscall, e.Path, e.Claim, e.Result}
}
