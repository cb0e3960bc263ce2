package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// cmdMan writes manual pages, one for feign and one for each of its commands, for man(7).
func cmdMan(c *cli, args []string) (int, error) {
	f := c.newFlags("man")
	if done, err := c.parse(f, args); done || err != nil {
		return 0, err
	}
	if f.NArg() != 1 {
		return 0, usageError("man: no directory", "feign man DIR")
	}
	dir := f.Arg(0)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, fmt.Errorf("man: %w", err)
	}
	docs := describe()
	pages := map[string]string{"feign.1": manOverview(docs)}
	for _, d := range docs {
		pages["feign-"+d.name+".1"] = manPage(d)
	}
	for name, text := range pages {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return 0, fmt.Errorf("man: %w", err)
		}
	}
	return 0, nil
}

// manExit is the section on exit statuses.
const manExit = `.SH EXIT STATUS
The action's own; 128+N when signal N ended it; 126 and 127 as a shell when it cannot be started; 1 when a tree or a manifest is
not what it should be; 125 for an error of feign's own, which is one line on standard error.
`

func manOverview(docs []commandDoc) string {
	var b bytes.Buffer
	manHead(&b, "feign", "run a build action as an ordinary user and let it believe that it is root")
	manSynopsis(&b, "feign", "COMMAND [ARG...]")
	b.WriteString(`.SH DESCRIPTION
What only root may do (change owners, make device nodes, set capabilities, switch ids) is not done but remembered. What was
remembered leaves as a manifest, and an archive step turns tree and manifest into an archive that is the same bytes every time.
.SH COMMANDS
`)
	for _, d := range docs {
		fmt.Fprintf(&b, ".TP\n.BR feign\\-%s (1)\n%s\n", roff(d.name), roff(d.summary))
	}
	b.WriteString(manExit)
	b.WriteString(`.SH EXAMPLES
.EX
feign run \-m out.mtree.zst \-\-root root \-\- make install DESTDIR=$PWD/root
feign pack \-m out.mtree.zst \-C root \-o root.tar.zst
.EE
`)
	manSeeAlso(&b, "feign", docs)
	return b.String()
}

func manPage(d commandDoc) string {
	var b bytes.Buffer
	name := "feign-" + d.name
	manHead(&b, name, d.summary)
	manSynopsis(&b, "feign "+d.name, d.synopsis)
	if len(d.options) > 0 {
		b.WriteString(".SH OPTIONS\n")
		manOptions(&b, d.options)
	}
	if len(d.verbs) > 0 {
		b.WriteString(".SH COMMANDS\n")
	}
	for _, v := range d.verbs {
		fmt.Fprintf(&b, ".SS %s\n", roff(v.name))
		manOptions(&b, v.options)
		if len(v.options) == 0 {
			b.WriteString("It has no options of its own.\n")
		}
	}
	b.WriteString(manExit)
	manSeeAlso(&b, name, nil)
	return b.String()
}

// manHead begins a page. It has no date: the same sources give the same page.
func manHead(b *bytes.Buffer, name, summary string) {
	fmt.Fprintf(b, ".TH %s 1 \"\" \"feign %s\" \"User Commands\"\n.SH NAME\n%s \\- %s\n", strings.ToUpper(roff(name)), roff(version), roff(name), roff(summary))
}

func manSynopsis(b *bytes.Buffer, name, synopsis string) {
	fmt.Fprintf(b, ".SH SYNOPSIS\n.B %s\n%s\n", roff(name), roff(synopsis))
}

func manOptions(b *bytes.Buffer, options []optionDoc) {
	for _, o := range options {
		fmt.Fprintf(b, ".TP\n.B %s", roff(o.flag))
		if o.arg != "" {
			fmt.Fprintf(b, " \\fI%s\\fR", roff(o.arg))
		}
		fmt.Fprintf(b, "\n%s\n", roff(o.text))
	}
}

func manSeeAlso(b *bytes.Buffer, name string, docs []commandDoc) {
	b.WriteString(".SH SEE ALSO\n")
	if name != "feign" {
		b.WriteString(".BR feign (1),\n")
	}
	for _, d := range docs {
		fmt.Fprintf(b, ".BR feign\\-%s (1),\n", roff(d.name))
	}
	b.WriteString(".BR fakeroot (1),\n.BR mtree (5)\n")
}

// roff returns text as it stands in the source of a page: a line that begins with a dot or quote is a request, and a hyphen that
// is to be copied into a shell must not become a typographic one (man-pages(7)).
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}
