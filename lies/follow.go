package lies

import "path/filepath"

// Recorded paths are for people, and for what a state ignores. They follow the files: what an action renames is known at once
// (Rename, RenameDir); what was renamed while nobody looked shows when the file is met again. That is asked once for each
// lie that was loaded, so that a lookup costs nothing for it.

// follow brings the recorded path of a lie up to date that is met for the first time since it was loaded. A path that still
// leads to the file stays: the file has several then.
func (ix *Index) follow(key Key, h uint64, met Met) {
	s := ix.shard(h)
	s.mu.Lock()
	n, ok := s.find(key, h)
	if !ok || s.at(n).kind&kindUnmet == 0 {
		s.mu.Unlock()
		return
	}
	s.at(n).kind &^= kindUnmet
	recorded := ix.pathOf(s, n)
	s.mu.Unlock()

	path := met.MetPath()
	if path == recorded || leadsTo(recorded, key) {
		return
	}
	if real, ok := realPath(path, key); ok {
		ix.Rename(key, real)
	}
}

func leadsTo(path string, key Key) bool {
	found, _, err := Identify(path)
	return path != "" && err == nil && found == key
}

// realPath resolves the links in a path of the file that has the key. The last component is one only if the file is no link
// itself.
func realPath(path string, key Key) (string, bool) {
	if !filepath.IsAbs(path) {
		return "", false
	}
	dir, name := filepath.Split(filepath.Clean(path))
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		if path := filepath.Join(real, name); leadsTo(path, key) {
			return path, true
		}
	}
	real, err := filepath.EvalSymlinks(path)
	return real, err == nil && leadsTo(real, key)
}

// RenameDir records that the directory at the path from is at the path to now, and what is below it with it. Both are
// absolute and clean. It takes time for each lie if there are lies below, else for each directory that has any.
func (ix *Index) RenameDir(from, to string) {
	if ix.total.Load() == 0 || from == to {
		return
	}
	moved := ix.dirs.rename(from, to)
	if len(moved) == 0 || ix.opts.Observer == nil {
		return
	}
	for i := range ix.shards {
		s := &ix.shards[i]
		s.mu.Lock()
		for n := range s.used {
			if r := s.at(n); r.dir != 0 && moved[r.dir-1] {
				ix.changed(s, n, false)
			}
		}
		s.mu.Unlock()
	}
}
