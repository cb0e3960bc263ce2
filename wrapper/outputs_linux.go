package wrapper

import (
	"context"
	"slices"
	"strings"

	"github.com/feign-build/feign/archive"
	"github.com/feign-build/feign/lies/manifest"
)

// writeOutputs writes the manifest of the tree and, after success, the archive from both. Each of them gets its name when
// it is whole: an error leaves what was there before. Placeholders come last, when nobody asks for the real files any more.
func (r *run) writeOutputs(ctx context.Context, status int) error {
	m, err := r.writeArchives(ctx, status)
	if err != nil || !r.plan.Manifest.Placeholders {
		return err
	}
	if err := placeholders(m, r.plan.Manifest.Root); err != nil {
		return &Error{What: "cannot put a placeholder into the tree", Err: err}
	}
	return nil
}

// writeArchives returns the manifest that it wrote, or nil if there is nothing to write.
func (r *run) writeArchives(ctx context.Context, status int) (*manifest.Manifest, error) {
	p := r.plan
	wantArchive := p.Archive.Path != "" && status == 0
	if p.Manifest.Path == "" && !wantArchive {
		return nil, nil
	}
	m, err := r.scan(ctx)
	if err != nil {
		return nil, &Error{What: "cannot describe the tree", Err: err, Hint: "see manifest.root and manifest.exclude"}
	}
	if p.Manifest.Path != "" {
		if err := m.WriteFile(p.Manifest.Path); err != nil {
			return nil, &Error{What: "cannot write the manifest " + p.Manifest.Path, Err: errno(err)}
		}
	}
	if !wantArchive {
		return m, nil
	}
	err = archive.WriteFile(ctx, p.Archive.Path, m, p.Manifest.Root, archive.Options{
		Format: p.Archive.Format,
		Epoch:  p.Archive.Epoch.Time(),
		Level:  p.Archive.Compression,
		Image:  p.Archive.Image,
		Lost:   func(l archive.Loss) { r.options.log(Message{Level: LevelWarning, What: l.String()}) },
	})
	if err != nil {
		return nil, &Error{What: "cannot write the archive " + p.Archive.Path, Err: err}
	}
	return m, nil
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
	o.Users, o.Groups = r.policies.ownerNames()
	m, err := manifest.Scan(ctx, p.Manifest.Root, o)
	if err == nil && r.policies != nil {
		m.Header = append(m.Header, manifest.Field{Key: "policy", Value: r.policies.digest()})
		slices.SortFunc(m.Header, func(a, b manifest.Field) int { return strings.Compare(a.Key, b.Key) })
	}
	if err == nil && r.imported != nil {
		r.imported.restore(m, o.Epoch)
	}
	return m, err
}
