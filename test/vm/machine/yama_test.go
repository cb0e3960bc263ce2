//go:build linux

package machine

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

const scopeFile = "/proc/sys/kernel/yama/ptrace_scope"

// A scope is what users are to see under it (admin-guide/LSM/Yama.rst). The last
// one cannot be taken back.
type scope struct {
	number int
	works  bool // for an ordinary user
	root   bool // for a user with CAP_SYS_PTRACE
}

// frng-12
func TestScopes(t *testing.T) {
	inMachine(t)
	for _, s := range []scope{
		{number: 0, works: true, root: true},
		{number: 1, works: true, root: true},
		// Only an administrator attaches; nor may a child ask to be traced.
		{number: 2, root: true},
		{number: 3},
	} {
		t.Run(fmt.Sprint("scope-", s.number), func(t *testing.T) {
			if err := os.WriteFile(scopeFile, fmt.Append(nil, s.number), 0); err != nil {
				t.Fatal(err)
			}
			t.Run("user", func(t *testing.T) { checkRun(t, ordinary, s.works) })
			t.Run("root", func(t *testing.T) { checkRun(t, 0, s.root) })
			t.Run("doctor", s.checkDoctor)
		})
	}
}

// checkRun runs a program that asks who it is: as feign's child, in the place of feign with a daemon as the tracer, and as the child
// that feign gives to a daemon.
func checkRun(t *testing.T, uid uint32, works bool) {
	for name, how := range map[string][]string{"attached": nil, "detached": {"--detach"}, "staying": {"--detach", "--stats"}} {
		t.Run(name, func(t *testing.T) { checkRunAs(t, uid, works, how) })
	}
}

func checkRunAs(t *testing.T, uid uint32, works bool, how []string) {
	args := append(append([]string{"run"}, how...), "--", os.Getenv("FEIGN_VICTIM"), "ids-at-start")
	r := feign(t, uid, "/tmp", args...)
	if works {
		if r.status != 0 || !strings.HasPrefix(r.stdout, "uid 0 0 0 0 gid 0 0 0 0 ") {
			t.Errorf("status %d, output %q, errors %q", r.status, r.stdout, r.stderr)
		}
		return
	}
	if r.status != 125 || !strings.HasPrefix(r.stderr, "feign: ") || !strings.Contains(r.stderr, "ptrace_scope") {
		t.Errorf("status %d, not 125 with a sentence about the scope: %q", r.status, r.stderr)
	}
	if strings.Count(r.stderr, "\n") != 1 {
		t.Errorf("the message is not one line: %q", r.stderr)
	}
}

// checkDoctor asks the doctor, who must come to the same conclusion as the run.
func (s scope) checkDoctor(t *testing.T) {
	report := diagnose(t, "/tmp")
	yama := report.find("yama")
	if yama == nil || !strings.Contains(yama.Found, fmt.Sprint("= ", s.number)) {
		t.Fatalf("the scope is not told: %+v", yama)
	}
	if works := report.Status != 125; works != s.works || (yama.State == "ok") != s.works {
		t.Errorf("status %d, yama: %+v", report.Status, *yama)
	}
	if !s.works && yama.Remedy == "" {
		t.Error("nothing is said about what to do")
	}
}
