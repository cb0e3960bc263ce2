package cred_test

import (
	"fmt"

	"github.com/feign-build/feign/wrapper/guest/acl"
	"github.com/feign-build/feign/wrapper/guest/cred"
)

func Example() {
	root := cred.Root(cred.CAP_CHECKPOINT_RESTORE)
	shadow := cred.Inode{Mode: 0o100640, GID: 42}

	www, errno := root.SetRESUID(33, 33, 33) // setresuid in one task ...
	fmt.Println("dropped:", errno == 0)
	fmt.Println("www reads shadow:", www.Permission(shadow, acl.Read) == 0)
	fmt.Println("root reads shadow:", root.Permission(shadow, acl.Read) == 0) // ... leaves the others alone

	su := cred.FileCred{Mode: 0o104755}
	again, secure, _ := www.Exec(su)
	fmt.Println("su runs as:", again.EUID(), "for", again.UID(), "AT_SECURE", secure)
	// Output:
	// dropped: true
	// www reads shadow: false
	// root reads shadow: true
	// su runs as: 0 for 33 AT_SECURE true
}
