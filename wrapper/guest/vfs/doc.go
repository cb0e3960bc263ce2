// Package vfs says where on the host the files are that a process names, where its root directory is not the host's.
//
// # Promise
//
// A path leads to the file that chroot(2) and mount(2) would have it lead to: by path_resolution(7), with "..", links,
// trailing slashes and the kernel's limits. The package reads links; it opens and changes nothing.
//
// It is no wall. A directory that is moved, or a link that is changed, between a walk and the use of its result may lead
// elsewhere, to a file that the caller may use in any case; and a process whose working directory or descriptors are
// outside its root gets out by them, as it does from chroot(2).
//
// # In a nutshell
//
// A [Namespace] is a table of mounts: places in one tree of virtual paths, and what of the host is there. Processes share it,
// as a mount namespace. Each has a root in it, a virtual path. [Walker.Walk] goes down a path from there.
//
// # Locks
//
// None. A Namespace and its Walkers belong to one goroutine.
package vfs
