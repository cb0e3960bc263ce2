package plugins

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Compiled is what one policy returned.
type Compiled struct {
	Plugin string // its name in the configuration
	Rules  *Ruleset
}

// Merged is what all policies of a build returned, in one.
type Merged struct {
	Ruleset
	Owned []OwnedRule // every rule and whose it is, in the order of the canonical text
}

// An OwnedRule is a rule and the plugin that it is from.
type OwnedRule struct {
	Rule
	Plugin string
}

// A ConflictError says that two plugins claim one field.
type ConflictError struct {
	Field  string
	First  string // the plugin that stands first in the configuration
	Second string
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("plugins %q and %q both set %s", e.First, e.Second, e.Field)
}

// Merge puts the rulesets of a build together. They have to be valid. Two plugins that set one field are a [*ConflictError]; of
// verdicts for one prefix the strictest is kept. dir is as for [Ruleset.Rules].
func Merge(dir string, sets []Compiled) (*Merged, error) {
	m := &Merged{}
	owner := map[string]string{}
	for _, s := range sets {
		for _, rule := range s.Rules.Rules(dir) {
			if first, taken := owner[rule.Field]; taken && rule.Field != "" {
				return nil, &ConflictError{rule.Field, first, s.Plugin}
			}
			owner[rule.Field] = s.Plugin
			m.Owned = append(m.Owned, OwnedRule{rule, s.Plugin})
		}
		m.add(s.Rules)
	}
	m.Paths = strictest(m.Paths)
	order := Kinds()
	slices.SortStableFunc(m.Owned, func(a, b OwnedRule) int {
		if d := slices.Index(order, a.Kind) - slices.Index(order, b.Kind); d != 0 {
			return d
		}
		return strings.Compare(a.Text, b.Text)
	})
	return m, nil
}

// add appends the rules of one plugin. No field is set twice.
func (m *Merged) add(r *Ruleset) {
	if r.Root != nil {
		m.Root = r.Root
	}
	m.Binds = append(m.Binds, r.Binds...)
	m.Paths = append(m.Paths, r.Paths...)
	m.Dynamic = append(m.Dynamic, r.Dynamic...)
	m.Files = append(m.Files, r.Files...)
	m.Users = append(m.Users, r.Users...)
	m.Groups = append(m.Groups, r.Groups...)
	m.Accounts += r.Accounts
	m.Owners = append(m.Owners, r.Owners...)
	if r.Identity.UID != nil {
		m.Identity.UID = r.Identity.UID
	}
	if r.Identity.GID != nil {
		m.Identity.GID = r.Identity.GID
	}
	m.Identity.Groups = append(m.Identity.Groups, r.Identity.Groups...)
	m.Env = append(m.Env, r.Env...)
	m.Uname.Nodename += r.Uname.Nodename
	m.Network += r.Network
	m.Errnos = append(m.Errnos, r.Errnos...)
}

// strictest keeps one rule for each prefix, sorted by prefix.
func strictest(rules []PathRule) []PathRule {
	slices.SortStableFunc(rules, func(a, b PathRule) int {
		if c := strings.Compare(a.Prefix, b.Prefix); c != 0 {
			return c
		}
		return int(b.Verdict) - int(a.Verdict)
	})
	return slices.CompactFunc(rules, func(a, b PathRule) bool { return a.Prefix == b.Prefix })
}

// canonicalHeader is the first line of a canonical text.
const canonicalHeader = "feign ruleset 1\n"

// Canonical returns all rules as text: a line for each, sorted, without the plugins' names. The same rules have the same text,
// whichever plugins they are from and in whatever order. How a root directory comes about is not in it: what the action sees is the same.
func (m *Merged) Canonical() string {
	var b strings.Builder
	b.WriteString(canonicalHeader)
	for _, r := range m.Owned {
		text := r.Text
		if r.Kind == KindRoot {
			text = strings.TrimSuffix(text, " "+m.Root.Method)
		}
		b.WriteString(text)
		b.WriteByte('\n')
	}
	return b.String()
}

// Digest returns "sha256:" and the hexadecimal sha256 of the canonical text.
func (m *Merged) Digest() string {
	sum := sha256.Sum256([]byte(m.Canonical()))
	return "sha256:" + hex.EncodeToString(sum[:])
}
