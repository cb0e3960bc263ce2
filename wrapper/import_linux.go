package wrapper

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/manifest"
)

// imported is what the manifest said of files when the action began. Their times cannot be claimed, but what the action did
// not write to still has, in the manifest at the end, the time that it came with.
type imported struct {
	times map[lies.Key]importedTime
	// kept are the paths whose inode is as it was, with the time to be written.
	kept map[string]time.Time
}

type importedTime struct {
	disk    lies.Timespec // when the action began
	claimed time.Time
}

// importLies binds the manifest that the action starts from to the tree, before the action sees it.
func (r *run) importLies(ctx context.Context) error {
	p := r.plan.Manifest
	if p.Import == "" {
		return nil
	}
	m, err := manifest.ReadFile(p.Import)
	if err != nil {
		return &Error{What: "cannot read the manifest " + p.Import, Err: errno(err)}
	}
	bound, err := manifest.Bind(ctx, m, p.Root)
	var mismatch *manifest.MismatchError
	switch {
	case errors.As(err, &mismatch):
		return &Error{
			What: fmt.Sprintf("%s is not the tree of the manifest %s", p.Root, p.Import), Err: mismatch,
			Hint: "feign manifest verify lists the differences",
		}
	case err != nil:
		return &Error{What: fmt.Sprintf("cannot bind the manifest %s to %s", p.Import, p.Root), Err: err}
	}
	r.imported = &imported{times: make(map[lies.Key]importedTime, len(bound)), kept: map[string]time.Time{}}
	for _, b := range bound {
		r.index.Set(b.Lie(p.Root))
		var st unix.Stat_t
		if err := unix.Lstat(filepath.Join(p.Root, b.Entry.Path), &st); err == nil {
			r.imported.times[b.Key] = importedTime{mtimeOf(&st), b.Entry.Time}
		}
	}
	return nil
}

func mtimeOf(st *unix.Stat_t) lies.Timespec {
	return lies.Timespec{Sec: int64(st.Mtim.Sec), Nsec: uint32(st.Mtim.Nsec)}
}

// claims is manifest.Claims, and notes which files are as they were imported.
func (r *run) claims() func(manifest.Real) (manifest.Claim, bool) {
	claims := manifest.Claims(r.index)
	if r.imported == nil {
		return claims
	}
	return func(real manifest.Real) (manifest.Claim, bool) {
		claim, ok := claims(real)
		if t, known := r.imported.times[real.Key()]; known && ok && t.disk == real.Mtime {
			r.imported.kept[real.Path] = t.claimed
		}
		return claim, ok
	}
}

// restoreTimes gives entries that the action left as they were the time that they came with. Of several hard links, one
// is noted by its path; they have one time.
func (i *imported) restoreTimes(m *manifest.Manifest, epoch *time.Time) {
	groups := map[uint64]time.Time{}
	for n := range m.Entries {
		e := &m.Entries[n]
		if t, ok := i.kept[e.Path]; ok {
			if epoch != nil && t.After(*epoch) {
				t = *epoch
			}
			e.Time = t
			groups[e.Group] = t
		}
	}
	for n := range m.Entries {
		e := &m.Entries[n]
		if t, ok := groups[e.Group]; ok && e.Group != 0 {
			e.Time = t
		}
	}
}
