package ptlib

import (
	"strings"
	"testing"
)

// port-7: the calls of 16 bits are those that the table of i386 gives that suffix.
func TestHas16BitIDs(t *testing.T) {
	for s := SysUnknown + 1; s < numSys; s++ {
		if want := strings.HasSuffix(s.String(), "16"); s.Has16BitIDs() != want {
			t.Errorf("%v: Has16BitIDs is %v", s, !want)
		}
	}
}
