package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// usageErr is a mistake on the command line: what is wrong, and what to do.
type usageErr struct{ what, hint string }

func (e *usageErr) Error() string { return e.what + " (" + e.hint + ")" }

// usageError returns the error for a mistake on the command line.
func usageError(what, hint string) error { return &usageErr{what, hint} }

// report prints an error as feign's one line on standard error.
func (c *cli) report(err error) {
	if c.jsonLog {
		line, _ := json.Marshal(struct {
			Level string `json:"level"`
			Text  string `json:"text"`
		}{"error", err.Error()})
		fmt.Fprintf(c.stderr, "%s\n", line)
		return
	}
	fmt.Fprintf(c.stderr, "feign: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
}

// newFlags returns the flag set of a subcommand. The options stop at the first
// argument that is not one, and at "--".
func (c *cli) newFlags(name string) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.Usage = func() {}
	f.Func("log-format", "messages as `text` or json", func(s string) error {
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
	cmd, _ := lookup(f.Name())
	fmt.Fprintf(c.stdout, "usage: feign %s %s\n\n%s\n\n", cmd.name, cmd.synopsis, cmd.summary)
	f.VisitAll(func(o *flag.Flag) {
		dash := "--"
		if len(o.Name) == 1 {
			dash = "-"
		}
		arg, text := flag.UnquoteUsage(o)
		if arg != "" {
			arg = " " + arg
		}
		fmt.Fprintf(c.stdout, "  %-22s %s\n", dash+o.Name+arg, text)
	})
	return nil
}
