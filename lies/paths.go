package lies

import (
	"strings"
	"sync"
)

// maxName is the longest name that a record can refer to. The kernel's limit is 255; a longer one is cut.
const maxName = 1<<16 - 1

// dirTable holds the directory parts of recorded paths, each once however many lies are below it.
type dirTable struct {
	mu    sync.RWMutex
	ids   map[string]uint32
	slots []dirSlot
	free  []uint32
}

// dirSlot is one directory, with its final slash. The slot is free when nothing refers to it.
type dirSlot struct {
	path string
	refs uint32
}

// splitPath returns the directory with its slash, and the name.
func splitPath(path string) (dir, name string) {
	i := strings.LastIndexByte(path, '/') + 1
	return path[:i], path[i:min(len(path), i+maxName)]
}

// hold returns the id of dir and counts one reference to it.
func (t *dirTable) hold(dir string) uint32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if id, ok := t.ids[dir]; ok {
		t.slots[id].refs++
		return id
	}
	dir = strings.Clone(dir) // do not keep the whole path in memory
	var id uint32
	if n := len(t.free); n > 0 {
		id, t.free = t.free[n-1], t.free[:n-1]
	} else {
		id = uint32(len(t.slots))
		t.slots = append(t.slots, dirSlot{})
	}
	t.slots[id] = dirSlot{path: dir, refs: 1}
	if t.ids == nil {
		t.ids = make(map[string]uint32)
	}
	t.ids[dir] = id
	return id
}

// release gives one reference back.
func (t *dirTable) release(id uint32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := &t.slots[id]
	if s.refs--; s.refs > 0 {
		return
	}
	if t.ids[s.path] == id { // a directory may have been renamed to a path that another slot has
		delete(t.ids, s.path)
	}
	*s = dirSlot{}
	t.free = append(t.free, id)
}

// path returns the directory with its slash.
func (t *dirTable) path(id uint32) string {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.slots[id].path
}

// rename changes the paths of a directory and of those below it, and returns the ids of these.
func (t *dirTable) rename(from, to string) map[uint32]bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	from, to = strings.TrimSuffix(from, "/")+"/", strings.TrimSuffix(to, "/")+"/"
	var moved map[uint32]bool
	for i := range t.slots {
		s, id := &t.slots[i], uint32(i)
		rest, ok := strings.CutPrefix(s.path, from)
		if !ok || s.refs == 0 {
			continue
		}
		if t.ids[s.path] == id {
			delete(t.ids, s.path)
		}
		s.path = to + rest
		if _, taken := t.ids[s.path]; !taken {
			t.ids[s.path] = id
		}
		if moved == nil {
			moved = make(map[uint32]bool)
		}
		moved[id] = true
	}
	return moved
}
