package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

// newFlags returns the flag set of a subcommand. The options stop at the first
// argument that is not one, and at "--".
func (c *cli) newFlags(name string) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	f.Func("log-format", "write messages as `text|json`", func(s string) error {
		switch s {
		case "text", "json":
			c.jsonLog = s == "json"
			return nil
		}
		return errors.New("text or json")
	})
	return f
}

// parse parses args into f. It returns done when the usage text was asked for
// and printed.
func (c *cli) parse(f *flag.FlagSet, args []string) (done bool, err error) {
	err = f.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return true, c.printUsage(f)
	}
	if err != nil {
		return false, usageError(f.Name()+": "+err.Error(), "feign help "+f.Name())
	}
	return false, nil
}

// printUsage prints the synopsis, the summary and the options of a subcommand.
func (c *cli) printUsage(f *flag.FlagSet) error {
	if c.describe != nil {
		c.describe(f)
		return nil
	}
	cmd, _ := lookup(f.Name())
	fmt.Fprintf(c.stdout, "usage: feign %s %s\n\n%s\n\n", cmd.name, cmd.synopsis, cmd.summary)
	f.VisitAll(func(o *flag.Flag) {
		arg, text := flag.UnquoteUsage(o)
		if arg != "" {
			arg = " " + arg
		}
		fmt.Fprintf(c.stdout, "  %-22s %s\n", dashed(o.Name)+arg, text)
	})
	return nil
}
