package main

import (
	"flag"
	"fmt"
	"strings"

	"github.com/feign-build/feign/lies/manifest"
)

// A manifestCommand is one of the things that can be done with a manifest.
type manifestCommand struct {
	name string
	args []string // what to call its arguments
	// setup adds the command's own options to f and returns what to do once they are parsed.
	setup func(f *flag.FlagSet) func(c *cli, args []string) (int, error)
}

func manifestCommands() []manifestCommand {
	plain := func(run func(c *cli, args []string) (int, error)) func(*flag.FlagSet) func(*cli, []string) (int, error) {
		return func(*flag.FlagSet) func(*cli, []string) (int, error) { return run }
	}
	return []manifestCommand{
		{"show", []string{"MANIFEST"}, plain(manifestShow)},
		{"digest", []string{"MANIFEST"}, plain(manifestDigest)},
		{"verify", []string{"MANIFEST", "TREE"}, manifestVerify},
		{"diff", []string{"MANIFEST", "MANIFEST"}, plain(manifestDiff)},
		{"convert", nil, manifestConvert},
	}
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
	for _, cmd := range manifestCommands() {
		if cmd.name != verb {
			continue
		}
		f := c.newFlags("manifest")
		run := cmd.setup(f)
		if done, err := c.parse(f, args); done || err != nil {
			return 0, err
		}
		if f.NArg() != len(cmd.args) {
			return 0, usageError(fmt.Sprintf("manifest %s: %d arguments", verb, f.NArg()),
				strings.TrimSpace("feign manifest "+verb+" "+strings.Join(cmd.args, " ")))
		}
		return run(c, f.Args())
	}
	return 0, usageError(fmt.Sprintf("manifest: unknown command %q", verb), "one of "+manifestVerbs())
}

func manifestVerbs() string {
	var names []string
	for _, cmd := range manifestCommands() {
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

// manifestVerify compares a tree with a manifest.
func manifestVerify(f *flag.FlagSet) func(c *cli, args []string) (int, error) {
	var o manifest.VerifyOptions
	f.BoolVar(&o.Mode, "mode", false, "verify: compare the modes on the disk too")
	f.BoolVar(&o.Owner, "owner", false, "verify: compare the owners on the disk too")
	f.BoolVar(&o.Time, "time", false, "verify: compare the times on the disk too")
	f.BoolVar(&o.Carried, "carried", false, "verify: the tree came through a cache or sandbox that keeps contents only")
	f.Func("exclude", "verify: leave out `PATH` and what is below; may be repeated", func(s string) error {
		o.Exclude = append(o.Exclude, s)
		return nil
	})
	return func(c *cli, args []string) (int, error) {
		m, err := c.readManifest(args[0])
		if err != nil {
			return 0, err
		}
		ctx, interrupted := untilSignal()
		diffs, err := manifest.Verify(ctx, m, args[1], o)
		if sig := interrupted(); sig != 0 && err != nil {
			return 128 + int(sig), fmt.Errorf("manifest verify: ended by %s", sig)
		}
		if err != nil {
			return 0, err
		}
		return c.printDifferences(diffs)
	}
}

// manifestDiff compares two manifests.
func manifestDiff(c *cli, args []string) (int, error) {
	a, err := c.readManifest(args[0])
	if err != nil {
		return 0, err
	}
	b, err := c.readManifest(args[1])
	if err != nil {
		return 0, err
	}
	return c.printDifferences(manifest.Diff(a, b))
}

// printDifferences prints each on a line and returns the exit status.
func (c *cli) printDifferences(diffs []manifest.Difference) (int, error) {
	for _, d := range diffs {
		if _, err := fmt.Fprintln(c.stdout, d); err != nil {
			return 0, err
		}
	}
	if len(diffs) > 0 {
		return statusDiffers, nil
	}
	return 0, nil
}
