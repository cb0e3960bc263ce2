package archive

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/feign-build/feign/lies/manifest"
)

// BenchmarkWrite packs many small files, and a few large ones.
func BenchmarkWrite(b *testing.B) {
	for _, bm := range []struct {
		name        string
		files, size int
	}{
		{"5000x2k", 5000, 2 << 10},
		{"4x32M", 4, 32 << 20},
	} {
		z := newZoo()
		line := "a line of a text that compresses, but not to nothing: %d\n"
		for i := range bm.files {
			if i%50 == 0 {
				z.dir(fmt.Sprintf("d%04d", i))
			}
			content := strings.Repeat(fmt.Sprintf(line, i), bm.size/60)
			z.file(manifest.Entry{Path: fmt.Sprintf("d%04d/f%d", i-i%50, i), Mode: 0o644}, content)
		}
		root := z.sorted().write(b)
		for _, format := range []string{"tar", "tar.zst", "tar.gz", "cpio"} {
			b.Run(bm.name+"/"+format, func(b *testing.B) {
				b.SetBytes(int64(bm.files) * int64(bm.size))
				b.ReportAllocs()
				for b.Loop() {
					must(b, Write(b.Context(), io.Discard, z.m, root, Options{Format: format}))
				}
			})
		}
	}
}
