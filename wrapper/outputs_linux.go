package wrapper

import (
	"context"

	"github.com/feign-build/feign/archive"
	"github.com/feign-build/feign/lies/manifest"
)

// writeOutputs writes the manifest of the tree and, after success, the archive from both. Each of them gets its name when
// it is whole: an error leaves what was there before.
func (r *run) writeOutputs(ctx context.Context, status int) error {
	p := r.plan
	wantArchive := p.Archive.Path != "" && status == 0
	if p.Manifest.Path == "" && !wantArchive {
		return nil
	}
	m, err := r.scan(ctx)
	if err != nil {
		return &Error{What: "cannot describe the tree", Err: err, Hint: "see manifest.root and manifest.exclude"}
	}
	if p.Manifest.Path != "" {
		if err := m.WriteFile(p.Manifest.Path); err != nil {
			return &Error{What: "cannot write the manifest " + p.Manifest.Path, Err: errno(err)}
		}
	}
	if !wantArchive {
		return nil
	}
	err = archive.WriteFile(ctx, p.Archive.Path, m, p.Manifest.Root, archive.Options{
		Format: p.Archive.Format,
		Epoch:  p.Archive.Epoch.Time(),
		Level:  p.Archive.Compression,
		Lost:   func(l archive.Loss) { r.options.log(Message{Level: LevelWarning, What: l.String()}) },
	})
	if err != nil {
		return &Error{What: "cannot write the archive " + p.Archive.Path, Err: err}
	}
	return nil
}

// scan describes the tree as the action sees it, without the files that are written about it.
func (r *run) scan(ctx context.Context) (*manifest.Manifest, error) {
	p := r.plan
	exclude, err := p.excluded()
	if err != nil {
		return nil, err
	}
	o := manifest.Options{
		Claims:  r.claims(),
		Owner:   r.kernel.Owner,
		Exclude: exclude,
		Digest:  p.Manifest.Digest,
	}
	if p.Manifest.Epoch >= 0 {
		epoch := p.Manifest.Epoch.Time()
		o.Epoch = &epoch
	}
	m, err := manifest.Scan(ctx, p.Manifest.Root, o)
	if err == nil && r.imported != nil {
		r.imported.restore(m, o.Epoch)
	}
	return m, err
}
