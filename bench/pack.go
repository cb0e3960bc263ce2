//go:build linux

package main

import (
	"context"
	"fmt"
	"slices"
)

// packRows are rows whose names begin with "pack-": archives of a tree, beside those of the archivers that have no manifest, and
// what is done with the manifest alone. All write to a pipe, so that the disk does not count, and whole seconds, as GNU tar does by
// itself. feign alone compares every file with its size and sha256 meanwhile.
func (b *bench) packRows(short bool) []wayRow {
	rounds := 9
	text, small := "text:20000", "tree:50000"
	if short {
		rounds, text, small = 1, "text:500", "tree:1000"
	}
	script := func(name, tree, script string) way {
		return way{name, func(ctx context.Context) (float64, error) {
			if err := b.make(ctx, "described:"+tree); err != nil {
				return 0, err
			}
			return milliseconds(b.command(ctx, []string{"sh", "-c", "cd $W/ && " + script}, false))
		}}
	}
	pack := func(name, what, tree, format string, peers ...way) wayRow {
		feign := script("feign", tree, fmt.Sprintf("%s pack -m %s.mtree -C %s -o - --epoch 1735689600 --format %s | cat >/dev/null",
			b.feign, tree, tree, format))
		return wayRow{name: name, what: what, unit: "ms", rounds: rounds, ways: append([]way{feign}, peers...), peers: true,
			target: "1 x each", met: func(m []float64) bool { return m[0] <= slices.Min(m[1:]) }}
	}
	tars := func(tree string) []way {
		return []way{
			script("GNU tar", tree, "tar -cf - "+tree+" | cat >/dev/null"),
			script("bsdtar", tree, "bsdtar -cf - "+tree+" | cat >/dev/null"),
		}
	}
	zstds := func(tree string) []way {
		return []way{
			script("GNU tar with `zstd -T2`", tree, "tar -cf - "+tree+" | zstd -q -T2 | cat >/dev/null"),
			script("bsdtar", tree, "bsdtar --zstd -cf - "+tree+" | cat >/dev/null"),
		}
	}
	return []wayRow{
		pack("pack-tar", "`feign pack`: tar of 20,000 texts, 120 MB", text, "tar", tars(text)...),
		pack("pack-zst", "the same with zstd's level 3", text, "tar.zst", zstds(text)...),
		pack("pack-small-tar", "`feign pack`: tar of 50,000 files of a few hundred bytes", small, "tar", tars(small)...),
		pack("pack-small-zst", "the same with zstd's level 3", small, "tar.zst", zstds(small)...),
		{name: "pack-manifest", what: "`feign manifest`: that of the 20,000 texts", unit: "ms", rounds: rounds, ways: []way{
			script("show", text, b.feign+" manifest show "+text+".mtree >/dev/null"),
			script("digest", text, b.feign+" manifest digest "+text+".mtree >/dev/null"),
			script("verify", text, b.feign+" manifest verify "+text+".mtree "+text),
		}},
	}
}
