// Package cred is the credentials of a task as Linux keeps them, and what they
// let the task do: user and group ids, capabilities, securebits, what each call
// that changes them answers, what execve makes of them, and whether a file may
// be read, deleted, given away.
//
// # Promise
//
// Given the same facts, every function answers what Linux 6.18 answers in its
// initial user namespace with no security module but commoncap: the same errno,
// in the same order of precedence, and the same state afterwards. The tests do
// random sequences of calls on the running kernel and on the model and compare
// all of the state after every step. The package makes no system call.
//
// # In a nutshell
//
//	c := cred.Root(40)                              // /proc/sys/kernel/cap_last_cap
//	c, errno := c.SetRESUID(33, 33, 33)             // setresuid
//	next, secure, errno := c.Exec(cred.FileCred{Mode: 0o104755}) // execve
//	errno = c.Permission(ino, acl.Read|acl.Write)   // open
//	ino, dropCaps, errno := c.Chown(ino, 0, 0)      // chown
//	text := c.Status(text)                          // /proc/PID/status
//
// A [Cred] never changes: every method that would change it returns another
// one, so that fork and clone share the pointer, and a method that fails returns
// its receiver. An errno of zero is success; the errnos of package syscall mean
// what they mean on Linux, whatever platform this is built for.
//
// Ids of ^uint32(0) are the "-1" of the system calls. The 16-bit calls of old
// ABIs (setuid16 and so on) widen 0xffff to it before they come here.
//
// There are no locks.
package cred
