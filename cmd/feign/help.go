package main

import (
	"fmt"
	"io"
)

// cmdHelp prints the list of commands, or the usage text of one.
func cmdHelp(c *cli, args []string) (int, error) {
	switch len(args) {
	case 0:
		return 0, printCommands(c.stdout)
	case 1:
		cmd, ok := lookup(args[0])
		if !ok {
			return 0, usageError(fmt.Sprintf("unknown command %q", args[0]), "feign help lists the commands")
		}
		if cmd.name == "help" || cmd.name == "version" {
			_, err := fmt.Fprintf(c.stdout, "usage: feign %s %s\n\n%s\n", cmd.name, cmd.synopsis, cmd.summary)
			return 0, err
		}
		return cmd.run(c, []string{"-h"})
	}
	return 0, usageError("help takes one command", "feign help COMMAND")
}

func printCommands(w io.Writer) error {
	fmt.Fprint(w, `feign runs a build action as an ordinary user and lets it believe that it is root.

usage: feign COMMAND [ARG...]

`)
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.summary)
	}
	_, err := fmt.Fprint(w, `
feign help COMMAND explains one of them. Exit status: the action's own (128+N
for signal N); 126 and 127 as a shell when it cannot be started; 125 for an
error of feign's own.
`)
	return err
}
