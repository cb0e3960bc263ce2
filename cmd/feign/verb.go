package main

import (
	"flag"
	"fmt"
	"strings"
)

// A verb is one of the things that a command can do, named by its first argument.
type verb struct {
	name        string
	synopsis    string // what follows the name, for the usage line
	least, most int    // how many arguments it takes; most -1: any number
	// setup adds the verb's own options to f and returns what to do once they are parsed.
	setup func(f *flag.FlagSet) verbRun
}

type verbRun func(c *cli, args []string) (int, error)

// withoutOptions is the setup of a verb that has no options of its own.
func withoutOptions(run verbRun) func(*flag.FlagSet) verbRun {
	return func(*flag.FlagSet) verbRun { return run }
}

type verbs []verb

func (vs verbs) names() []string {
	var names []string
	for _, v := range vs {
		names = append(names, v.name)
	}
	return names
}

func (vs verbs) String() string { return strings.Join(vs.names(), ", ") }

// run does what the arguments of a command say.
func (vs verbs) run(c *cli, command string, args []string) (int, error) {
	f := c.newFlags(command)
	if done, err := c.parse(f, args); done || err != nil {
		return 0, err
	}
	if f.NArg() == 0 {
		return 0, usageError(command+": nothing to do", "one of "+vs.String())
	}
	name, args := f.Arg(0), f.Args()[1:]
	for _, v := range vs {
		if v.name != name {
			continue
		}
		f := c.newFlags(command)
		run := v.setup(f)
		if done, err := c.parse(f, args); done || err != nil {
			return 0, err
		}
		if n := f.NArg(); n < v.least || v.most >= 0 && n > v.most {
			return 0, usageError(fmt.Sprintf("%s %s: %d arguments", command, name, n),
				strings.TrimSpace("feign "+command+" "+name+" "+v.synopsis))
		}
		return run(c, f.Args())
	}
	return 0, usageError(fmt.Sprintf("%s: unknown command %q", command, name), "one of "+vs.String())
}
