package main

import (
	"os"
	"os/exec"
	"syscall"
)

func init() {
	// userns holds where a user may make a user namespace, and mount in it.
	scriptConditions["userns"] = func() bool {
		cmd := exec.Command("true")
		same := func(id int) []syscall.SysProcIDMap {
			return []syscall.SysProcIDMap{{ContainerID: id, HostID: id, Size: 1}}
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags: syscall.CLONE_NEWUSER, Unshareflags: syscall.CLONE_NEWNS,
			UidMappings: same(os.Geteuid()), GidMappings: same(os.Getegid()),
		}
		return cmd.Run() == nil
	}
}
