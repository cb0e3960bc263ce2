// Package guest is the kernel as the action sees it: it answers the system calls of an ordinary user's processes as
// Linux would answer them for root.
//
// # Promise
//
// What only root may do is remembered, as lies about files and as credentials of tasks, and every later answer agrees with
// what is remembered. A call is emulated, passed to the real kernel on purpose, or refused with an error that programs
// handle; there is one table that says which ([Table]), and the filter is made from it.
//
// # In a nutshell
//
// A [Kernel] is a ptlib.Handler. Each subject has a file: stat, own (chown), mode (chmod and umask), node (mknod), create,
// link (unlink, rename, link), xattr, ids and caps (credentials), exec, dac (permissions), proc, sock. A file has the rows
// of its calls, and a function for each that decides at the call's entry and, mostly, again at its end: the real call
// is made by the tracee itself, so that paths, descriptors and races are the kernel's own business, and the lie is applied
// to its answer. A change of owner is turned into a statx(2) of the same file, which tells what file the lie is about.
//
// # Locks
//
// None: a Kernel belongs to one tracer thread.
package guest
