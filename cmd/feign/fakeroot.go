package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/foreign"
	"github.com/feign-build/feign/lies/foreign/pseudo"
	"github.com/feign-build/feign/wrapper"
)

// fakerootUsage is what fakeroot prints, so that scripts which look for an option find it.
const fakerootUsage = `feign, in the place of fakeroot: create a fake root environment.
   usage: fakeroot [-l|--lib fakerootlib] [-f|--faked fakedbin]
                   [-i file] [-s file] [-u|--unknown-is-real]
                   [-b|--fd-base fd] [-h|--help] [-v|--version]
                   [--] [command]
`

// fakerootVersion is the version of fakeroot whose command line this is.
const fakerootVersion = "1.31"

// fakerootOptions are the options of fakeroot. -l, -f and -b are about its library and its daemon, which feign has not.
type fakerootOptions struct {
	load, save    string
	unknownIsReal bool
	help, version bool
}

// fakerootLong are fakeroot's long options, by the short ones that they stand for. A colon asks for an argument.
var fakerootLong = map[string]string{
	"lib": "l:", "faked": "f:", "unknown-is-real": "u", "fd-base": "b:", "version": "v", "help": "h",
}

// parseFakeroot takes options apart as getopt(1) does for fakeroot: short ones may be joined, long ones cut short, and the first
// argument that is none ends them.
func parseFakeroot(args []string) (o fakerootOptions, command []string, err error) {
	for len(args) > 0 {
		arg := args[0]
		if arg == "--" {
			return o, args[1:], nil
		}
		if len(arg) < 2 || arg[0] != '-' {
			break
		}
		args = args[1:]
		if long, ok := strings.CutPrefix(arg, "--"); ok {
			if args, err = o.long(long, args); err != nil {
				return o, nil, err
			}
			continue
		}
		for letters := arg[1:]; letters != ""; {
			letter := letters[:1]
			letters = letters[1:]
			if !strings.Contains("lfisb", letter) {
				if err := o.set(letter, ""); err != nil {
					return o, nil, err
				}
				continue
			}
			value := letters
			if value == "" {
				if len(args) == 0 {
					return o, nil, usageError("fakeroot: option -"+letter+" needs an argument", "fakeroot -h")
				}
				value, args = args[0], args[1:]
			}
			letters = ""
			if err := o.set(letter, value); err != nil {
				return o, nil, err
			}
		}
	}
	return o, args, nil
}

// long takes a long option, and returns the arguments that are left.
func (o *fakerootOptions) long(text string, args []string) ([]string, error) {
	name, value, hasValue := strings.Cut(text, "=")
	var matches []string
	for _, long := range slices.Sorted(maps.Keys(fakerootLong)) {
		if long == name {
			matches = []string{long}
			break
		}
		if strings.HasPrefix(long, name) {
			matches = append(matches, long)
		}
	}
	if len(matches) != 1 {
		return nil, usageError("fakeroot: no option --"+name, "fakeroot -h")
	}
	letter, wants := strings.CutSuffix(fakerootLong[matches[0]], ":")
	switch {
	case !wants && hasValue:
		return nil, usageError("fakeroot: option --"+matches[0]+" takes no argument", "fakeroot -h")
	case wants && !hasValue && len(args) == 0:
		return nil, usageError("fakeroot: option --"+matches[0]+" needs an argument", "fakeroot -h")
	case wants && !hasValue:
		value, args = args[0], args[1:]
	}
	return args, o.set(letter, value)
}

func (o *fakerootOptions) set(letter, value string) error {
	switch letter {
	case "i":
		o.load = value
	case "s":
		o.save = value
	case "u":
		o.unknownIsReal = true
	case "h":
		o.help = true
	case "v":
		o.version = true
	case "l", "f", "b":
	default:
		return usageError("fakeroot: no option -"+letter, "fakeroot -h")
	}
	return nil
}

// cmdFakeroot is fakeroot's command line.
func cmdFakeroot(c *cli, args []string) (int, error) {
	o, command, err := parseFakeroot(args)
	switch {
	case err != nil:
		return 1, err
	case o.version:
		_, err := fmt.Fprintf(c.stdout, "fakeroot version %s (feign)\n", fakerootVersion)
		return 0, err
	case o.help:
		fmt.Fprint(c.stderr, fakerootUsage)
		return 1, nil // as fakeroot does
	}
	if key, nested := os.LookupEnv("FAKEROOTKEY"); nested && key != "" {
		return 1, &wrapper.Error{What: "fakeroot", Why: "FAKEROOTKEY is set to " + key + ": this is inside another fakeroot", Hint: "a process has one tracer: leave one of the two out"}
	}
	ix := lies.New(lies.Options{OnMismatch: func(m lies.Mismatch) {
		c.message(wrapper.Message{Level: wrapper.LevelWarning, What: m.String()})
	}})
	if o.load != "" {
		if err := c.loadFakeroot(ix, o.load); err != nil {
			return 0, err
		}
	}
	status, err := c.runFakeroot(o, command, ix)
	if err == nil && o.save != "" {
		err = c.saveFakeroot(ix, o.save)
	}
	return status, err
}

func (c *cli) runFakeroot(o fakerootOptions, command []string, ix *lies.Index) (int, error) {
	cfg := wrapper.Defaults()
	mode := "unknown-is-root"
	if o.unknownIsReal {
		mode, cfg.Identity.Unknown = "unknown-is-real", wrapper.UnknownReal
	}
	// Scripts ask for these in order to know that they run under fakeroot.
	cfg.Action.Env = map[string]string{"FAKEROOTKEY": fmt.Sprint(os.Getpid()), "FAKED_MODE": mode}
	caller, err := wrapper.CallerFromOS()
	if err != nil {
		return 0, err
	}
	plan, err := cfg.Plan(caller, command)
	if err != nil {
		return 0, err
	}
	return wrapper.Run(context.Background(), plan, wrapper.RunOptions{Log: c.message, Lies: ix})
}

// loadFakeroot reads a save file. One that is not there is told and is no error, as with fakeroot.
func (c *cli) loadFakeroot(ix *lies.Index, path string) error {
	info, err := os.Stat(path)
	if err != nil || info.IsDir() {
		c.message(wrapper.Message{Level: wrapper.LevelWarning, What: "fakeroot: " + path, Why: "there is no such file", Hint: "-s makes it"})
		return nil
	}
	list, missing, err := readForeign(string(foreign.Fakeroot), path)
	if err != nil {
		return err
	}
	for _, l := range list {
		ix.Set(l)
	}
	c.leftOut("fakeroot: "+path, len(missing), "there is no such file")
	return nil
}

// readForeign reads a file of one of the formats of package foreign, and makes lies of it.
func readForeign(format, path string) (list []lies.Lie, missing []foreign.Entry, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, &wrapper.Error{What: "cannot read " + path, Err: errors.Unwrap(err)}
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, nil, &wrapper.Error{What: "cannot read " + path, Err: err}
	}
	var entries []foreign.Entry
	if format == formatPseudo {
		entries, err = pseudo.Read(path)
	} else {
		entries, err = foreign.Read(foreign.Format(format), file)
	}
	if err != nil {
		return nil, nil, &wrapper.Error{What: "cannot read " + path, Err: err, Hint: "it is not of the format " + format}
	}
	saved := lies.Timespec{Sec: info.ModTime().Unix(), Nsec: uint32(info.ModTime().Nanosecond())}
	list, missing = foreign.Bind(entries, saved)
	return list, missing, nil
}

// formatPseudo is the format that is a database.
const formatPseudo = "pseudo"

// leftOut tells of files that could not be carried over.
func (c *cli) leftOut(what string, n int, why string) {
	if n > 0 {
		c.message(wrapper.Message{Level: wrapper.LevelWarning, What: what, Why: fmt.Sprintf("%d files are left out: %s", n, why)})
	}
}

// saveFakeroot writes a save file: what is claimed at the end.
func (c *cli) saveFakeroot(ix *lies.Index, path string) error {
	return c.writeForeign(context.Background(), string(foreign.Fakeroot), path, ".", slices.Collect(ix.All()))
}

// writeForeign writes lies in one of the formats of package foreign, and tells what that cannot carry.
func (c *cli) writeForeign(ctx context.Context, format, path, root string, list []lies.Lie) error {
	entries, missing, err := foreign.Collect(ctx, list, root)
	if err != nil {
		return err
	}
	c.leftOut(path, len(missing), "they are not where they were, and not all of them is claimed")
	if format == formatPseudo {
		err = pseudo.Write(path, entries)
	} else {
		xattrs := 0
		for _, e := range entries {
			xattrs += len(e.Xattrs)
		}
		if xattrs > 0 {
			c.message(wrapper.Message{
				Level: wrapper.LevelWarning, What: path, Why: fmt.Sprintf("%d extended attributes are left out: %s has none", xattrs, format),
				Hint: "feign run -m or -s keeps them",
			})
		}
		err = c.writeLines(foreign.Format(format), path, entries)
	}
	if err != nil {
		return &wrapper.Error{What: "cannot write " + path, Err: unwrapped(err)}
	}
	return nil
}

// writeLines writes a file whole or not at all; a fifo, a device and standard output (-) are written to.
func (c *cli) writeLines(format foreign.Format, path string, entries []foreign.Entry) error {
	if path == "-" {
		return foreign.Write(format, c.stdout, entries)
	}
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return errors.Join(foreign.Write(format, file, entries), file.Close())
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".feign-*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // no longer there when all went well
	err = errors.Join(foreign.Write(format, file, entries), file.Chmod(0o644), file.Close())
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// unwrapped is the error without the path that it is about, where that is said already.
func unwrapped(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
