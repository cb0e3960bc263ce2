// Package store keeps lies beyond the end of the action that they were told to: in a state, a directory with two SQLite
// databases. docs/STATE.md describes the directory, the databases and what becomes of them after a crash.
//
// # Promise
//
// A lie that Flush or Close has returned nil for outlives the end of the process, whatever ends it. Of what was recorded
// since, at most a batch (50 ms or 1,000 records) is lost. What cannot be saved is kept in memory, tried again, and told by
// Close. A damaged database, and one of a later feign, is refused by its name and never written; only Recover sets one
// aside, and deletes nothing. One process at a time writes a state; any number read it meanwhile.
//
// Whoever records never waits for the disk.
//
// # In a nutshell
//
//	lock, err := store.Acquire("state", "feign run")     // the directory, flock(2)
//	st, err := store.Open(lock, store.Options{})         // both databases, brought to this version
//	ix := lies.New(lies.Options{Observer: st})           // from now on every change is saved
//	n, err := st.Load(ctx, ix)                           // what was known
//	...
//	err = st.Flush(ctx)                                  // all that was recorded so far
//	err = st.Close()                                     // the rest; gives the state free
//
//	v, err := store.OpenView("state")                    // needs no lock
//	for lie, err := range v.Lies(ctx, store.Filter{Paths: []string{"/srv/root"}}) { ... }
//
// A daemon that serves several invocations opens one Store for one Index, and flushes when an invocation ends. The process
// that starts it acquires the lock and hands Lock.File over, so that nobody comes between them: InheritLock.
//
// # Goroutines and lock order
//
// A Store and a View may be used by any number of goroutines. A Store has two goroutines of its own, one for each database,
// and a lock for what is pending for each; nothing is called while one is held, so the order is: a shard of the Index (which
// calls Changed and Forgotten with its lock held), then the pending lies. Options.OnError is called without locks. Each database has one
// connection with a lock, which is held for a transaction, and for as long as a View iterates: no iteration inside another one.
package store
