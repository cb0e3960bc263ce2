package acl_test

import (
	"fmt"

	"github.com/feign-build/feign/wrapper/guest/acl"
)

func Example() {
	// A directory whose files are to be readable by user 33.
	def := acl.ACL{
		{Tag: acl.UserObj, Perm: acl.Read | acl.Write | acl.Exec, ID: acl.UndefinedID},
		{Tag: acl.User, Perm: acl.Read | acl.Exec, ID: 33},
		{Tag: acl.GroupObj, Perm: acl.Read, ID: acl.UndefinedID},
		{Tag: acl.Mask, Perm: acl.Read | acl.Exec, ID: acl.UndefinedID},
		{Tag: acl.Other, ID: acl.UndefinedID},
	}
	value := def.Encode() // of system.posix_acl_default
	def, errno := acl.Parse(value)
	if errno != 0 {
		fmt.Println(errno)
	}
	file := acl.Create(def, 0o100666, 0o077) // the umask does not count
	fmt.Printf("%#o %v\n", file.Mode, file.Access)
	fmt.Println(file.Access.Chmod(0o600))
	// Output:
	// 0100640 u::rw-,u:33:r-x,g::r--,m::r--,o::---
	// u::rw-,u:33:r-x,g::r--,m::---,o::---
}
