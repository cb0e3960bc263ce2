package main

import (
	"errors"
	"flag"
	"path/filepath"
	"strconv"

	"github.com/feign-build/feign/lies/store"
)

func stateVerbs() verbs {
	return verbs{
		{"ls", "[OPTION]... STATE [PATH]...", 1, -1, onState(stateLs)},
		{"log", "[OPTION]... STATE [PATH]...", 1, -1, onState(stateLog)},
		{"verify", "[OPTION]... STATE [PATH]...", 1, -1, onState(stateVerify)},
		{"export", "[OPTION]... STATE [PATH]...", 1, -1, onState(stateExport)},
		{"import", "[OPTION]... STATE FILE", 2, 2, onState(stateImport)},
		{"forget", "[OPTION]... STATE [PATH]...", 1, -1, onState(stateForget)},
		{"stop", "[OPTION]... STATE", 1, 1, withoutOptions(stateStop)},
		{"recover", "[OPTION]... STATE", 1, 1, withoutOptions(stateRecover)},
	}
}

// onState is the setup of a verb whose first argument is a state's directory.
func onState(setup func(f *flag.FlagSet) func(c *cli, dir string, args []string) (int, error)) func(*flag.FlagSet) verbRun {
	return func(f *flag.FlagSet) verbRun {
		run := setup(f)
		return func(c *cli, args []string) (int, error) { return run(c, args[0], args[1:]) }
	}
}

// cmdState looks into a state or changes it.
func cmdState(c *cli, args []string) (int, error) { return stateVerbs().run(c, "state", args) }

// fileTypes are the letters of find -type.
var fileTypes = map[string]uint32{
	"f": 0o100000, "d": 0o040000, "l": 0o120000, "c": 0o020000, "b": 0o060000, "p": 0o010000, "s": 0o140000,
}

// typeLetter is the letter of a mode's type.
func typeLetter(mode uint32) string {
	for letter, bits := range fileTypes {
		if mode&0o170000 == bits {
			return letter
		}
	}
	return "?"
}

// addFilter adds the options that select lies.
func addFilter(f *flag.FlagSet) *store.Filter {
	filter := &store.Filter{}
	f.Func("uid", "only what is claimed to belong to the user `N`; may be repeated", func(s string) error {
		n, err := strconv.ParseUint(s, 10, 32)
		if err != nil {
			return errors.New("not a user id")
		}
		filter.UIDs = append(filter.UIDs, uint32(n))
		return nil
	})
	f.Func("type", "only files of a type, `f|d|l|c|b|p|s`; may be repeated", func(s string) error {
		bits, ok := fileTypes[s]
		if !ok {
			return errors.New("one of f, d, l, c, b, p, s")
		}
		filter.Types = append(filter.Types, bits)
		return nil
	})
	return filter
}

// absolute makes paths of the command line those that states have.
func absolute(paths []string) ([]string, error) {
	var out []string
	for _, path := range paths {
		abs, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		out = append(out, store.RealPath(abs))
	}
	return out, nil
}

// shown is a path as it can be shown in one line.
func shown(path string) string {
	if quoted := strconv.Quote(path); quoted != `"`+path+`"` {
		return quoted
	}
	return path
}
