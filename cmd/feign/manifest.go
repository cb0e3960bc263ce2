package main

import (
	"fmt"
	"strings"
)

// A manifestCommand is one of the things that can be done with a manifest.
type manifestCommand struct {
	name string
	args []string // what to call its arguments
	run  func(c *cli, args []string) (int, error)
}

var manifestCommands = []manifestCommand{
	{"show", []string{"MANIFEST"}, manifestShow},
	{"digest", []string{"MANIFEST"}, manifestDigest},
}

// cmdManifest looks at manifests. A manifest called - is read from standard input.
func cmdManifest(c *cli, args []string) (int, error) {
	f := c.newFlags("manifest")
	if done, err := c.parse(f, args); done || err != nil {
		return 0, err
	}
	if f.NArg() == 0 {
		return 0, usageError("manifest: nothing to do", "one of "+manifestVerbs())
	}
	verb, args := f.Arg(0), f.Args()[1:]
	for _, cmd := range manifestCommands {
		if cmd.name != verb {
			continue
		}
		// Options may also stand behind the verb.
		if done, err := c.parse(f, args); done || err != nil {
			return 0, err
		}
		if f.NArg() != len(cmd.args) {
			return 0, usageError(fmt.Sprintf("manifest %s: %d arguments", verb, f.NArg()),
				"feign manifest "+verb+" "+strings.Join(cmd.args, " "))
		}
		return cmd.run(c, f.Args())
	}
	return 0, usageError(fmt.Sprintf("manifest: unknown command %q", verb), "one of "+manifestVerbs())
}

func manifestVerbs() string {
	var names []string
	for _, cmd := range manifestCommands {
		names = append(names, cmd.name)
	}
	return strings.Join(names, ", ")
}

// manifestShow prints the canonical text.
func manifestShow(c *cli, args []string) (int, error) {
	m, err := c.readManifest(args[0])
	if err != nil {
		return 0, err
	}
	_, err = m.WriteTo(c.stdout)
	return 0, err
}

// manifestDigest prints the digest of the canonical text, which does not depend on the compression.
func manifestDigest(c *cli, args []string) (int, error) {
	m, err := c.readManifest(args[0])
	if err != nil {
		return 0, err
	}
	digest, err := m.Digest()
	if err == nil {
		_, err = fmt.Fprintln(c.stdout, digest)
	}
	return 0, err
}
