package ptlib

// fileID tells a file from all others: its device and inode number. The zero fileID is that of no file.
type fileID struct{ dev, ino uint64 }

// A place is where a program makes a call that a Shortcut answers.
type place struct {
	ip int64 // the instruction after the one that enters the kernel, counted from the program's first one
	nr int   // of the call
}

// A habit is what a program was found to do: it makes more calls that a Shortcut answers than that is patient with.
type habit struct {
	program fileID
	places  [maxPlaces]place
	n       int // of places
}

// maxPlaces are more than a dynamic loader has, which is what is in memory before a program's first instruction.
const maxPlaces = 4

// learn notes a place, if there is room.
func (h *habit) learn(p place) {
	for _, known := range h.places[:h.n] {
		if known == p {
			return
		}
	}
	if h.n < maxPlaces {
		h.places[h.n] = p
		h.n++
	}
}

// forget drops place i.
func (h *habit) forget(i int) {
	h.n--
	h.places[i] = h.places[h.n]
}

// curious are the habits of programs. It may forget some.
type curious [256]habit

func (c *curious) at(f fileID) *habit { return &c[markOf(f.dev, f.ino)%uint64(len(c))] }

func (c *curious) add(f fileID) { *c.at(f) = habit{program: f} }

// find returns what is known of a program, nil if nothing is.
func (c *curious) find(f fileID) *habit {
	if h := c.at(f); f != (fileID{}) && h.program == f {
		return h
	}
	return nil
}

// Recognize says which file t's new program was read from. It is for Handler.Exec: what was learned of a program before is of use
// to a Shortcut.
func (t *Thread) Recognize(dev, ino uint64) { t.space.shortcuts.program = fileID{dev, ino} }

// notice learns where t's program makes the present call, if it is known to make many. A place that is not in memory when the program
// begins is of no use, and is forgotten then (foresee).
func (t *Thread) notice() {
	c, s := &t.call, &t.space.shortcuts
	if s.start == 0 || c.trapped || !hasShortcut(c.ABI, c.Sys) {
		return
	}
	if h := t.tracer.curious.find(s.program); h != nil {
		h.learn(place{int64(c.IP - s.start), c.Number})
	}
}
