// Package host is feign's side of policy plugins: it starts them, asks them once what they want, and ends them.
//
// # Promise
//
// A plugin cannot make a build hang, or fail without a line that says which plugin and why: starts and calls have a time limit, what
// it answers is bounded and checked, and its process ends with feign's, whatever ends that. What is executed is what was
// hashed: the program is copied into sealed memory first. A plugin has nothing of feign's environment, no standard input, no
// descriptors, and no network.
//
// # In a nutshell
//
//	h := host.New(host.Options{})
//	defer h.Close()
//	merged, err := h.Compile(ctx, specs, build) // starts the plugins
//	verdicts := h.Resolve(paths)                // for dynamic prefixes only
//	diagnostics, err := h.Finish(ctx, summary)
//
// # Restarts
//
// A plugin whose process ends in the middle of Describe, Compile or Resolve is started again, once: these calls change
// nothing. One that hangs, answers nonsense or says no is not, nor one that ends in Finish.
//
// # Locks
//
// A Host belongs to one goroutine. Each plugin process has a thread of its own, which started it and waits for it: the
// signal of a parent's death comes when that thread ends, and a tracer that waits with __WNOTHREAD does not see the process.
package host
