package wrapper

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// What a hermetic action gets for variables that programs cannot do without.
// They name no place of the caller's.
const (
	hermeticPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	// hermeticHome does not exist, as on Debian's build machines: a build that
	// reads or writes a home directory is told so.
	hermeticHome   = "/nonexistent"
	hermeticTmpdir = "/tmp"
)

// sourceDateEpoch is the variable of the specification
// https://reproducible-builds.org/specs/source-date-epoch/.
const sourceDateEpoch = "SOURCE_DATE_EPOCH"

// A variable is a value and who set it.
type variable struct {
	value string
	why   reason
}

type environment map[string]variable

// list returns the variables as execve takes them, sorted.
func (e environment) list() []string {
	out := make([]string, 0, len(e))
	for _, name := range slices.Sorted(maps.Keys(e)) {
		out = append(out, name+"="+e[name].value)
	}
	return out
}

// environment resolves the action's variables: the fixed ones of a hermetic
// run, then what is passed, then the controls of [hermetic], then action.env.
// Later ones are stronger. dir is where the command starts.
func (c *Config) environment(caller Caller, dir string, epoch resolvedEpoch) environment {
	env := environment{}
	if c.hermetic {
		env["PATH"] = variable{hermeticPath, because(hermeticDefault)}
		env["HOME"] = variable{hermeticHome, because(hermeticDefault)}
		env["TMPDIR"] = variable{hermeticTmpdir, because(hermeticDefault)}
	}
	passed := environment{}
	for _, kv := range caller.Env {
		name, value, ok := strings.Cut(kv, "=")
		if !ok || name == "" {
			continue
		}
		if _, again := passed[name]; again {
			continue // getenv(3) finds the first
		}
		if pattern, ok := passes(c.Action.EnvPass, name); ok {
			passed[name] = variable{value, because("the caller's, passed by " + quote(pattern) + " of action.env_pass")}
		}
	}
	maps.Copy(env, passed)
	if _, ok := env["PWD"]; ok {
		// A shell believes it only if it is true; other programs just believe it.
		env["PWD"] = variable{dir, because("where the command starts")}
	}
	if tz := c.Hermetic.Timezone; tz != InheritWord {
		env["TZ"] = variable{tz, c.why("hermetic.timezone")}
	}
	if l := c.Hermetic.Locale; l != InheritWord {
		env["LC_ALL"] = variable{l, c.why("hermetic.locale")}
	}
	if epoch.value == EpochNone {
		delete(env, sourceDateEpoch)
	} else {
		env[sourceDateEpoch] = variable{strconv.FormatInt(int64(epoch.value), 10), epoch.why}
	}
	for name, value := range c.Action.Env {
		env[name] = variable{value, c.whyElement("action.env", name)}
	}
	return env
}

// passes returns the pattern that lets a variable through.
func passes(patterns []string, name string) (string, bool) {
	for _, p := range patterns {
		if prefix, ok := strings.CutSuffix(p, "*"); p == name || ok && strings.HasPrefix(name, prefix) {
			return p, true
		}
	}
	return "", false
}

// lookupEnv is getenv(3) in a list of NAME=value.
func lookupEnv(env []string, name string) (string, bool) {
	for _, kv := range env {
		if n, value, ok := strings.Cut(kv, "="); ok && n == name {
			return value, true
		}
	}
	return "", false
}

// A resolvedEpoch is EpochNone or a time, and who set it.
type resolvedEpoch struct {
	value Epoch
	why   reason
}

// epoch resolves hermetic.epoch.
func (c *Config) epoch(caller Caller) (resolvedEpoch, error) {
	if c.Hermetic.Epoch != EpochInherit {
		return resolvedEpoch{c.Hermetic.Epoch, c.why("hermetic.epoch")}, nil
	}
	s, ok := lookupEnv(caller.Env, sourceDateEpoch)
	if !ok || s == "" {
		return resolvedEpoch{EpochNone, because("the caller has no " + sourceDateEpoch)}, nil
	}
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil || Epoch(n) > maxEpoch {
		return resolvedEpoch{}, &Error{
			What: sourceDateEpoch + "=" + s,
			Why:  "not a number of seconds from 0 to " + strconv.FormatInt(int64(maxEpoch), 10),
			Hint: "unset it, or set hermetic.epoch",
		}
	}
	return resolvedEpoch{Epoch(n), because("the caller's " + sourceDateEpoch)}, nil
}
