// Package acl is POSIX access control lists as Linux keeps them: the value of
// the extended attributes system.posix_acl_access and
// system.posix_acl_default, what setting them does to a file's mode, what
// chmod and file creation do to them, and whom they let in.
//
// # Promise
//
// Given the same facts, every function answers what fs/posix_acl.c of Linux
// 6.18 answers on a file system with ACL support (ext4, xfs, btrfs): the same
// errno, the same mode, the same bytes. The tests compare each of them with the
// running kernel. The package makes no system call and holds no state.
//
// # In a nutshell
//
//	v, errno := acl.Set(acl.Access, value, node, who) // setxattr
//	node.Mode, node.Access = v.Mode, v.Access
//	n, errno := acl.Get(acl.Access, node)            // getxattr
//	a, mode := node.Access.Chmod(mode)               // chmod
//	made := acl.Create(dir.Default, mode, umask)     // open(O_CREAT), mkdir, mknod
//	errno := a.Permission(uid, gid, who, acl.Read)   // access checks
//
// An [ACL] is a slice that nobody changes in place: every function returns a
// new one, so that values may be shared between files. The nil ACL means that
// the file has none.
//
// There are no locks.
package acl
