//go:build !linux

package wrapper

import (
	"context"
	"runtime"
)

// Run runs the action. On this operating system there is no tracer, and it
// returns an [*Error].
func Run(context.Context, *Plan, RunOptions) (status int, err error) { return 0, noTracer() }

// Detach is Run with a daemon as the tracer, see [Run].
func Detach(context.Context, *Plan, RunOptions) (status int, err error) { return 0, noTracer() }

// Serve is the daemon's side of Detach, see [Run].
func Serve([]string) error { return noTracer() }

// StopDaemon ends the daemon of a state, of which there is none here.
func StopDaemon(string) (stopped bool, err error) { return false, nil }

func noTracer() error {
	return &Error{What: "cannot run an action on " + runtime.GOOS, Why: "feign traces on Linux only", Hint: "feign pack and feign manifest work here"}
}
