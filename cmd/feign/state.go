package main

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/feign-build/feign/lies/store"
)

// A stateCommand is one of the things that can be done with a state.
type stateCommand struct {
	name  string
	args  string // what follows the state, for the usage line
	least int    // how many arguments must follow the state
	most  int    // -1: any number
	// setup adds the command's own options to f and returns what to do once they are parsed; args are those after the
	// state.
	setup func(f *flag.FlagSet) func(c *cli, dir string, args []string) (int, error)
}

func stateCommands() []stateCommand {
	plain := func(run func(c *cli, dir string) (int, error)) func(*flag.FlagSet) func(*cli, string, []string) (int, error) {
		return func(*flag.FlagSet) func(*cli, string, []string) (int, error) {
			return func(c *cli, dir string, _ []string) (int, error) { return run(c, dir) }
		}
	}
	return []stateCommand{
		{"ls", "[PATH]...", 0, -1, stateLs},
		{"log", "[PATH]...", 0, -1, stateLog},
		{"verify", "[PATH]...", 0, -1, stateVerify},
		{"export", "[PATH]...", 0, -1, stateExport},
		{"import", "FILE", 1, 1, stateImport},
		{"forget", "[PATH]...", 0, -1, stateForget},
		{"stop", "", 0, 0, plain(stateStop)},
		{"recover", "", 0, 0, plain(stateRecover)},
	}
}

// cmdState looks into a state or changes it.
func cmdState(c *cli, args []string) (int, error) {
	f := c.newFlags("state")
	if done, err := c.parse(f, args); done || err != nil {
		return 0, err
	}
	if f.NArg() == 0 {
		return 0, usageError("state: nothing to do", "one of "+stateVerbs())
	}
	verb, args := f.Arg(0), f.Args()[1:]
	for _, cmd := range stateCommands() {
		if cmd.name != verb {
			continue
		}
		f := c.newFlags("state")
		run := cmd.setup(f)
		if done, err := c.parse(f, args); done || err != nil {
			return 0, err
		}
		n := f.NArg() - 1
		if n < cmd.least || cmd.most >= 0 && n > cmd.most {
			return 0, usageError(fmt.Sprintf("state %s: %d arguments", verb, f.NArg()),
				strings.TrimSpace("feign state "+verb+" [OPTION]... STATE "+cmd.args))
		}
		return run(c, f.Arg(0), f.Args()[1:])
	}
	return 0, usageError(fmt.Sprintf("state: unknown command %q", verb), "one of "+stateVerbs())
}

func stateVerbs() string {
	var names []string
	for _, cmd := range stateCommands() {
		names = append(names, cmd.name)
	}
	return strings.Join(names, ", ")
}

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
