//go:build linux && !riscv64

package main

import "golang.org/x/sys/unix"

const sysRenameat = unix.SYS_RENAMEAT
