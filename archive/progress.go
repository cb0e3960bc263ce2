package archive

import (
	"io"
	"iter"

	"github.com/feign-build/feign/lies/manifest"
)

// progress counts what is written, for whoever wants to know.
type progress struct {
	now  Progress
	tell func(Progress)
}

// newProgress adds up what there is to write.
func newProgress(items iter.Seq[*item], stores func(*item) bool, tell func(Progress)) *progress {
	p := &progress{tell: tell}
	if tell == nil {
		return p
	}
	for it := range items {
		if it.Type == manifest.TypeFile && stores(it) {
			p.now.AllFiles++
			p.now.AllBytes += it.Size
		}
	}
	return p
}

// file has copy write one file to w.
func (p *progress) file(w io.Writer, e *manifest.Entry, copy func(io.Writer, *manifest.Entry) error) error {
	if p.tell == nil {
		return copy(w, e)
	}
	if err := copy(&progressWriter{p, w}, e); err != nil {
		return err
	}
	p.now.Files++
	p.tell(p.now)
	return nil
}

type progressWriter struct {
	p *progress
	w io.Writer
}

func (p *progressWriter) Write(b []byte) (int, error) {
	n, err := p.w.Write(b)
	p.p.now.Bytes += int64(n)
	p.p.tell(p.p.now)
	return n, err
}
