package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/foreign"
	"github.com/feign-build/feign/lies/manifest"
	"github.com/feign-build/feign/lies/store"
	"github.com/feign-build/feign/wrapper"
)

// formatManifest is feign's own format.
const formatManifest = "manifest"

// exchangeFormats are what a state can be exported to and imported from.
func exchangeFormats() []string {
	formats := []string{formatManifest}
	for _, f := range foreign.Formats() {
		formats = append(formats, string(f))
	}
	return append(formats, formatPseudo)
}

// addFormat adds the option that names a format.
func addFormat(f *flag.FlagSet) *string {
	format := formatManifest
	f.Func("format", "export, import: `"+strings.Join(exchangeFormats(), "|")+"` (default: manifest)", func(s string) error {
		for _, known := range exchangeFormats() {
			if s == known {
				format = s
				return nil
			}
		}
		return errors.New("one of " + strings.Join(exchangeFormats(), ", "))
	})
	return &format
}

// stateExport writes what a state claims in another format.
func stateExport(f *flag.FlagSet) func(c *cli, dir string, args []string) (int, error) {
	filter := addFilter(f)
	format := addFormat(f)
	out := f.String("o", "-", "export: write `FILE` (- for standard output)")
	root := f.String("root", "", "export, import: the `TREE` that a manifest is about, or in which files are looked for that were moved")
	return func(c *cli, dir string, args []string) (_ int, err error) {
		switch {
		case *format == formatManifest && *root == "":
			return 0, usageError("state export: a manifest of what?", "--root TREE, or another --format")
		case *format == formatPseudo && *out == "-":
			return 0, usageError("state export: pseudo's database is a file", "-o FILE")
		}
		if filter.Paths, err = absolute(args); err != nil {
			return 0, err
		}
		ctx, interrupted := untilSignal()
		list, err := readLies(ctx, dir, *filter)
		switch {
		case err != nil:
		case *format == formatManifest:
			err = c.exportManifest(ctx, *out, *root, dir, list)
		default:
			err = c.writeForeign(ctx, *format, *out, *root, list)
		}
		if sig := interrupted(); sig != 0 && err != nil {
			return 128 + int(sig), fmt.Errorf("state export: ended by %s", sig)
		}
		return 0, err
	}
}

// exportManifest describes a tree as an action with the state would see it.
func (c *cli) exportManifest(ctx context.Context, out, root, state string, list []lies.Lie) error {
	ix := lies.New(lies.Options{})
	for _, l := range list {
		ix.Load(l)
	}
	o := manifest.Options{Claims: manifest.Claims(ix), Owner: foreign.RootOwner, Digest: true}
	paths, err := absolute([]string{root, state, out})
	if err != nil {
		return err
	}
	for _, own := range paths[1:] { // the tree is not what is written about it
		if rel, err := filepath.Rel(paths[0], own); err == nil && store.Below(own, paths[0]) && rel != "." {
			o.Exclude = append(o.Exclude, rel)
		}
	}
	m, err := manifest.Scan(ctx, root, o)
	if err != nil {
		return err
	}
	if out == "-" {
		_, err = m.WriteTo(c.stdout)
		return err
	}
	return m.WriteFile(out)
}

// stateImport takes lies into a state; it makes the state if there is none.
func stateImport(f *flag.FlagSet) func(c *cli, dir string, args []string) (int, error) {
	format := addFormat(f)
	root := f.String("root", "", "export, import: the `TREE` that a manifest is about, or in which files are looked for that were moved")
	return func(c *cli, dir string, args []string) (int, error) {
		if *format == formatManifest && *root == "" {
			return 0, usageError("state import: a manifest of what?", "--root TREE, or another --format")
		}
		ctx, interrupted := untilSignal()
		list, err := c.readImport(ctx, *format, *root, args[0])
		if sig := interrupted(); sig != 0 && err != nil {
			return 128 + int(sig), fmt.Errorf("state import: ended by %s", sig)
		}
		if err != nil {
			return 0, err
		}
		return 0, c.importLies(dir, list)
	}
}

func (c *cli) readImport(ctx context.Context, format, root, path string) ([]lies.Lie, error) {
	if format == formatManifest {
		return c.bindManifest(ctx, path, root)
	}
	list, missing, err := readForeign(format, path)
	if err != nil {
		return nil, err
	}
	c.leftOut(path, len(missing), "there is no such file, or it is of another type")
	if root == "" {
		return list, nil
	}
	return list, foreign.FindPaths(ctx, list, root)
}

func (c *cli) bindManifest(ctx context.Context, path, root string) ([]lies.Lie, error) {
	m, err := c.readManifest(path)
	if err != nil {
		return nil, err
	}
	bound, err := manifest.Bind(ctx, m, root)
	if err != nil {
		return nil, err
	}
	roots, err := absolute([]string{root})
	if err != nil {
		return nil, err
	}
	list := make([]lies.Lie, len(bound))
	for i, b := range bound {
		list[i] = b.Lie(roots[0])
	}
	return list, nil
}

// importLies writes lies into a state, in the place of those that it has about the same files.
func (c *cli) importLies(dir string, list []lies.Lie) error {
	const what = "feign state import"
	lock, err := store.Acquire(dir, what)
	if err != nil {
		return err
	}
	st, err := store.Open(lock, store.Options{})
	if err != nil {
		return err
	}
	for _, l := range list {
		st.Changed(l)
	}
	st.Log(store.Event{Result: fmt.Sprintf("%s: %d lies", what, len(list))})
	if err := st.Close(); err != nil {
		return err
	}
	c.message(wrapper.Message{Level: wrapper.LevelInfo, What: "state " + dir, Why: fmt.Sprintf("%d lies imported", len(list))})
	return nil
}
