//go:build linux && amd64

package main

import (
	"golang.org/x/sys/unix"
)

const (
	sysChown  = unix.SYS_CHOWN
	sysLchown = unix.SYS_LCHOWN
)
