package passwd

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/feign-build/feign/plugins"
)

// A Database is a set of accounts.
type Database struct {
	Users  []plugins.User
	Groups []plugins.Group
}

// under puts the accounts of another database below d's: those whose names d does not have.
func (d *Database) under(other *Database) {
	var users []plugins.User
	for _, u := range other.Users {
		if !slices.ContainsFunc(d.Users, func(o plugins.User) bool { return o.Name == u.Name }) {
			users = append(users, u)
		}
	}
	var groups []plugins.Group
	for _, g := range other.Groups {
		if !slices.ContainsFunc(d.Groups, func(o plugins.Group) bool { return o.Name == g.Name }) {
			groups = append(groups, g)
		}
	}
	d.Users = append(users, d.Users...)
	d.Groups = append(groups, d.Groups...)
}

// fieldsOf splits the lines of a file of accounts, as getpwent(3) does: lines with too few fields are passed over, as are those
// of NIS (+, -) and comments.
func fieldsOf(text []byte, least int, each func(f []string)) {
	for line := range bytes.Lines(text) {
		s := strings.TrimSuffix(string(line), "\n")
		if s == "" || strings.ContainsRune("+-#", rune(s[0])) || strings.ContainsRune(s, 0) {
			continue
		}
		if f := strings.Split(s, ":"); len(f) >= least {
			each(f)
		}
	}
}

func parseID(s string) (uint32, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err == nil && n != 1<<32-1
}

// parseUsers reads passwd(5). The passwords are those of shadow, where it has any.
func parseUsers(text []byte, shadow map[string]string) (list []plugins.User) {
	seen := map[string]bool{}
	fieldsOf(text, 7, func(f []string) {
		uid, ok1 := parseID(f[2])
		gid, ok2 := parseID(f[3])
		u := plugins.User{Name: f[0], UID: uid, GID: gid, Gecos: f[4], Home: f[5], Shell: f[6], Password: shadow[f[0]]}
		one := plugins.Ruleset{Users: []plugins.User{u}}
		if ok1 && ok2 && !seen[u.Name] && one.Validate() == nil {
			seen[u.Name] = true
			list = append(list, u)
		}
	})
	return list
}

// parseShadow reads the passwords of shadow(5).
func parseShadow(text []byte) map[string]string {
	passwords := map[string]string{}
	fieldsOf(text, 2, func(f []string) {
		if _, again := passwords[f[0]]; !again {
			passwords[f[0]] = f[1]
		}
	})
	return passwords
}

// parseGroups reads group(5).
func parseGroups(text []byte) (list []plugins.Group) {
	seen := map[string]bool{}
	fieldsOf(text, 4, func(f []string) {
		gid, ok := parseID(f[2])
		g := plugins.Group{Name: f[0], GID: gid}
		for _, m := range strings.Split(f[3], ",") {
			if m != "" {
				g.Members = append(g.Members, m)
			}
		}
		one := plugins.Ruleset{Groups: []plugins.Group{g}}
		if ok && !seen[g.Name] && one.Validate() == nil {
			seen[g.Name] = true
			list = append(list, g)
		}
	})
	return list
}

// AccountFiles are the names of the files of /etc that hold accounts.
var AccountFiles = []string{"passwd", "group", "shadow", "gshadow", "subuid", "subgid"}

// Files returns the account files of /etc: valid users and groups, as passwd(5), shadow(5), group(5) and gshadow(5) want
// them. Nobody has subordinate ids.
func Files(users []plugins.User, groups []plugins.Group) []plugins.File {
	var passwd, shadow, group, gshadow strings.Builder
	for _, u := range users {
		fmt.Fprintf(&passwd, "%s:x:%d:%d:%s:%s:%s\n", u.Name, u.UID, u.GID, u.Gecos, u.Home, u.Shell)
		// No day of the last change: it would be the day of the build.
		fmt.Fprintf(&shadow, "%s:%s::0:99999:7:::\n", u.Name, or(u.Password, "*"))
	}
	for _, g := range groups {
		members := strings.Join(g.Members, ",")
		fmt.Fprintf(&group, "%s:x:%d:%s\n", g.Name, g.GID, members)
		fmt.Fprintf(&gshadow, "%s:*::%s\n", g.Name, members)
	}
	file := func(name, data string, mode uint32) plugins.File {
		return plugins.File{Path: "/etc/" + name, Data: []byte(data), Mode: mode}
	}
	return []plugins.File{
		file("passwd", passwd.String(), 0o644), file("group", group.String(), 0o644),
		file("shadow", shadow.String(), 0o640), file("gshadow", gshadow.String(), 0o640),
		file("subuid", "", 0o644), file("subgid", "", 0o644),
	}
}

// changes tells how after differs from d, a line each, users before groups, in the order of names.
func (d *Database) changes(after *Database) []string {
	users := compare("user", d.Users, after.Users, func(u plugins.User) (string, string) {
		return u.Name, fmt.Sprintf("uid %d, gid %d, home %s, shell %s", u.UID, u.GID, u.Home, u.Shell)
	})
	groups := compare("group", d.Groups, after.Groups, func(g plugins.Group) (string, string) {
		return g.Name, strings.TrimSuffix(fmt.Sprintf("gid %d, members %s", g.GID, strings.Join(g.Members, ",")), ", members ")
	})
	return append(users, groups...)
}

func compare[T any](what string, before, after []T, text func(T) (name, what string)) []string {
	was, is := map[string]string{}, map[string]string{}
	var names []string
	for _, x := range before {
		name, s := text(x)
		was[name] = s
		names = append(names, name)
	}
	for _, x := range after {
		name, s := text(x)
		is[name] = s
		names = append(names, name)
	}
	slices.Sort(names)
	var out []string
	for _, name := range slices.Compact(names) {
		old, had := was[name]
		now, has := is[name]
		switch {
		case !had:
			out = append(out, fmt.Sprintf("the action added the %s %s: %s", what, name, now))
		case !has:
			out = append(out, fmt.Sprintf("the action removed the %s %s", what, name))
		case old != now:
			out = append(out, fmt.Sprintf("the action changed the %s %s: %s", what, name, now))
		}
	}
	return out
}
