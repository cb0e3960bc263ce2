package main

import (
	"flag"
	"fmt"
	"strings"

	"github.com/feign-build/feign/lies/manifest"
	"github.com/feign-build/feign/wrapper"
)

// manifestConvert writes a manifest in a format of another program.
func manifestConvert(f *flag.FlagSet) verbRun {
	var o manifest.ConvertOptions
	f.StringVar(&o.Format, "to", "", "convert: the `FORMAT`: "+strings.Join(manifest.ConvertFormats(), ", "))
	reverse := f.String("from", "", "convert: the other way: owners from the attribute of `rootlesscontainers`")
	from := f.String("m", "", "convert: the `MANIFEST` (- for standard input)")
	f.StringVar(&o.Tree, "C", "", "convert: the `TREE`, as the result is to call it; it is compared where the format takes something from it")
	out := f.String("o", "-", "convert: write the `FILE` (default: standard output)")
	f.BoolVar(&o.Strict, "strict", false, "convert: what the format cannot carry is an error")
	return func(c *cli, _ []string) (int, error) {
		switch {
		case *reverse != "" && (*reverse != "rootlesscontainers" || o.Format != "" || o.Tree != "" || o.Strict):
			return 0, usageError("manifest convert: --from is for rootlesscontainers, with -m and -o alone", "feign help manifest")
		case *reverse == "" && o.Format == "":
			return 0, usageError("manifest convert: no format", "--to "+strings.Join(manifest.ConvertFormats(), "|"))
		case *from == "":
			return 0, usageError("manifest convert: no manifest", "-m MANIFEST, as feign run -m writes it")
		}
		m, err := c.readManifest(*from)
		if err != nil {
			return 0, err
		}
		if *reverse != "" {
			if m, err = manifest.FromRootless(m); err != nil {
				return 0, err
			}
			return 0, c.writeManifest(m, *out)
		}
		o.Lost = func(l manifest.Loss) {
			c.message(wrapper.Message{Level: wrapper.LevelWarning, What: "manifest convert: " + l.String()})
		}
		ctx, interrupted := untilSignal()
		if *out == "-" {
			err = manifest.Convert(ctx, c.stdout, m, o)
		} else {
			err = manifest.ConvertFile(ctx, *out, m, o)
		}
		if sig := interrupted(); sig != 0 && err != nil {
			return 128 + int(sig), fmt.Errorf("manifest convert: ended by %s", sig)
		}
		return 0, err
	}
}

// writeManifest writes a manifest to a file, or to standard output if path is "-".
func (c *cli) writeManifest(m *manifest.Manifest, path string) error {
	if path != "-" {
		return m.WriteFile(path)
	}
	_, err := m.WriteTo(c.stdout)
	return err
}
