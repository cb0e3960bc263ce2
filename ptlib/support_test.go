package ptlib

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// port-2: a build for a platform that there is no port to ends with a sentence.
func TestUnsupportedPlatform(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command")
	}
	for _, platform := range []string{"darwin/arm64", "windows/amd64", "linux/mips64"} {
		goos, goarch, _ := strings.Cut(platform, "/")
		cmd := exec.Command("go", "vet", ".")
		cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "GOPROXY=off", "GOFLAGS=-mod=readonly", "GOTOOLCHAIN=local")
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "your_operating_system_or_processor_is_not_supported_by_ptlib") {
			t.Errorf("%s: %v: %s", platform, err, out)
		}
	}
}
