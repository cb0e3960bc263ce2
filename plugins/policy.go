package plugins

import (
	"context"
	"encoding/json"
)

// A Policy says, before an action runs, what the action is to see. It is asked once and then done with: see [Ruleset].
type Policy interface {
	// Describe says who the policy is. It is the first call.
	Describe(ctx context.Context) (Info, error)
	// Compile returns the rules for one build. They depend on b, and on files that b's configuration names, alone: asked
	// again, it answers the same.
	Compile(ctx context.Context, b Build) (*Ruleset, error)
}

// A Resolver is a Policy that has dynamic rules.
type Resolver interface {
	// Resolve returns a verdict for each path, in their order. The paths are those below a prefix of [Ruleset.Dynamic] that one
	// system call needs; no path is asked twice in a build. The action's process waits meanwhile: after [ResolveTimeout] the
	// prefix's default is taken.
	Resolve(ctx context.Context, paths []string) ([]Verdict, error)
}

// A Finisher is a Policy that wants to know how it went.
type Finisher interface {
	// Finish is called once, after the action's last process has ended. It can change nothing any more; a diagnostic of
	// severity [Error] makes feign fail.
	Finish(ctx context.Context, s Summary) ([]Diagnostic, error)
}

// Info describes a policy.
type Info struct {
	Name    string // as in the configuration
	Version string // of the policy, for messages
	Summary string // one line, lower case, without a full stop
	Kinds   []Kind // of the rules that Compile may return; others are an error
}

// A Build is what a policy knows of an action.
type Build struct {
	Dir    string          // absolute; relative paths of Config start from it
	Argv   []string        // the command
	Env    []string        // NAME=value, sorted, without what policies set
	Config json.RawMessage // the table [plugin.config] as a JSON object
}

// A Summary is how an action ended.
type Summary struct {
	Status   int      // the exit status of the command
	Accesses []Access // what rules of verdict Report and Deny were about: sorted by path, each path once
	Accounts string   // directory with the account files as the action left them; "" where no policy has one
	Files    []File   // the account files as the action left them, where they are in memory; of a larger one, MaxFileSize+1 bytes
}

// An Access is a path as it was met first.
type Access struct {
	Path    string // as the action saw it
	PID     int
	Program string // the name of the process's program
	Syscall string
	Verdict Verdict
}

// A Diagnostic is one line for the user.
type Diagnostic struct {
	Severity Severity
	What     string
	Why      string // may be empty
	Hint     string // what to do; may be empty
}

// Severity is the weight of a [Diagnostic].
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "info"
)
