// Command feign runs a build action as a user without privileges and lets it
// believe that it is root.
//
// The command parses, calls and prints; whatever a Go program could want to do
// without it stands in the packages wrapper, lies/manifest and archive.
package main

import (
	"flag"
	"io"
	"os"
	"path/filepath"

	"github.com/feign-build/feign/wrapper"
)

// A command is one subcommand of feign.
type command struct {
	name     string
	synopsis string // the arguments, for the usage line
	summary  string // one line, lower case, without a full stop
	// run gets the arguments after the subcommand's name and returns the exit
	// status. An error is printed by the caller as one line; status 0 beside
	// it means wrapper.ErrorStatus of it.
	run func(c *cli, args []string) (status int, err error)
}

// commands is the table of subcommands, in the order of `feign help`. It is a
// function because help itself reads it.
func commands() []command {
	return []command{
		{"run", "[OPTION]... [--] [CMD [ARG]...]", "run a command that believes that it is root", cmdRun},
		{"pack", "-m MANIFEST [-C TREE] -o ARCHIVE [OPTION...]", "make an archive of a tree as a manifest describes it", cmdPack},
		{"manifest", "COMMAND ARG...", "look at manifests: " + manifestVerbs().String(), cmdManifest},
		{"state", "COMMAND [OPTION]... STATE [ARG]...", "look into a state, and change it: " + stateVerbs().String(), cmdState},
		{"plugin", "COMMAND [OPTION]... [ARG]", "look at policy plugins, and be one: " + pluginVerbs().String(), cmdPlugin},
		{"fakeroot", "[OPTION]... [--] [CMD [ARG]...]", "be fakeroot: its options, and its save files", cmdFakeroot},
		{"doctor", "[--json]", "tell whether actions can be run here, and what falls short", cmdDoctor},
		{"completion", "bash|zsh|fish", "print what teaches a shell to complete feign's command line", cmdCompletion},
		{"man", "DIR", "write the manual pages to a directory", cmdMan},
		{"version", "", "print the version", cmdVersion},
		{"help", "[COMMAND]", "explain feign or one of its commands", cmdHelp},
	}
}

// lookup finds a subcommand by its name.
func lookup(name string) (command, bool) {
	for _, c := range commands() {
		if c.name == name {
			return c, true
		}
	}
	return command{}, false
}

// cli is what a subcommand may touch of the process's surroundings.
type cli struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	jsonLog        bool // --log-format json
	// describe, if set, gets the options in place of a usage text.
	describe func(f *flag.FlagSet)
}

func main() {
	c := &cli{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	args := os.Args[1:]
	if filepath.Base(os.Args[0]) == "fakeroot" { // a symbolic link, as in dpkg-buildpackage -rfakeroot
		args = append([]string{"fakeroot"}, args...)
	}
	os.Exit(c.main(args))
}

// main runs the subcommand that args name and returns the exit status.
func (c *cli) main(args []string) int {
	if len(args) == 0 {
		c.report(usageError("no command", "feign help lists the commands"))
		return wrapper.StatusOwn
	}
	name := args[0]
	switch name {
	case "-h", "-help", "--help":
		name = "help"
	case "-version", "--version":
		name = "version"
	}
	if name == "daemon" { // nothing that a user could begin
		if err := wrapper.Serve(args[1:]); err != nil {
			c.report(err)
			return wrapper.StatusOwn
		}
		return 0
	}
	cmd, ok := lookup(name)
	if !ok {
		c.report(usageError("unknown command \""+name+"\"", "feign help lists the commands"))
		return wrapper.StatusOwn
	}
	status, err := cmd.run(c, args[1:])
	if err != nil {
		c.report(err)
		if status == 0 {
			status = wrapper.ErrorStatus(err)
		}
	}
	return status
}
