// Package wire turns what package plugins speaks of into messages and back. What comes from a plugin is checked here: no
// ruleset that is not valid gets any further.
//
// # Locks
//
// No locks.
package wire
