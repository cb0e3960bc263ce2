package foreign

import (
	"context"

	"github.com/feign-build/feign/lies"
)

// Collect makes entries of lies. Formats say all of a file where a lie may say a part; the rest is looked up on the disk, where
// the lie was recorded or, as far as needed, anywhere below root ("": not at all). missing are the lies whose files were not
// found though something of them is not claimed.
func Collect(ctx context.Context, list []lies.Lie, root string) (entries []Entry, missing []lies.Lie, err error) {
	var lost []lies.Lie
	wanted := map[lies.Key]bool{}
	for i := range list {
		l := &list[i]
		disk, ok := Stat(l, l.Path)
		if !ok {
			lost = append(lost, *l)
			wanted[l.Key] = true
			continue
		}
		entries = append(entries, Of(l, disk))
	}
	var found map[lies.Key]string
	if len(lost) > 0 && root != "" {
		if found, err = Locate(ctx, root, wanted); err != nil {
			return nil, nil, err
		}
	}
	for i := range lost {
		l := &lost[i]
		if path, ok := found[l.Key]; ok {
			if disk, ok := Stat(l, path); ok {
				l.Path = path
				entries = append(entries, Of(l, disk))
				continue
			}
		}
		if !complete(l) {
			missing = append(missing, *l)
			continue
		}
		mode := l.Type & typeMask
		if mode == typeLink {
			mode |= 0o777
		}
		entries = append(entries, Of(l, Disk{Mode: mode, Nlink: 1}))
	}
	return entries, missing, nil
}

// complete reports whether a lie says all that an entry does.
func complete(l *lies.Lie) bool {
	const owner = lies.HasUID | lies.HasGID
	return l.Has&owner == owner && (l.Has&lies.HasMode != 0 || l.Type&typeMask == typeLink)
}

// Bind makes lies of entries. Where an entry has the path of its file, and that is there, the lie is about that very file, with
// all that is known of it; where there is only a path, there must be a file: those whose files are gone are missing.
func Bind(entries []Entry, saved lies.Timespec) (list []lies.Lie, missing []Entry) {
	for i := range entries {
		e := &entries[i]
		l := e.Lie(saved)
		if e.Path != "" {
			key, id, err := lies.Identify(e.Path)
			byPath := l.Key == lies.Key{}
			switch {
			case err == nil && (byPath && id.Type == l.Type || key == l.Key && l.Compare(id) == 0):
				l.Key, l.Identity = key, id
			case byPath:
				missing = append(missing, *e)
				continue
			}
		}
		list = append(list, l)
	}
	return list, missing
}

// FindPaths looks below root for the files of lies that have no path, and completes those that it finds.
func FindPaths(ctx context.Context, list []lies.Lie, root string) error {
	wanted := map[lies.Key]bool{}
	for i := range list {
		if list[i].Path == "" {
			wanted[list[i].Key] = true
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	found, err := Locate(ctx, root, wanted)
	if err != nil {
		return err
	}
	for i := range list {
		l := &list[i]
		path, ok := found[l.Key]
		if !ok || l.Path != "" {
			continue
		}
		if key, id, err := lies.Identify(path); err == nil && key == l.Key && l.Compare(id) == 0 {
			l.Path, l.Identity = path, id
		}
	}
	return nil
}
