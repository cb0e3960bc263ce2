// Package layers holds tests that keep the parts of the project apart: which package may import which, and which may know
// system call numbers and registers. It has no code of its own.
//
// # Locks
//
// No locks.
package layers
