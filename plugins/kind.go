package plugins

import (
	"fmt"
	"slices"
	"time"
)

// A Kind is a kind of rule.
type Kind string

// The kinds of rules, in the order of canonical texts.
const (
	KindRoot     Kind = "root"
	KindBind     Kind = "bind"
	KindPath     Kind = "path"
	KindDynamic  Kind = "dynamic"
	KindFile     Kind = "file"
	KindUser     Kind = "user"
	KindGroup    Kind = "group"
	KindAccounts Kind = "accounts"
	KindOwner    Kind = "owner"
	KindIdentity Kind = "identity"
	KindEnv      Kind = "env"
	KindUname    Kind = "uname"
	KindNetwork  Kind = "network"
	KindErrno    Kind = "errno"
)

// costs says for each kind what a rule of it costs the action.
var costs = []struct {
	kind Kind
	cost string
}{
	{KindRoot, "each call with a path stops, or nothing where the kernel does it"},
	{KindBind, "each call with a path stops, or nothing where the kernel does it"},
	{KindPath, "each call with a path stops"},
	{KindDynamic, "each call with a path stops; one question for each new path"},
	{KindFile, "each call with a path stops"},
	{KindUser, "each call with a path stops"},
	{KindGroup, "each call with a path stops"},
	{KindAccounts, "each call with a path stops"},
	{KindOwner, "the files below are looked at before the start, then nothing"},
	{KindIdentity, "nothing: set at the start"},
	{KindEnv, "nothing: set at the start"},
	{KindUname, "nothing: uname stops anyway"},
	{KindNetwork, "nothing: the filter answers"},
	{KindErrno, "nothing: the filter answers"},
}

// Kinds returns all kinds, in the order of canonical texts.
func Kinds() []Kind {
	out := make([]Kind, len(costs))
	for i, c := range costs {
		out[i] = c.kind
	}
	return out
}

// Known reports whether there is such a kind.
func (k Kind) Known() bool { return slices.Contains(Kinds(), k) }

// Cost says in a few words what a rule of the kind costs the action while it runs.
func (k Kind) Cost() string {
	for _, c := range costs {
		if c.kind == k {
			return c.cost
		}
	}
	return ""
}

// A Verdict is what becomes of a path. The greater one is the stricter one, and wins where two rules have the same prefix.
type Verdict uint8

// The verdicts. The zero Verdict is none.
const (
	Allow  Verdict = 1 + iota
	Report         // allowed, and told of in Summary.Accesses
	Hide           // it is not there: ENOENT, and directories do not list it
	Deny           // refused with the rule's errno, and told of in Summary.Accesses
)

var verdictNames = [...]string{"none", "allow", "report", "hide", "deny"}

// String returns the verdict's name in canonical texts.
func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return fmt.Sprintf("verdict %d", uint8(v))
}

// Valid reports whether v is one of the four verdicts.
func (v Verdict) Valid() bool { return v >= Allow && v <= Deny }

// How long feign waits for a plugin. Start and call are generous, as machines may be loaded; a build waits for each of them
// once. Resolve holds up a process of the action.
const (
	StartTimeout   = 10 * time.Second
	CallTimeout    = 10 * time.Second
	ResolveTimeout = 2 * time.Second
)
