package passwd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/feign-build/feign/plugins"
	"github.com/feign-build/feign/plugins/plugintest"
)

func TestMain(m *testing.M) {
	plugintest.Serve(&Policy{})
	os.Exit(m.Run())
}

// pinned are the rules that every reader needs, with others.
func pinned(other ...string) []string {
	for _, path := range hidden {
		other = append(other, "path "+path+" hide")
	}
	return append(other, "file /etc/nsswitch.conf 0644 0:0 176 sha256:fd7e23f9c14642165bc91ae0d46551773ff87ba652db9fb14bf53574e8310a18")
}

func accounts(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var machine = []string{
	`user root 0:0 root /root /bin/sh ""`, `user nobody 65534:65534 nobody /nonexistent /usr/sbin/nologin ""`,
	`group root 0 ""`, `group nogroup 65534 ""`,
}

// ps-7
func TestPolicy(t *testing.T) {
	dir := accounts(t, map[string]string{
		"passwd": "root:x:0:0:r:/root:/bin/bash\n+nis\nbroken:x\nwww:x:33:33:Web:/var/www:/bin/sh\nwww:x:34:34::/:/\nbad id:x:1:1::/:/\n",
		"group":  "root:x:0:\nwww:x:33:a,b\n",
		"shadow": "root:$y$x:1:0:9:7:::\n",
	})
	after := accounts(t, map[string]string{
		"passwd": "root:x:0:0:root:/root:/bin/sh\nwww:x:40:33::/var/www:/bin/sh\nnew:x:41:41::/home/new:/bin/sh\n",
		"group":  "root:x:0:\nwww:x:33:new\nnogroup:x:65534:\n",
	})
	plugintest.Run(t, &Policy{}, []plugintest.Case{
		{Name: "nothing but the machine's", Want: pinned()},
		{Name: "inline", Config: `{"users": [{"name": "www", "uid": 33, "gid": 33, "home": "/var/www", "shell": "/bin/sh"}], "groups": [{"name": "www", "gid": 33, "members": []}]}`,
			Want:    pinned(append([]string{`user www 33:33 "" /var/www /bin/sh ""`, `group www 33 ""`}, machine...)...),
			Summary: &plugins.Summary{Accounts: after},
			Says: []string{
				"info: the action added the user new: uid 41, gid 41, home /home/new, shell /bin/sh",
				"info: the action removed the user nobody",
				"info: the action changed the user www: uid 40, gid 33, home /var/www, shell /bin/sh",
				"info: the action changed the group www: gid 33, members new",
			}},
		{Name: "left in memory", Config: `{"users": [{"name": "www", "uid": 33}]}`,
			Want: pinned(append([]string{`user www 33:33 "" /nonexistent /usr/sbin/nologin ""`, `group www 33 ""`}, machine...)...),
			Summary: &plugins.Summary{Files: []plugins.File{
				{Path: "/etc/passwd", Data: []byte("root:x:0:0:root:/root:/bin/sh\nwww:x:33:33::/nonexistent:/usr/sbin/nologin\n")},
				{Path: "/etc/group", Data: []byte("root:x:0:\nnogroup:x:65534:\nwww:x:33:\n")},
			}},
			Says: []string{"info: the action removed the user nobody"}},
		{Name: "left in memory, too much", Config: `{"users": [{"name": "www", "uid": 33}]}`,
			Want:    pinned(append([]string{`user www 33:33 "" /nonexistent /usr/sbin/nologin ""`, `group www 33 ""`}, machine...)...),
			Summary: &plugins.Summary{Files: []plugins.File{{Path: "/etc/passwd", Data: make([]byte, plugins.MaxFileSize+1)}}},
			Says:    []string{"warning: the accounts that the action left cannot be read: passwd: larger than 4194304 bytes"}},
		{Name: "a group of its own", Config: `{"users": [{"name": "a", "uid": 7}]}`,
			Want: pinned(append([]string{`user a 7:7 "" /nonexistent /usr/sbin/nologin ""`, `group a 7 ""`}, machine...)...)},
		{Name: "files", Dir: dir, Config: `{"files": "."}`, Want: pinned("accounts .")},
		{Name: "files below the inline ones", Dir: dir, Config: `{"files": ".", "groups": [{"name": "www", "gid": 99}]}`,
			Want: pinned(`user root 0:0 r /root /bin/bash $y$x`, `user www 33:33 Web /var/www /bin/sh ""`, `group root 0 ""`, `group www 99 ""`)},
		{Name: "no files", Config: `{"files": "/nonexistent"}`, Error: "config.files: open /nonexistent/passwd: no such file"},
		{Name: "no uid", Config: `{"users": [{"name": "a"}]}`, Error: "config.users[0]: want name and uid"},
		{Name: "no gid", Config: `{"groups": [{"name": "a"}]}`, Error: "config.groups[0]: want name and gid"},
		{Name: "twice", Config: `{"groups": [{"name": "a", "gid": 1}, {"name": "a", "gid": 2}]}`, Error: `two rules for "group a"`},
		{Name: "a colon", Config: `{"users": [{"name": "a", "uid": 1, "home": "/a:b"}]}`, Error: `a colon, a newline or a NUL in "/a:b"`},
		{Name: "a negative id", Config: `{"users": [{"name": "a", "uid": -1}]}`, Error: "config.users.uid: want uint32"},
	})
}

func TestFiles(t *testing.T) {
	files := Files([]plugins.User{{Name: "a", UID: 1, GID: 2, Gecos: "A", Home: "/a", Shell: "/s"}, {Name: "b", Password: "$6$x"}},
		[]plugins.Group{{Name: "g", GID: 2, Members: []string{"a", "b"}}})
	want := map[string]string{
		"/etc/passwd": "a:x:1:2:A:/a:/s\nb:x:0:0:::\n", "/etc/shadow": "a:*::0:99999:7:::\nb:$6$x::0:99999:7:::\n",
		"/etc/group": "g:x:2:a,b\n", "/etc/gshadow": "g:*::a,b\n", "/etc/subuid": "", "/etc/subgid": "",
	}
	for _, f := range files {
		if text, ok := want[f.Path]; !ok || text != string(f.Data) {
			t.Errorf("%s: %q, want %q", f.Path, f.Data, text)
		}
		if secret := strings.HasSuffix(f.Path, "shadow"); secret != (f.Mode == 0o640) {
			t.Errorf("%s: mode %o", f.Path, f.Mode)
		}
	}
	if len(files) != len(want) {
		t.Errorf("%d files", len(files))
	}
}

// Whatever the files of a machine or a tree hold: accounts that are valid, and that come back the same.
func FuzzAccounts(f *testing.F) {
	f.Add("root:x:0:0:root:/root:/bin/sh\n", "root:x:0:\n", "root:*:1::::::\n")
	f.Add("+::::::\na:b\nx:x:4294967295:0:::\n", "g:x:1:a,,b\n", "x")
	f.Fuzz(func(t *testing.T, passwd, group, shadow string) {
		d := Database{Users: parseUsers([]byte(passwd), parseShadow([]byte(shadow))), Groups: parseGroups([]byte(group))}
		r := plugins.Ruleset{Users: d.Users, Groups: d.Groups}
		if err := r.Validate(); err != nil {
			t.Fatal(err)
		}
		text := map[string][]byte{}
		for _, f := range Files(d.Users, d.Groups) {
			text[f.Path] = f.Data
		}
		again := Database{Users: parseUsers(text["/etc/passwd"], parseShadow(text["/etc/shadow"])), Groups: parseGroups(text["/etc/group"])}
		for i := range d.Users {
			d.Users[i].Password = or(d.Users[i].Password, "*")
		}
		if c := d.changes(&again); len(c) > 0 {
			t.Errorf("%q", c)
		}
	})
}
