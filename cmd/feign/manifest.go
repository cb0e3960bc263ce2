package main

import (
	"flag"
	"fmt"

	"github.com/feign-build/feign/lies/manifest"
)

func manifestVerbs() verbs {
	return verbs{
		{"show", "MANIFEST", 1, 1, withoutOptions(manifestShow)},
		{"digest", "MANIFEST", 1, 1, withoutOptions(manifestDigest)},
		{"verify", "MANIFEST TREE", 2, 2, manifestVerify},
		{"diff", "MANIFEST MANIFEST", 2, 2, withoutOptions(manifestDiff)},
		{"carry", "MANIFEST TREE", 2, 2, withoutOptions(manifestCarry)},
		{"convert", "", 0, 0, manifestConvert},
	}
}

// cmdManifest looks at manifests. A manifest called - is read from standard input.
func cmdManifest(c *cli, args []string) (int, error) { return manifestVerbs().run(c, "manifest", args) }

// manifestShow prints the canonical text.
func manifestShow(c *cli, args []string) (int, error) {
	m, err := c.readManifest(args[0])
	if err != nil {
		return 0, err
	}
	_, err = m.WriteTo(c.stdout)
	return 0, err
}

// manifestDigest prints the digest of the canonical text, which does not depend on the compression.
func manifestDigest(c *cli, args []string) (int, error) {
	m, err := c.readManifest(args[0])
	if err != nil {
		return 0, err
	}
	digest, err := m.Digest()
	if err == nil {
		_, err = fmt.Fprintln(c.stdout, digest)
	}
	return 0, err
}

// manifestVerify compares a tree with a manifest.
func manifestVerify(f *flag.FlagSet) verbRun {
	var o manifest.VerifyOptions
	f.BoolVar(&o.Mode, "mode", false, "verify: compare the modes on the disk too")
	f.BoolVar(&o.Owner, "owner", false, "verify: compare the owners on the disk too")
	f.BoolVar(&o.Time, "time", false, "verify: compare the times on the disk too")
	f.BoolVar(&o.Carried, "carried", false, "verify: the tree came through a cache or sandbox that keeps contents only")
	f.Func("exclude", "verify: leave out `PATH` and what is below; may be repeated", func(s string) error {
		o.Exclude = append(o.Exclude, s)
		return nil
	})
	return func(c *cli, args []string) (int, error) {
		m, err := c.readManifest(args[0])
		if err != nil {
			return 0, err
		}
		ctx, interrupted := untilSignal()
		diffs, err := manifest.Verify(ctx, m, args[1], o)
		if sig := interrupted(); sig != 0 && err != nil {
			return 128 + int(sig), fmt.Errorf("manifest verify: ended by %s", sig)
		}
		if err != nil {
			return 0, err
		}
		return c.printDifferences(diffs)
	}
}

// manifestDiff compares two manifests.
func manifestDiff(c *cli, args []string) (int, error) {
	a, err := c.readManifest(args[0])
	if err != nil {
		return 0, err
	}
	b, err := c.readManifest(args[1])
	if err != nil {
		return 0, err
	}
	return c.printDifferences(manifest.Diff(a, b))
}

// manifestCarry makes a tree ready for what keeps the contents of files only.
func manifestCarry(c *cli, args []string) (int, error) {
	m, err := c.readManifest(args[0])
	if err != nil {
		return 0, err
	}
	ctx, interrupted := untilSignal()
	err = manifest.Carry(ctx, m, args[1])
	if sig := interrupted(); sig != 0 && err != nil {
		return 128 + int(sig), fmt.Errorf("manifest carry: ended by %s (%s is half done: make it again)", sig, args[1])
	}
	return 0, err
}

// printDifferences prints each on a line and returns the exit status.
func (c *cli) printDifferences(diffs []manifest.Difference) (int, error) {
	for _, d := range diffs {
		if _, err := fmt.Fprintln(c.stdout, d); err != nil {
			return 0, err
		}
	}
	if len(diffs) > 0 {
		return statusDiffers, nil
	}
	return 0, nil
}
