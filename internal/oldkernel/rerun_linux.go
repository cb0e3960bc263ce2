package oldkernel

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// variable tells a test binary how old the kernel is to be.
const variable = "FEIGN_OLD_KERNEL"

// Obey begins this process again on a kernel that is as old as its caller wants it. It is for the beginning of TestMain.
func Obey() {
	age := os.Getenv(variable)
	if age == "" {
		return
	}
	os.Unsetenv(variable)
	fmt.Fprintf(os.Stderr, "oldkernel: %v\n", Exec(Age(age), "/proc/self/exe", os.Args, os.Environ()))
	os.Exit(1)
}

// Rerun runs the tests of this binary again as on another kernel, and tells their verdicts: all but the calling one, those whose
// name a regular expression matches, and those that were to be skipped anyway (-test.skip).
func Rerun(t *testing.T, age Age, except string) {
	t.Helper()
	skip := "^" + regexp.QuoteMeta(t.Name()) + "$"
	for _, more := range []string{except, flag.Lookup("test.skip").Value.String()} {
		if more != "" {
			skip += "|" + more
		}
	}
	cmd := exec.Command("/proc/self/exe", "-test.v", "-test.count=1", "-test.skip="+skip)
	if testing.Short() {
		cmd.Args = append(cmd.Args, "-test.short")
	}
	cmd.Env = append(os.Environ(), variable+"="+string(age))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("as on Linux %s: %v\n%s", age, err, out)
		return
	}
	var verdicts strings.Builder
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(strings.TrimSpace(line), "--- ") {
			verdicts.WriteString(line)
		}
	}
	t.Logf("as on Linux %s:\n%s", age, verdicts.String())
}
