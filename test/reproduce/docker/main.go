// Command docker prints a configuration for an OCI runtime (config.json) with which a command runs as Docker would run it:
// Docker's own default seccomp profile, capabilities and masked paths.
//
// It is a module of its own, so that feign itself does not depend on Docker's code.
//
//	docker ROOTFS UID CMD [ARG]...
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"

	"github.com/moby/profiles/seccomp"
	"github.com/opencontainers/runtime-spec/specs-go"
)

// capabilities are those that Docker leaves to a container's root (github.com/moby/moby, oci/caps.DefaultCapabilities).
var capabilities = []string{
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID", "CAP_SETUID",
	"CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL", "CAP_AUDIT_WRITE",
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "docker:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 3 {
		return fmt.Errorf("usage: docker ROOTFS UID CMD [ARG]")
	}
	uid, err := strconv.ParseUint(args[1], 10, 32)
	if err != nil {
		return err
	}
	spec := container(args[0], uint32(uid), args[2:])
	if spec.Linux.Seccomp, err = seccomp.GetDefaultProfile(spec); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(spec)
}

func container(rootfs string, uid uint32, argv []string) *specs.Spec {
	caps := &specs.LinuxCapabilities{Bounding: capabilities}
	if uid == 0 {
		caps.Effective, caps.Permitted = capabilities, capabilities
	}
	return &specs.Spec{
		Version: "1.0.2", // which older runtimes know too
		Process: &specs.Process{
			User:         specs.User{UID: uid, GID: uid},
			Args:         argv,
			Env:          []string{"PATH=/bin"},
			Cwd:          "/work",
			Capabilities: caps,
		},
		Root:     &specs.Root{Path: rootfs},
		Hostname: "container",
		Mounts: []specs.Mount{
			{Destination: "/proc", Type: "proc", Source: "proc", Options: []string{"nosuid", "noexec", "nodev"}},
			{Destination: "/dev", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "strictatime", "mode=755", "size=65536k"}},
		},
		Linux: &specs.Linux{
			Namespaces: []specs.LinuxNamespace{
				{Type: specs.MountNamespace}, {Type: specs.NetworkNamespace}, {Type: specs.UTSNamespace},
				{Type: specs.PIDNamespace}, {Type: specs.IPCNamespace},
			},
			MaskedPaths:   []string{"/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/scsi"},
			ReadonlyPaths: []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"},
		},
	}
}
