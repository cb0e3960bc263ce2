package guest

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/ptlib"
)

func TestVerdictOfLongestPrefix(t *testing.T) {
	rules := newVerdicts([]PathRule{
		{Prefix: "/usr", Verdict: Deny},
		{Prefix: "/usr/lib", Verdict: Allow},
		{Prefix: "/usr/lib/secret", Verdict: Hide},
		{Prefix: "/usr/lib/secret", Verdict: Deny, Errno: unix.EPERM},
		{Prefix: "/usr/lib/secret", Verdict: Allow},
		{Prefix: "/srv", Verdict: Report},
	})
	for path, want := range map[string]Verdict{
		"/":                     Allow,
		"/etc":                  Allow,
		"/usr":                  Deny,
		"/usrlocal":             Allow, // no component of its own
		"/usr/bin/cc":           Deny,
		"/usr/lib":              Allow,
		"/usr/lib/libc.so":      Allow,
		"/usr/lib/secret":       Deny, // beats what is said of the same prefix
		"/usr/lib/secret/a/b/c": Deny,
		"/usr/lib/secretly":     Allow,
		"/srv/a":                Report,
	} {
		if rule, _ := rules.find(path); rule.Verdict != want {
			t.Errorf("%s: %v, not %v", path, rule.Verdict, want)
		}
	}
	if rule, _ := rules.find("/usr/lib/secret"); rule.Errno != unix.EPERM {
		t.Errorf("the rule that won is %+v", rule)
	}
}

func TestRootIsAPrefix(t *testing.T) {
	rules := newVerdicts([]PathRule{{Prefix: "/", Verdict: Deny}, {Prefix: "/in", Verdict: Allow}})
	for path, want := range map[string]Verdict{"/": Deny, "/out": Deny, "/in": Allow, "/in/a": Allow} {
		if rule, ok := rules.find(path); !ok || rule.Verdict != want {
			t.Errorf("%s: %v, not %v", path, rule.Verdict, want)
		}
	}
}

func TestOwnerOfLongestPrefix(t *testing.T) {
	owners := newOwners([]OwnerRule{{"/srv", 1, 2}, {"/srv/www", 33, 33}, {"/srv/www", 34, 34}})
	for path, want := range map[string]uint32{"/srv/a": 1, "/srv/www": 34, "/srv/www/b": 34} {
		if o, ok := owners.find(path); !ok || o.UID != want {
			t.Errorf("%s: %+v, not %d", path, o, want)
		}
	}
	if o, ok := owners.find("/home"); ok {
		t.Errorf("/home: %+v", o)
	}
}

func TestPolicyCheck(t *testing.T) {
	for _, c := range []struct {
		policy Policy
		want   string
	}{
		{Policy{}, ""},
		{Policy{Root: "/srv/root", Binds: []Bind{{From: "/proc", To: "/proc"}}}, ""},
		{Policy{Root: "root"}, "not an absolute"},
		{Policy{Root: "/srv/root", Method: RootNamespace}, ""},
		{Policy{Method: RootNamespace, Paths: []PathRule{{Prefix: "/a", Verdict: Hide}}}, "cannot be mounted"},
		{Policy{Method: RootNamespace, Binds: []Bind{{From: "/a", To: "/b", Names: true}}}, "cannot be mounted"},
		{Policy{Binds: []Bind{{From: "/proc/", To: "/proc"}}}, "bind from"},
		{Policy{Binds: []Bind{{From: "/proc", To: "../proc"}}}, "bind to"},
		{Policy{Paths: []PathRule{{Prefix: "/a/../b"}}}, "path rule"},
		{Policy{Paths: []PathRule{{Prefix: "/a", Verdict: 77}}}, "verdict 77"},
		{Policy{Paths: []PathRule{{Prefix: "/a", Verdict: Ask}}}, "nobody to ask"},
		{Policy{Files: []MemFile{{Path: "/etc/passwd", Mode: 0100644}}}, "more than permissions"},
		{Policy{Files: []MemFile{{Path: "etc/passwd"}}}, "not an absolute"},
		{Policy{Files: []MemFile{{Path: "/etc/passwd", Mode: 0644}}}, ""},
		{Policy{Owners: []OwnerRule{{Prefix: ""}}}, "owner rule"},
		{Policy{Owners: []OwnerRule{{Prefix: "/srv", UID: 33}}}, ""},
		{Policy{Errnos: []ErrnoRule{{Sys: ptlib.SysMkdir}}}, "no error"},
	} {
		err := c.policy.check()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, not %q", c.policy, err, c.want)
		}
	}
}

// A directory above what may be seen may be seen.
func TestLeadsTo(t *testing.T) {
	rules := newVerdicts([]PathRule{{Prefix: "/", Verdict: Deny}, {Prefix: "/usr/lib", Verdict: Allow}, {Prefix: "/etc/secret", Verdict: Hide}})
	visible := func(r PathRule) bool { return r.Verdict < Hide }
	for path, want := range map[string]bool{
		"/": true, "/usr": true, "/usr/lib": false, "/usr/lib/x": false, "/usr/bin": false, "/etc": false, "/etc/secret": false, "/u": false,
	} {
		if got := rules.leadsTo(path, visible); got != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}
