package guest

import (
	"os"
	"strings"
	"testing"

	"github.com/feign-build/feign/wrapper/guest/cred"
)

// The lines of /proc/PID/status that tell of the tracer, and of its filters.
func TestStatusText(t *testing.T) {
	root := cred.Root(cred.CAP_CHECKPOINT_RESTORE)
	for _, c := range []struct {
		name     string
		filtered uint8
		real     string
		shown    string
	}{
		{"the tracer", 0, "State:\tt (tracing stop)\nTracerPid:\t17\n", "State:\tR (running)\nTracerPid:\t0\n"},
		{"asleep", 0, "State:\tS (sleeping)\n", "State:\tS (sleeping)\n"},
		{"one filter", 0, "Seccomp:\t2\nSeccomp_filters:\t1\n", "Seccomp:\t0\nSeccomp_filters:\t0\n"},
		{"two of ours", filteredDropped, "Seccomp:\t2\nSeccomp_filters:\t2\n", "Seccomp:\t0\nSeccomp_filters:\t0\n"},
		{"a container's", filteredDropped | filteredPassing, "Seccomp:\t2\nSeccomp_filters:\t4\n", "Seccomp:\t2\nSeccomp_filters:\t1\n"},
		{"before Linux 5.9", 0, "Seccomp:\t2\n", "Seccomp:\t0\n"},
		{"other lines", 0, "Name:\ta: b\nUmask:\tx\nodd\n", "Name:\ta: b\nUmask:\tx\nodd\n"},
		{"umask", 0, "Umask:\t0022\n", "Umask:\t0222\n"},
		{"an unfinished line", 0, "Uid:\t1000\t1000\t1000\t1000\nGid:\t5", "Uid:\t0\t0\t0\t0\nGid:\t5"},
	} {
		task := &task{cred: root, fs: &fsContext{umaskHidden: 0200}, filtered: c.filtered}
		if got := string(statusText(nil, task, []byte(c.real))); got != c.shown {
			t.Errorf("%s: %q, not %q", c.name, got, c.shown)
		}
	}
}

// Only a process in the tracer's user namespace is shown as one of the initial namespace.
func TestMapText(t *testing.T) {
	own, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		t.Fatal(err)
	}
	show := procTexts["uid_map"]
	if got := show(&Kernel{}, nil, own); strings.Join(strings.Fields(string(got)), " ") != "0 0 4294967295" {
		t.Errorf("%q", got)
	}
	other := []byte("         0       1000          1\n")
	if got := show(&Kernel{}, nil, other); string(got) != string(other) {
		t.Errorf("%q", got)
	}
	if got := show(&Kernel{real: &realRoot{}}, nil, other); string(got) != "         0          0 4294967295\n" {
		t.Errorf("in a namespace of feign's: %q", got)
	}
}
