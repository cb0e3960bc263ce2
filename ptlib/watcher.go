package ptlib

import "golang.org/x/sys/unix"

// Watcher is a Handler that lets everything happen; embed it to handle only some events.
type Watcher struct{}

// Syscall lets the call run.
func (Watcher) Syscall(*Call) {}

// Refused does nothing; the call fails with ENOSYS.
func (Watcher) Refused(*Thread, ABI, int) {}

// Fork does nothing.
func (Watcher) Fork(_, _ *Thread, _ CloneFlags) {}

// Exec does nothing.
func (Watcher) Exec(_, _ *Thread) {}

// Exit does nothing.
func (Watcher) Exit(*Thread, unix.WaitStatus) {}
