package ptlib

import "golang.org/x/sys/unix"

// Gone reports whether t, which a Handler is asked about, has been killed meanwhile. Whatever is tried with it fails;
// its exit is on the way.
func (t *Thread) Gone() bool {
	if t.lost {
		return true
	}
	t.tracer.stats.Requests++
	_, errno := ptraceEventMessage(t.Tid)
	return errno == unix.ESRCH
}
