package main

import (
	"flag"
	"io"
	"strings"
)

// What manual pages and completions are made of: the definitions that the command line itself is parsed by.

// A commandDoc describes a command, or one of the commands below it.
type commandDoc struct {
	name, synopsis, summary string
	options                 []optionDoc
	verbs                   []commandDoc
}

// An optionDoc describes an option. arg is what its argument is called, "" if it has none.
type optionDoc struct{ flag, arg, text string }

// verbsOf returns the commands below a command.
func verbsOf(name string) []string {
	switch name {
	case "manifest":
		return manifestVerbs().names()
	case "plugin":
		return pluginVerbs().names()
	case "state":
		return stateVerbs().names()
	}
	return nil
}

// describe describes all commands, in the order of `feign help`.
func describe() []commandDoc {
	var docs []commandDoc
	for _, cmd := range commands() {
		d := commandDoc{name: cmd.name, synopsis: cmd.synopsis, summary: cmd.summary}
		if cmd.name == "help" || cmd.name == "version" { // they have no options, not even -h
			docs = append(docs, d)
			continue
		}
		d.options = optionsOf(cmd, nil)
		for _, verb := range verbsOf(cmd.name) {
			d.verbs = append(d.verbs, commandDoc{name: verb, options: onlyOf(verb, optionsOf(cmd, []string{verb}), d.options)})
		}
		docs = append(docs, d)
	}
	return docs
}

// optionsOf returns the options of a command, or of the one below it that args name, as its -h would list them.
func optionsOf(cmd command, args []string) []optionDoc {
	var options []optionDoc
	c := &cli{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard}
	c.describe = func(f *flag.FlagSet) {
		f.VisitAll(func(o *flag.Flag) {
			arg, text := flag.UnquoteUsage(o)
			options = append(options, optionDoc{dashed(o.Name), arg, text})
		})
	}
	_, _ = cmd.run(c, append(args, "-h")) // it asks for the usage text: nothing is done, and nothing fails
	return options
}

// onlyOf returns the options of a command below another that the other has not, without the command's name in their texts.
func onlyOf(verb string, options, common []optionDoc) []optionDoc {
	known := map[string]bool{}
	for _, o := range common {
		known[o.flag] = true
	}
	var own []optionDoc
	for _, o := range options {
		if !known[o.flag] {
			o.text = strings.TrimPrefix(o.text, verb+": ")
			own = append(own, o)
		}
	}
	return own
}

// dashed returns an option as it is typed.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}
