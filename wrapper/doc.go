// Package wrapper runs one build action as a user without privileges and lets
// it believe that it is root.
//
// # Promise
//
// A run is a pure function of its plan: what the action may see of the
// caller's surroundings stands in the [Plan], which can be printed before
// anything is run. A control that was asked for and cannot be had is an error
// or a message, never silently left out.
//
// The names and values of the configuration are stable: a file that this
// version accepts means the same to later ones. The Go interface follows the
// module's major version.
//
// # In a nutshell
//
//	cfg, err := wrapper.LoadConfig("feign.toml") // or wrapper.Defaults()
//	err = cfg.Set("hermetic.network=loopback")   // as --set does
//	caller, err := wrapper.CallerFromOS()
//	plan, err := cfg.Plan(caller, nil) // or an argv that replaces action.command
//	status, err := wrapper.Run(ctx, plan, wrapper.RunOptions{})
//
// A [Config] is what the user wrote, laid over one of two sets of defaults:
// [Defaults], which is what fakeroot users expect, and [HermeticDefaults],
// which a file with an [action] or [hermetic] section starts from. A [Plan] is
// what that means for one caller: resolved, absolute, and plain data. [Run]
// does it. docs/CONFIG.md lists every key.
//
// # Additions to the design's list of keys
//
// Every control can be switched alone; these keys do it for those that the
// design names without a key: action.rlimits, manifest.import, hermetic.aslr,
// hermetic.close_fds and hermetic.refuse.
//
// # Locks
//
// A Config belongs to one goroutine, a Plan is not changed after it was made
// and may be shared. Each Run has one lock, between the goroutine that gets
// signals and the tracer's thread; nothing is called while it is held but
// kill(2). Several Runs in one process do not know of each other, but each
// gives the signals of the process to its action.
package wrapper
