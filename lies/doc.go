// Package lies keeps what is claimed about files: the owner, mode, device number and extended attributes that an action
// believes a file to have, and that the file does not have, because only root could have given them to it.
//
// # Promise
//
// A lie belongs to one inode, for as long as that inode lives. It is found by device and inode number, and it is told
// only about the file that it was recorded for: an inode number that has been reused for another file never inherits a
// lie. The identity of a file is its type on the disk, its birth time where the file system has one, else the generation of its
// inode, and its ctime as a shortcut: a file whose ctime is the one last seen need not be looked at more closely. A lie whose file is gone is
// dropped and reported with the path it was recorded for and the path that was met; it is never an error.
// What no check can tell apart is an inode freed and reused behind our back within one tick of the kernel's
// clock (a few milliseconds), by a file of the same type; a tracer therefore calls Forget at the last unlink.
//
// An index holds a million lies with their paths in less than 150 MB, and a lookup allocates nothing.
//
// # In a nutshell
//
//	ix := lies.New(lies.Options{OnMismatch: func(m lies.Mismatch) { log.Print(m) }})
//	ix.Update(key, identity, path, func(c *lies.Claim) { c.SetOwner(0, 42) })     // chown
//	claim, outcome := ix.Lookup(key, identity, nil)                              // stat
//	switch outcome {
//	case lies.Found:      // claim says what to answer
//	case lies.NeedsBtime: // ask statx(2) for the birth time, and look up again
//	default:              // nothing is claimed
//	}
//	ix.Forget(key)                                                               // last unlink
//
// An Observer is told of every change; package store below is one, and keeps lies beyond the end of the process. What it kept
// comes back by Load.
//
// # Goroutines and lock order
//
// An Index may be used by any number of goroutines. It is divided into shards, each with a read-write lock of its own;
// the names of directories have one more. The order is: shard, then directories. No two shards are locked at once.
// OnMismatch and Met are called without locks. An Observer, and the function given to Update, are called
// with the lock of a shard held and must not call the Index.
package lies
