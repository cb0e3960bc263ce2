//go:build linux

package machine

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/wrapper/doctor"
)

// A diagnosis is what feign doctor --json printed.
type diagnosis struct{ doctor.Report }

func diagnose(t *testing.T, dir string) *diagnosis {
	t.Helper()
	r := feign(t, ordinary, dir, "doctor", "--json")
	d := new(diagnosis)
	if err := json.Unmarshal([]byte(r.stdout), &d.Report); err != nil {
		t.Fatalf("%v: status %d, output %q, errors %q", err, r.status, r.stdout, r.stderr)
	}
	if d.Schema != doctor.Schema || d.Status != r.status {
		t.Errorf("schema %d, status %d in the report and %d of the process", d.Schema, d.Status, r.status)
	}
	return d
}

func (d *diagnosis) find(name string) *doctor.Finding {
	i := slices.IndexFunc(d.Findings, func(f doctor.Finding) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return &d.Findings[i]
}

// shortcomings are the findings that are not as they should be, with their states.
func (d *diagnosis) shortcomings() []string {
	var names []string
	for _, f := range d.Findings {
		if f.State != doctor.OK {
			names = append(names, f.Name+" "+string(f.State))
		}
	}
	return names
}

// port-3, port-4
func TestDoctor(t *testing.T) {
	inMachine(t)
	// What the kernel unpacks itself is a tmpfs, of root, and has birth times from Linux 5.18 on.
	memory, falls := doctor.Full, []string{"dir-cwd note"}
	if older(t, 5, 18) {
		memory, falls = doctor.Losses, []string{"dir-cwd note", "dir-cwd-birth loss"}
	}
	for _, c := range []struct {
		name, dir string
		level     doctor.Level
		falls     []string // short, in the order of the report
	}{
		// Every kernel that there is a machine for has all that feign uses, and ext4 has birth times.
		{"disk", "/tmp", doctor.Full, nil},
		{"memory", "/", memory, falls},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := diagnose(t, c.dir)
			for _, f := range d.Findings {
				t.Logf("%-6s %-20s %s", f.State, f.Name, f.Found)
			}
			if d.Level != c.level {
				t.Errorf("level %s, want %s", d.Level, c.level)
			}
			if got := d.shortcomings(); !slices.Equal(got, c.falls) {
				t.Errorf("falls short in %q, want %q", got, c.falls)
			}
			if f := d.find("system"); f == nil || !strings.Contains(f.Found, release(t)) || !strings.HasSuffix(f.Found, runtime.GOARCH) {
				t.Errorf("the system is %+v", f)
			}
		})
	}
}

// older says whether the kernel is older than a version.
func older(t *testing.T, major, minor int) bool {
	var have [2]int
	if _, err := fmt.Sscanf(release(t), "%d.%d", &have[0], &have[1]); err != nil {
		t.Fatal(err)
	}
	return slices.Compare(have[:], []int{major, minor}) < 0
}

func release(t *testing.T) string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		t.Fatal(err)
	}
	return unix.ByteSliceToString(u.Release[:])
}
