package plugins

import (
	"errors"
	"strings"
	"testing"
)

func TestMerge(t *testing.T) {
	a := &Ruleset{
		Root: &Root{Path: "/b/root", Method: "auto"}, Paths: []PathRule{{Prefix: "/x", Verdict: Deny}, {Prefix: "/y", Verdict: Allow}},
		Env: []Env{{Name: "A", Value: "1 2"}},
	}
	b := &Ruleset{Paths: []PathRule{{Prefix: "/x", Verdict: Allow}, {Prefix: "/y", Verdict: Hide}}, Binds: []Bind{{From: "/b", To: "/m", ReadOnly: true}}}
	m, err := Merge("/b", []Compiled{{"a", a}, {"b", b}})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Paths) != 2 || m.Paths[0].Verdict != Deny || m.Paths[1].Verdict != Hide {
		t.Errorf("deny does not beat allow: %+v", m.Paths)
	}
	want := "feign ruleset 1\nroot ./root\nbind /m . ro\npath /x allow\npath /x deny\npath /y allow\npath /y hide\nenv A = \"1 2\"\n"
	if got := m.Canonical(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	// The order of the plugins is not in the digest, and neither is the place of the build.
	moved := *a
	moved.Root = &Root{Path: "/elsewhere/root", Method: "auto"}
	b.Binds[0].From = "/elsewhere"
	m2, err := Merge("/elsewhere", []Compiled{{"b", b}, {"a", &moved}})
	if err != nil || m2.Digest() != m.Digest() {
		t.Errorf("%v: %s", err, m2.Canonical())
	}
	if m.Owned[0].Plugin != "a" || m.Owned[1].Plugin != "b" {
		t.Errorf("owners: %+v", m.Owned)
	}
}

// Two plugins that claim one field are an error that names both and the field.
func TestMergeConflicts(t *testing.T) {
	uid := uint32(5)
	for field, r := range map[string]Ruleset{
		"root":              {Root: &Root{Path: "/r", Method: "auto"}},
		"bind /m":           {Binds: []Bind{{From: "/a", To: "/m"}}},
		"dynamic /d":        {Dynamic: []Dynamic{{Prefix: "/d", Default: Deny}}},
		"file /f":           {Files: []File{{Path: "/f"}}},
		"user www":          {Users: []User{{Name: "www"}}},
		"group www":         {Groups: []Group{{Name: "www"}}},
		"accounts":          {Accounts: "/e"},
		"owner /o":          {Owners: []Owner{{Prefix: "/o"}}},
		"identity.uid":      {Identity: Identity{UID: &uid}},
		"identity.gid":      {Identity: Identity{GID: &uid}},
		"identity.groups":   {Identity: Identity{Groups: []uint32{1}}},
		"env.A":             {Env: []Env{{Name: "A"}}},
		"uname.nodename":    {Uname: Uname{Nodename: "n"}},
		"network":           {Network: "deny"},
		"errno sethostname": {Errnos: []Errno{{"sethostname", "EPERM"}}},
	} {
		if err := r.Validate(); err != nil {
			t.Errorf("%s: %v", field, err)
		}
		other := r
		_, err := Merge("", []Compiled{{"one", &r}, {"two", &other}})
		var c *ConflictError
		if !errors.As(err, &c) || err.Error() != `plugins "one" and "two" both set `+field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestValidate(t *testing.T) {
	none := ^uint32(0)
	long := strings.Repeat("x", 70)
	for want, r := range map[string]Ruleset{
		`root "r": not an absolute`:               {Root: &Root{Path: "r", Method: "auto"}},
		`method "magic" is none`:                  {Root: &Root{Path: "/r", Method: "magic"}},
		`bind from "/a/../b": not an absolute`:    {Binds: []Bind{{From: "/a/../b", To: "/m"}}},
		`bind to "/m/": not an absolute`:          {Binds: []Bind{{From: "/a", To: "/m/"}}},
		`path "/x\x00": not an absolute`:          {Paths: []PathRule{{Prefix: "/x\x00", Verdict: Deny}}},
		`path "/x": none is no verdict`:           {Paths: []PathRule{{Prefix: "/x"}}},
		`an errno without a denial`:               {Paths: []PathRule{{Prefix: "/x", Verdict: Hide, Errno: "EIO"}}},
		`"nope" is not the name of an error`:      {Paths: []PathRule{{Prefix: "/x", Verdict: Deny, Errno: "nope"}}},
		`dynamic "/d": none is no verdict`:        {Dynamic: []Dynamic{{Prefix: "/d"}}},
		`owner /o: 4294967295 is no id`:           {Owners: []Owner{{Prefix: "/o", UID: none}}},
		`file "/": a directory`:                   {Files: []File{{Path: "/"}}},
		`mode 010000 has more than permissions`:   {Files: []File{{Path: "/f", Mode: 0o10000}}},
		`more than 4194304`:                       {Files: []File{{Path: "/f", Data: make([]byte, MaxFileSize+1)}}},
		`user "a:b": not a name`:                  {Users: []User{{Name: "a:b"}}},
		`user "": not a name`:                     {Users: []User{{}}},
		`user "-a": not a name`:                   {Users: []User{{Name: "-a"}}},
		`user "..": not a name`:                   {Users: []User{{Name: ".."}}},
		`a colon, a newline or a NUL in "x\ny"`:   {Users: []User{{Name: "a", Gecos: "x\ny"}}},
		`member "x,y" is not a name`:              {Groups: []Group{{Name: "g", Members: []string{"x,y"}}}},
		`identity: 4294967295 is no id`:           {Identity: Identity{UID: &none}},
		`env "A=B": not the name of a variable`:   {Env: []Env{{Name: "A=B"}}},
		`env "A": unset, with a value`:            {Env: []Env{{Name: "A", Value: "x", Unset: true}}},
		`nodename "` + long + `": more than 64`:   {Uname: Uname{Nodename: long}},
		`network "moon": neither deny`:            {Network: "moon"},
		`errno: "OPEN" is not the name of a syst`: {Errnos: []Errno{{"OPEN", "EPERM"}}},
		`two rules for "env.A"`:                   {Env: []Env{{Name: "A"}, {Name: "A"}}},
	} {
		if err := r.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	many := Ruleset{Errnos: make([]Errno, MaxRules+1)}
	if err := many.Validate(); err == nil || !strings.Contains(err.Error(), "more than 100000") {
		t.Error(err)
	}
}

func TestKinds(t *testing.T) {
	for _, k := range Kinds() {
		if !k.Known() || k.Cost() == "" {
			t.Errorf("%s has no cost", k)
		}
	}
	if Kind("x").Known() || Verdict(9).Valid() || Verdict(0).Valid() || Verdict(9).String() != "verdict 9" {
		t.Error("what is unknown is known")
	}
}
