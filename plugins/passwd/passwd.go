// Package passwd is the policy of users and groups: which ones every reader of the action sees, whatever the machine has.
//
// # In a nutshell
//
//	[[plugin]]
//	name = "passwd"
//	[plugin.config]
//	users  = [{name = "www", uid = 33, gid = 33, home = "/var/www", shell = "/usr/sbin/nologin"}]
//	groups = [{name = "www", gid = 33, members = []}]
//	files  = "rootfs/etc"    # instead of, or below, the inline ones
//
// The files passwd, group, shadow, gshadow, subuid and subgid of /etc are those of the policy: for the C library, which is pinned to
// files by an /etc/nsswitch.conf of its own and whose ways to nscd and systemd-userdb are hidden, and for static and Go
// programs that read the files themselves. After a chroot(2) of the action's own they are those of the new root.
//
// Writers (useradd, groupadd, passwd) write to what they read. With files alone that is the directory named. Inline ones are in files
// in memory, which end with the action; what they had become is told.
//
// # Locks
//
// No locks.
package passwd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/feign-build/feign/plugins"
)

// Policy implements plugins.Policy and plugins.Finisher.
type Policy struct{ before *Database }

type config struct {
	Users  []user  `json:"users"`
	Groups []group `json:"groups"`
	Files  string  `json:"files"`
}

type user struct {
	Name     string  `json:"name"`
	UID      *uint32 `json:"uid"`
	GID      *uint32 `json:"gid"`
	Gecos    string  `json:"gecos"`
	Home     string  `json:"home"`
	Shell    string  `json:"shell"`
	Password string  `json:"password"`
}

type group struct {
	Name    string   `json:"name"`
	GID     *uint32  `json:"gid"`
	Members []string `json:"members"`
}

// nsswitch pins every database of accounts to its file.
const nsswitch = `passwd: files
group: files
shadow: files
gshadow: files
subid: files
hosts: files dns
networks: files
protocols: files
services: files
ethers: files
rpc: files
netgroup: files
`

// hidden are the directories of the sockets by which the C library would ask somebody else, and those that describe users and groups to
// userdbctl(1) and nss-systemd(8).
var hidden = []string{
	"/run/nscd", "/var/run/nscd", "/run/systemd/userdb", "/var/run/systemd/userdb", "/var/lib/sss/pipes",
	"/etc/userdb", "/run/userdb", "/var/run/userdb", "/run/host/userdb", "/usr/local/lib/userdb", "/usr/lib/userdb",
}

// Describe implements plugins.Policy.
func (*Policy) Describe(context.Context) (plugins.Info, error) {
	return plugins.Info{
		Name: "passwd", Version: "1", Summary: "users and groups, inline or from files",
		Kinds: []plugins.Kind{plugins.KindUser, plugins.KindGroup, plugins.KindAccounts, plugins.KindFile, plugins.KindPath},
	}, nil
}

// Compile implements plugins.Policy.
func (p *Policy) Compile(_ context.Context, b plugins.Build) (*plugins.Ruleset, error) {
	var c config
	if err := b.DecodeConfig(&c); err != nil {
		return nil, err
	}
	r := &plugins.Ruleset{Files: []plugins.File{{Path: "/etc/nsswitch.conf", Data: []byte(nsswitch), Mode: 0o644}}}
	for _, dir := range hidden {
		r.Paths = append(r.Paths, plugins.PathRule{Prefix: dir, Verdict: plugins.Hide})
	}
	var below *Database
	if c.Files != "" {
		dir := b.Path(c.Files)
		var err error
		if below, err = ReadDir(dir); err != nil {
			return nil, fmt.Errorf("config.files: %w", err)
		}
		r.Accounts = dir
	}
	p.before = below
	if len(c.Users)+len(c.Groups) == 0 {
		return r, nil
	}
	own, err := c.inline()
	if err != nil {
		return nil, err
	}
	if below == nil {
		below = &Database{Users: everyUser, Groups: everyGroup}
	}
	own.under(below)
	r.Accounts, r.Users, r.Groups = "", own.Users, own.Groups
	p.before = own
	return r, nil
}

// What every system has.
var (
	everyUser = []plugins.User{
		{Name: "root", Gecos: "root", Home: "/root", Shell: "/bin/sh"},
		{Name: "nobody", UID: 65534, GID: 65534, Gecos: "nobody", Home: "/nonexistent", Shell: "/usr/sbin/nologin"},
	}
	everyGroup = []plugins.Group{{Name: "root"}, {Name: "nogroup", GID: 65534}}
)

// inline returns the accounts that the configuration spells out. A user without a gid has a group of its own.
func (c *config) inline() (*Database, error) {
	d := &Database{}
	for i, g := range c.Groups {
		if g.Name == "" || g.GID == nil {
			return nil, fmt.Errorf("config.groups[%d]: want name and gid", i)
		}
		d.Groups = append(d.Groups, plugins.Group{Name: g.Name, GID: *g.GID, Members: g.Members})
	}
	for i, u := range c.Users {
		if u.Name == "" || u.UID == nil {
			return nil, fmt.Errorf("config.users[%d]: want name and uid", i)
		}
		gid := u.GID
		if gid == nil {
			gid = d.groupFor(u.Name, *u.UID)
		}
		d.Users = append(d.Users, plugins.User{
			Name: u.Name, UID: *u.UID, GID: *gid, Gecos: u.Gecos,
			Home: or(u.Home, "/nonexistent"), Shell: or(u.Shell, "/usr/sbin/nologin"), Password: u.Password,
		})
	}
	return d, nil
}

// groupFor returns the id of a user's own group, which is made if there is none of that name.
func (d *Database) groupFor(name string, id uint32) *uint32 {
	for _, g := range d.Groups {
		if g.Name == name {
			return &g.GID
		}
	}
	d.Groups = append(d.Groups, plugins.Group{Name: name, GID: id})
	return &id
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// Finish implements plugins.Finisher: it tells what the action has made of accounts that were spelled out, since nobody else can
// see it any more.
func (p *Policy) Finish(_ context.Context, s plugins.Summary) ([]plugins.Diagnostic, error) {
	if s.Accounts == "" && len(s.Files) == 0 || p.before == nil {
		return nil, nil
	}
	after, err := ReadSummary(s)
	if err != nil {
		return []plugins.Diagnostic{{Severity: plugins.Warning, What: "the accounts that the action left cannot be read", Why: err.Error()}}, nil
	}
	var out []plugins.Diagnostic
	for _, change := range p.before.changes(after) {
		out = append(out, plugins.Diagnostic{Severity: plugins.Note, What: change})
	}
	return out, nil
}

// ReadSummary reads the accounts that an action has left.
func ReadSummary(s plugins.Summary) (*Database, error) {
	if s.Accounts != "" {
		return ReadDir(s.Accounts)
	}
	return read(func(name string) ([]byte, error) {
		for _, f := range s.Files {
			if f.Path == "/etc/"+name {
				return f.Data, nil
			}
		}
		return nil, &os.PathError{Op: "open", Path: "/etc/" + name, Err: os.ErrNotExist}
	})
}

// ReadDir reads the accounts of a directory as /etc is one. passwd and group have to be there.
func ReadDir(dir string) (*Database, error) {
	return read(func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, name)) })
}

// read reads accounts from files that get returns.
func read(get func(name string) ([]byte, error)) (*Database, error) {
	texts := map[string][]byte{}
	for _, name := range []string{"passwd", "group", "shadow"} {
		data, err := get(name)
		switch {
		case name == "shadow" && (errors.Is(err, os.ErrNotExist) || errors.Is(err, os.ErrPermission)):
		case err != nil:
			return nil, err
		case len(data) > plugins.MaxFileSize:
			return nil, fmt.Errorf("%s: larger than %d bytes", name, plugins.MaxFileSize)
		}
		texts[name] = data
	}
	return &Database{Users: parseUsers(texts["passwd"], parseShadow(texts["shadow"])), Groups: parseGroups(texts["group"])}, nil
}
