package main

import (
	"fmt"
	"io"
	"strings"
)

// A completer writes what a shell is taught by.
type completer struct {
	shell string
	write func(w io.Writer, docs []commandDoc) error
}

// completers are the shells that completion speaks for.
func completers() []completer {
	return []completer{{"bash", completeBash}, {"zsh", completeZsh}, {"fish", completeFish}}
}

// cmdCompletion prints what teaches a shell to complete feign's command line.
func cmdCompletion(c *cli, args []string) (int, error) {
	f := c.newFlags("completion")
	if done, err := c.parse(f, args); done || err != nil {
		return 0, err
	}
	var names []string
	for _, s := range completers() {
		if f.NArg() == 1 && f.Arg(0) == s.shell {
			return 0, s.write(c.stdout, describe())
		}
		names = append(names, s.shell)
	}
	return 0, usageError("completion: name a shell", strings.Join(names, ", "))
}

// completeBash writes a function for bash: the words of a command after its name, files where an option takes one.
func completeBash(w io.Writer, docs []commandDoc) error {
	var b strings.Builder
	b.WriteString(`# bash completion for feign; made by "feign completion bash"
_feign() {
	local cur=${COMP_WORDS[COMP_CWORD]} words='' i
	COMPREPLY=()
	# What follows -- or a command to run is completed as files.
	for ((i = 2; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} == -- ]] && return
	done
	case $COMP_CWORD,${COMP_WORDS[1]} in
	1,*) words='` + strings.Join(names(docs), " ") + `' ;;
`)
	for _, d := range docs {
		switch {
		case d.name == "help":
			fmt.Fprintf(&b, "\t2,help) words='%s' ;;\n", strings.Join(names(docs), " "))
		case d.name == "completion":
			fmt.Fprintf(&b, "\t2,completion) words='%s' ;;\n", shells())
		case len(d.verbs) > 0:
			fmt.Fprintf(&b, "\t2,%s) words='%s' ;;\n\t*,%s)\n\t\tcase ${COMP_WORDS[2]} in\n", d.name, strings.Join(names(d.verbs), " "), d.name)
			for _, v := range d.verbs {
				fmt.Fprintf(&b, "\t\t%s) words='%s' ;;\n", v.name, strings.Join(append(flags(v.options), flags(d.options)...), " "))
			}
			b.WriteString("\t\tesac\n\t\t;;\n")
		default:
			fmt.Fprintf(&b, "\t*,%s) words='%s' ;;\n", d.name, strings.Join(flags(d.options), " "))
		}
	}
	b.WriteString(`	esac
	if [[ $COMP_CWORD == 1 || $cur == -* || -n $words && $words != -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	fi
}
complete -o bashdefault -o default -F _feign feign
`)
	_, err := io.WriteString(w, b.String())
	return err
}

// completeZsh writes a function for zsh's compsys, with the texts of the options.
func completeZsh(w io.Writer, docs []commandDoc) error {
	var b strings.Builder
	b.WriteString("#compdef feign\n# zsh completion for feign; made by \"feign completion zsh\"\n_feign() {\n\tlocal -a commands\n\tcommands=(\n")
	for _, d := range docs {
		fmt.Fprintf(&b, "\t\t%s\n", zshWord(d.name+":"+d.summary))
	}
	b.WriteString("\t)\n\tif ((CURRENT == 2)); then\n\t\t_describe command commands\n\t\treturn\n\tfi\n\tlocal name=$words[2]\n\tshift words\n\t((CURRENT--))\n\tcase $name in\n")
	for _, d := range docs {
		fmt.Fprintf(&b, "\t%s)\n", d.name)
		switch {
		case d.name == "help":
			b.WriteString("\t\t_describe command commands\n")
		case d.name == "completion":
			fmt.Fprintf(&b, "\t\t_values shell %s\n", shells())
		case len(d.verbs) > 0:
			fmt.Fprintf(&b, "\t\tif ((CURRENT == 2)); then\n\t\t\t_values command %s\n\t\t\treturn\n\t\tfi\n\t\tlocal verb=$words[2]\n\t\tshift words\n\t\t((CURRENT--))\n\t\tcase $verb in\n", strings.Join(names(d.verbs), " "))
			for _, v := range d.verbs {
				fmt.Fprintf(&b, "\t\t%s) %s ;;\n", v.name, zshArguments(append(v.options, d.options...), "'*:file:_files'"))
			}
			b.WriteString("\t\tesac\n")
		case d.name == "run":
			fmt.Fprintf(&b, "\t\t%s\n", zshArguments(d.options, "'*::command: _normal'"))
		default:
			fmt.Fprintf(&b, "\t\t%s\n", zshArguments(d.options, "'*:file:_files'"))
		}
		b.WriteString("\t\t;;\n")
	}
	b.WriteString("\tesac\n}\nif [ \"$funcstack[1]\" = _feign ]; then\n\t_feign \"$@\"\nelse\n\tcompdef _feign feign\nfi\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func zshArguments(options []optionDoc, rest string) string {
	words := []string{"_arguments", "-S"}
	for _, o := range options {
		spec := o.flag + "[" + strings.NewReplacer("[", `\[`, "]", `\]`).Replace(o.text) + "]"
		if o.arg != "" {
			spec += ":" + strings.ReplaceAll(o.arg, ":", `\:`) + ":_files"
		}
		words = append(words, zshWord(spec))
	}
	return strings.Join(append(words, rest), " ")
}

// zshWord quotes a word; zsh's quotes are those of sh.
func zshWord(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// completeFish writes commands for fish.
func completeFish(w io.Writer, docs []commandDoc) error {
	var b strings.Builder
	b.WriteString("# fish completion for feign; made by \"feign completion fish\"\n")
	for _, d := range docs {
		fmt.Fprintf(&b, "complete -c feign -f -n __fish_use_subcommand -a %s -d %s\n", d.name, fishWord(d.summary))
	}
	for _, d := range docs {
		within := "__fish_seen_subcommand_from " + d.name
		if d.name == "help" {
			fmt.Fprintf(&b, "complete -c feign -f -n %s -a %s\n", fishWord(within), fishWord(strings.Join(names(docs), " ")))
		}
		if d.name == "completion" {
			fmt.Fprintf(&b, "complete -c feign -f -n %s -a %s\n", fishWord(within), fishWord(shells()))
		}
		if len(d.verbs) > 0 {
			verbs := strings.Join(names(d.verbs), " ")
			fmt.Fprintf(&b, "complete -c feign -f -n %s -a %s\n", fishWord(within+"; and not __fish_seen_subcommand_from "+verbs), fishWord(verbs))
		}
		for _, v := range d.verbs {
			fishOptions(&b, within+"; and __fish_seen_subcommand_from "+v.name, v.options)
		}
		fishOptions(&b, within, d.options)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func fishOptions(b *strings.Builder, condition string, options []optionDoc) {
	for _, o := range options {
		name, long := strings.CutPrefix(o.flag, "--")
		option := "-l " + name
		if !long {
			option = "-s " + strings.TrimPrefix(o.flag, "-")
		}
		if o.arg != "" {
			option += " -r"
		}
		fmt.Fprintf(b, "complete -c feign -n %s %s -d %s\n", fishWord(condition), option, fishWord(o.text))
	}
}

// fishWord quotes a word: within single quotes fish knows \\ and \'.
func fishWord(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
}

func names(docs []commandDoc) []string {
	var list []string
	for _, d := range docs {
		list = append(list, d.name)
	}
	return list
}

func flags(options []optionDoc) []string {
	var list []string
	for _, o := range options {
		list = append(list, o.flag)
	}
	return list
}

func shells() string {
	var list []string
	for _, s := range completers() {
		list = append(list, s.shell)
	}
	return strings.Join(list, " ")
}
