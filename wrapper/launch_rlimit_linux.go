package wrapper

import (
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sys/unix"
)

// rlimitNumbers are the resources by the names of RlimitNames.
var rlimitNumbers = map[string]int{
	"as": unix.RLIMIT_AS, "core": unix.RLIMIT_CORE, "cpu": unix.RLIMIT_CPU, "data": unix.RLIMIT_DATA,
	"fsize": unix.RLIMIT_FSIZE, "locks": unix.RLIMIT_LOCKS, "memlock": unix.RLIMIT_MEMLOCK,
	"msgqueue": unix.RLIMIT_MSGQUEUE, "nice": unix.RLIMIT_NICE, "nofile": unix.RLIMIT_NOFILE,
	"nproc": unix.RLIMIT_NPROC, "rss": unix.RLIMIT_RSS, "rtprio": unix.RLIMIT_RTPRIO,
	"rttime": unix.RLIMIT_RTTIME, "sigpending": unix.RLIMIT_SIGPENDING, "stack": unix.RLIMIT_STACK,
}

// setRlimits sets the soft limits of a process that has not run yet. They hold from its first instruction; the stack's size is
// a matter of the next execve (fs/exec.c, bprm_mm_init takes the limit before).
func setRlimits(pid int, limits map[string]Limit) error {
	return eachRlimit(pid, limits, func(what string, resource int, lim *unix.Rlimit) error {
		if err := unix.Prlimit(pid, resource, lim, nil); err != nil {
			return &Error{What: what, Err: err}
		}
		return nil
	})
}

// checkRlimits returns the error that setRlimits would for a child of this process.
func checkRlimits(limits map[string]Limit) error {
	return eachRlimit(0, limits, func(string, int, *unix.Rlimit) error { return nil })
}

// eachRlimit calls do with what is to be set for each of the limits.
func eachRlimit(pid int, limits map[string]Limit, do func(what string, resource int, lim *unix.Rlimit) error) error {
	for _, name := range slices.Sorted(maps.Keys(limits)) {
		what := "action.rlimits." + name
		resource, ok := rlimitNumbers[name]
		if !ok {
			return &Error{What: what, Why: "no such resource"}
		}
		var lim unix.Rlimit
		if err := unix.Prlimit(pid, resource, nil, &lim); err != nil {
			return &Error{What: what, Err: err}
		}
		want := uint64(limits[name])
		if want > lim.Max {
			return &Error{
				What: what,
				Why:  fmt.Sprintf("%s is above the caller's hard limit, %s", showLimit(want), showLimit(lim.Max)),
				Hint: "lower it, or raise the hard limit outside (ulimit -H)",
			}
		}
		lim.Cur = want
		if err := do(what, resource, &lim); err != nil {
			return err
		}
	}
	return nil
}

func showLimit(n uint64) string { return fmt.Sprint(Limit(n).toml()) }
