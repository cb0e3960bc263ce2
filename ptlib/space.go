package ptlib

// An addressSpace keeps the scratch memory that the tracer has mapped into one address space: pages in which it puts
// arguments for calls of its own. Threads and vfork(2) children share it, fork(2) copies it, exec drops it.
type addressSpace struct {
	users    int
	free     []uint64 // slots that no thread uses
	mappings int

	shortcuts shortcuts
}

// Scratch memory is mapped scratchSlots slots at a time; a thread has one slot.
const (
	slotSize     = 24576
	scratchSlots = 8
)

func newAddressSpace() *addressSpace { return &addressSpace{users: 1} }

func (s *addressSpace) share() *addressSpace {
	s.users++
	return s
}

// copy is the space after fork(2), in which only the forking thread's slot is in use. What was mapped when that thread
// was let go for the call is there. What was mapped since then, for another thread, may or may not be.
func (s *addressSpace) copy(mappings int) *addressSpace {
	c := newAddressSpace()
	c.shortcuts = s.shortcuts.copy()
	if s.mappings == mappings {
		c.free = append(c.free, s.free...)
	}
	return c
}

// add makes the slots of a new mapping known.
func (s *addressSpace) add(addr uint64) {
	s.mappings++
	for i := range uint64(scratchSlots) {
		s.free = append(s.free, addr+(scratchSlots-1-i)*slotSize)
	}
}

// take returns a free slot, 0 if there is none.
func (s *addressSpace) take() uint64 {
	n := len(s.free)
	if n == 0 {
		return 0
	}
	slot := s.free[n-1]
	s.free = s.free[:n-1]
	return slot
}

// release ends one thread's use of the space and of its slot, if it has one.
func (s *addressSpace) release(slot uint64) {
	s.users--
	if slot != 0 {
		s.free = append(s.free, slot)
	}
}
