//go:build !linux

package wrapper

import (
	"context"
	"runtime"
)

// Run runs the action. On this operating system there is no tracer, and it
// returns an [*Error].
func Run(context.Context, *Plan, RunOptions) (status int, err error) {
	return 0, &Error{What: "cannot run an action on " + runtime.GOOS, Why: "feign traces on Linux only", Hint: "feign pack and feign manifest work here"}
}
