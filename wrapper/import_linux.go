package wrapper

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/manifest"
)

// imported is what the manifest said of files when the action began, as far as it cannot be claimed: times, and which paths
// were one file. A cache or store that has carried the tree may have lost both. What the action did not write to has
// them still in the manifest at the end.
type imported struct {
	files map[lies.Key]importedFile
	kept  map[string]importedFile // by path: those that are as they were
}

type importedFile struct {
	disk  lies.Timespec // the time on the disk when the action began
	time  time.Time
	group uint64 // of hard links
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
	if err := split(m, p.Root); err != nil {
		return err
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
	r.imported = &imported{files: make(map[lies.Key]importedFile, len(bound)), kept: map[string]importedFile{}}
	for _, b := range bound {
		r.index.Set(b.Lie(p.Root))
		var st unix.Stat_t
		if err := unix.Lstat(filepath.Join(p.Root, b.Entry.Path), &st); err == nil {
			r.imported.files[b.Key] = importedFile{mtimeOf(&st), b.Entry.Time, b.Entry.Group}
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
		if f, known := r.imported.files[real.Key()]; known && ok && f.disk == real.Mtime {
			r.imported.kept[real.Path] = f
		}
		return claim, ok
	}
}

// restore gives entries that the action left as they were what they came with.
func (i *imported) restore(m *manifest.Manifest, epoch *time.Time) {
	i.restoreTimes(m, epoch)
	i.restoreLinks(m)
}

// restoreTimes restores times. Of several hard links one is noted by its path; they have one time.
func (i *imported) restoreTimes(m *manifest.Manifest, epoch *time.Time) {
	groups := map[uint64]time.Time{}
	for n := range m.Entries {
		e := &m.Entries[n]
		f, ok := i.kept[e.Path]
		if !ok {
			continue
		}
		e.Time = f.time
		if epoch != nil && e.Time.After(*epoch) {
			e.Time = *epoch
		}
		groups[e.Group] = e.Time
	}
	for n := range m.Entries {
		e := &m.Entries[n]
		if t, ok := groups[e.Group]; ok && e.Group != 0 {
			e.Time = t
		}
	}
}

// restoreLinks makes paths one file again that were one in the imported manifest, are several in the tree, and do not
// differ.
func (i *imported) restoreLinks(m *manifest.Manifest) {
	groups := map[uint64][]*manifest.Entry{}
	for n := range m.Entries {
		e := &m.Entries[n]
		if f, ok := i.kept[e.Path]; ok && f.group != 0 && e.Group == 0 {
			groups[f.group] = append(groups[f.group], e)
		}
	}
	unused := uint64(len(m.Entries)) // greater than every number that the tree's own groups have
	for group, entries := range groups {
		same := slices.DeleteFunc(entries, func(e *manifest.Entry) bool { return !sameButPath(e, entries[0]) })
		if len(same) < 2 {
			continue
		}
		for _, e := range same {
			e.Group, e.Nlink = unused+group, uint32(len(same))
		}
	}
	numbers := map[uint64]uint64{0: 0}
	for n := range m.Entries {
		e := &m.Entries[n]
		if _, ok := numbers[e.Group]; !ok {
			numbers[e.Group] = uint64(len(numbers))
		}
		e.Group = numbers[e.Group]
	}
}

func sameButPath(a, b *manifest.Entry) bool {
	x, y := *a, *b
	x.Path, y.Path = "", ""
	return reflect.DeepEqual(x, y)
}
