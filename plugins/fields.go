package plugins

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
)

// A Rule is one rule of a ruleset as text.
type Rule struct {
	Kind Kind
	// Field is what the rule sets, as messages name it: "env.PATH", "bind /proc". Two rules must not set one field. It is ""
	// for verdicts, which are merged.
	Field string
	Text  string // one line: the kind, and what the rule says
}

// Rules returns the rules one by one, in the order of kinds and then as they stand in the ruleset. Paths of the machine at or below
// dir are written relative to it, so that the text does not depend on where a build lies.
func (r *Ruleset) Rules(dir string) []Rule {
	var l ruleList
	rel := func(p string) string { return relative(dir, p) }
	if r.Root != nil {
		l.add(KindRoot, "root", "%s %s", rel(r.Root.Path), r.Root.Method)
	}
	for _, b := range r.Binds {
		access := "rw"
		if b.ReadOnly {
			access = "ro"
		}
		l.add(KindBind, "bind "+b.To, "%s %s %s", word(b.To), rel(b.From), access)
	}
	for _, p := range r.Paths {
		text := word(p.Prefix) + " " + p.Verdict.String()
		if p.Errno != "" {
			text += " " + p.Errno
		}
		l.add(KindPath, "", "%s", text)
	}
	for _, d := range r.Dynamic {
		l.add(KindDynamic, "dynamic "+d.Prefix, "%s %s", word(d.Prefix), d.Default)
	}
	for _, f := range r.Files {
		l.add(KindFile, "file "+f.Path, "%s %04o %d:%d %d sha256:%x", word(f.Path), f.Mode, f.UID, f.GID, len(f.Data), sha256.Sum256(f.Data))
	}
	for _, u := range r.Users {
		l.add(KindUser, "user "+u.Name, "%s %d:%d %s %s %s %s", word(u.Name), u.UID, u.GID, word(u.Gecos), word(u.Home), word(u.Shell),
			word(u.Password))
	}
	for _, g := range r.Groups {
		l.add(KindGroup, "group "+g.Name, "%s %d %s", word(g.Name), g.GID, word(strings.Join(g.Members, ",")))
	}
	if r.Accounts != "" {
		l.add(KindAccounts, "accounts", "%s", rel(r.Accounts))
	}
	for _, o := range r.Owners {
		l.add(KindOwner, "owner "+o.Prefix, "%s %d:%d", word(o.Prefix), o.UID, o.GID)
	}
	l.addIdentity(r.Identity)
	for _, e := range r.Env {
		if e.Unset {
			l.add(KindEnv, "env."+e.Name, "%s unset", word(e.Name))
		} else {
			l.add(KindEnv, "env."+e.Name, "%s = %s", word(e.Name), strconv.QuoteToASCII(e.Value))
		}
	}
	if r.Uname.Nodename != "" {
		l.add(KindUname, "uname.nodename", "nodename %s", word(r.Uname.Nodename))
	}
	if r.Network != "" {
		l.add(KindNetwork, "network", "%s", word(r.Network))
	}
	for _, e := range r.Errnos {
		l.add(KindErrno, "errno "+e.Syscall, "%s %s", word(e.Syscall), word(e.Errno))
	}
	return l
}

type ruleList []Rule

func (l *ruleList) add(kind Kind, field, format string, args ...any) {
	*l = append(*l, Rule{kind, field, string(kind) + " " + fmt.Sprintf(format, args...)})
}

func (l *ruleList) addIdentity(i Identity) {
	if i.UID != nil {
		l.add(KindIdentity, "identity.uid", "uid %d", *i.UID)
	}
	if i.GID != nil {
		l.add(KindIdentity, "identity.gid", "gid %d", *i.GID)
	}
	if len(i.Groups) > 0 {
		l.add(KindIdentity, "identity.groups", "groups %s", strings.Trim(fmt.Sprint(i.Groups), "[]"))
	}
}

// word writes a string so that blanks and what is not printable cannot be mistaken for anything else.
func word(s string) string {
	if s == "" {
		return `""`
	}
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7f || s[i] == '"' || s[i] == '\\' {
			return strconv.QuoteToASCII(s)
		}
	}
	return s
}

// relative writes a path of the machine, from dir where it is below that.
func relative(dir, p string) string {
	if dir != "" && dir != "/" {
		if p == dir {
			return "."
		}
		if rest, ok := strings.CutPrefix(p, dir+"/"); ok {
			return word("./" + rest)
		}
	}
	return word(p)
}
