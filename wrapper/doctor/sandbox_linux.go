package doctor

import (
	"os"
	"path/filepath"
	"strings"
)

// gVisorVersion is what gVisor's uname(2) says, whatever the machine's kernel is (pkg/sentry/syscalls/linux/linux64.go).
const gVisorVersion = "#1 SMP Sun Jan 10 15:06:54 PST 2016"

// sandboxes tells by evidence what this process is in; root is "/", but in tests. None of it decides anything: what a sandbox
// does is measured.
func sandboxes(root string, getenv func(string) string, version string) []Sandbox {
	var list []Sandbox
	file := func(kind, path string) {
		if _, err := os.Lstat(filepath.Join(root, path)); err == nil {
			list = append(list, Sandbox{kind, "/" + path})
		}
	}
	env := func(kind, name string) {
		if getenv(name) != "" {
			list = append(list, Sandbox{kind, "$" + name})
		}
	}
	if version == gVisorVersion {
		list = append(list, Sandbox{"gVisor", "uname -v"})
	}
	file("Docker", ".dockerenv")
	file("podman", "run/.containerenv")
	env("Kubernetes", "KUBERNETES_SERVICE_HOST")
	env("Nix build", "NIX_BUILD_TOP")
	if wd := getenv("PWD"); strings.Contains(wd, "/execroot/") {
		list = append(list, Sandbox{"Bazel action", "execroot in $PWD"})
	}
	env("Bazel test", "TEST_SRCDIR")
	if len(list) == 0 {
		env("container", "container") // systemd's interface (container_getenv)
	}
	return list
}
