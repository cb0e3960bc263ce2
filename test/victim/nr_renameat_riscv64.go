//go:build linux

package main

import "golang.org/x/sys/unix"

// sysRenameat is renameat2(2): processors that came after it have no renameat(2). Its flags are the argument that nobody gives.
const sysRenameat = unix.SYS_RENAMEAT2
