package wire

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/feign-build/feign/plugins"
	pb "github.com/feign-build/feign/plugins/policyv1"
)

func ids(uid, gid uint32) plugins.Identity {
	return plugins.Identity{UID: &uid, GID: &gid, Groups: []uint32{4, 24}}
}

// every has a rule of every kind, each with all fields set.
func every() *plugins.Ruleset {
	return &plugins.Ruleset{
		Root:     &plugins.Root{Path: "/srv/root", Method: "auto"},
		Binds:    []plugins.Bind{{From: "/proc", To: "/proc", ReadOnly: true}},
		Paths:    []plugins.PathRule{{Prefix: "/", Verdict: plugins.Report}, {Prefix: "/secret", Verdict: plugins.Deny, Errno: "ENOENT"}},
		Dynamic:  []plugins.Dynamic{{Prefix: "/dyn", Default: plugins.Hide}},
		Files:    []plugins.File{{Path: "/etc/motd", Data: []byte("hi\n"), Mode: 0o644, UID: 1, GID: 2}},
		Users:    []plugins.User{{Name: "www", UID: 33, GID: 33, Gecos: "Web", Home: "/var/www", Shell: "/bin/sh", Password: "x"}},
		Groups:   []plugins.Group{{Name: "www", GID: 33, Members: []string{"www", "a.b"}}},
		Accounts: "/srv/etc",
		Owners:   []plugins.Owner{{Prefix: "/srv", UID: 33, GID: 34}},
		Identity: ids(5, 6),
		Env:      []plugins.Env{{Name: "A", Value: "b"}, {Name: "C", Unset: true}},
		Uname:    plugins.Uname{Nodename: "builder"},
		Network:  "deny",
		Errnos:   []plugins.Errno{{Syscall: "sethostname", Errno: "EPERM"}},
	}
}

func TestRulesetRoundTrip(t *testing.T) {
	for _, r := range []*plugins.Ruleset{{}, every()} {
		b, err := proto.Marshal(EncodeRuleset(r))
		if err != nil {
			t.Fatal(err)
		}
		got, err := UnmarshalRuleset(b)
		if err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("%v\n got %+v\nwant %+v", err, got, r)
		}
	}
	if _, err := DecodeRuleset(nil); err == nil {
		t.Error("no ruleset at all is taken for one")
	}
}

// A rule's kind that no field of the message carries would be lost on the way.
func TestEveryKind(t *testing.T) {
	seen := map[plugins.Kind]bool{}
	for _, r := range every().Rules("") {
		seen[r.Kind] = true
	}
	for _, k := range plugins.Kinds() {
		if !seen[k] {
			t.Errorf("no rule of kind %s", k)
		}
	}
}

func TestCallsRoundTrip(t *testing.T) {
	d := Description{plugins.Info{Name: "n", Version: "1", Summary: "s", Kinds: []plugins.Kind{plugins.KindEnv}}, true, true}
	if got, err := DecodeDescription(EncodeDescription(d)); err != nil || !reflect.DeepEqual(got, d) {
		t.Errorf("%+v, %v", got, err)
	}
	b := plugins.Build{Dir: "/d", Argv: []string{"a"}, Env: []string{"E=1"}, Config: []byte(`{"a":1}`)}
	if got := DecodeBuild(EncodeBuild(b)); !reflect.DeepEqual(got, b) {
		t.Errorf("%+v", got)
	}
	s := plugins.Summary{Status: 3, Accounts: "/a", Files: []plugins.File{{Path: "/etc/passwd", Data: []byte("x"), Mode: 0o644, UID: 1, GID: 2}}, Accesses: []plugins.Access{{Path: "/x", PID: 7, Program: "cc", Syscall: "openat", Verdict: plugins.Deny}}}
	if got := DecodeSummary(EncodeSummary(s)); !reflect.DeepEqual(got, s) {
		t.Errorf("%+v", got)
	}
	list := []plugins.Diagnostic{{Severity: plugins.Warning, What: "w", Why: "y", Hint: "h"}}
	if got, err := DecodeDiagnostics(EncodeDiagnostics(list)); err != nil || !reflect.DeepEqual(got, list) {
		t.Errorf("%+v, %v", got, err)
	}
	v := []plugins.Verdict{plugins.Allow, plugins.Deny}
	if got, err := DecodeVerdicts(EncodeVerdicts(v), 2); err != nil || !reflect.DeepEqual(got, v) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		err  func() error
		want string
	}{
		{func() error { _, err := DecodeDescription(&pb.DescribeReply{Name: "x"}); return err }, "without a name or a version"},
		{func() error {
			_, err := DecodeDescription(&pb.DescribeReply{Name: "x", Version: "1", Kinds: []string{"wish"}})
			return err
		}, `unknown kind "wish"`},
		{func() error { _, err := DecodeVerdicts(&pb.ResolveReply{}, 1); return err }, "0 verdicts for 1 paths"},
		{func() error { _, err := DecodeVerdicts(&pb.ResolveReply{Verdicts: []pb.Verdict{77}}, 1); return err }, "no verdict"},
		{func() error { _, err := DecodeVerdicts(&pb.ResolveReply{Verdicts: []pb.Verdict{-1}}, 1); return err }, "no verdict"},
		{func() error {
			_, err := DecodeDiagnostics(&pb.FinishReply{Diagnostics: []*pb.Diagnostic{{Severity: "error"}}})
			return err
		}, "without a text"},
		{func() error {
			_, err := DecodeDiagnostics(&pb.FinishReply{Diagnostics: []*pb.Diagnostic{{Severity: "fatal", What: "x"}}})
			return err
		}, "no severity"},
	} {
		if err := tt.err(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
}

// Whatever bytes a plugin sends: no panic, and what is accepted is valid, has a text, and comes back the same.
func FuzzRuleset(f *testing.F) {
	for _, r := range []*plugins.Ruleset{{}, every()} {
		b, err := proto.Marshal(EncodeRuleset(r))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := UnmarshalRuleset(b)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("an error of several lines: %q", err)
			}
			return
		}
		m, err := plugins.Merge("/srv", []plugins.Compiled{{Plugin: "p", Rules: r}})
		if err != nil {
			t.Fatalf("valid, and in conflict with itself: %v", err)
		}
		if got, want := strings.Count(m.Canonical(), "\n"), len(m.Owned)+1; got != want {
			t.Errorf("%d lines for %d rules", got, want)
		}
		again, err := proto.MarshalOptions{Deterministic: true}.Marshal(EncodeRuleset(r))
		if err != nil {
			return // a string that is no UTF-8: Unmarshal lets none through, so there is none
		}
		r2, err := UnmarshalRuleset(again)
		if err != nil {
			t.Fatalf("encoded again it is refused: %v", err)
		}
		final, err := proto.MarshalOptions{Deterministic: true}.Marshal(EncodeRuleset(r2))
		if err != nil || !bytes.Equal(again, final) {
			t.Errorf("%v: not the same when encoded again", err)
		}
	})
}
