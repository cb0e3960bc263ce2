package ptlib

import (
	"slices"
	"testing"
)

func TestMissing(t *testing.T) {
	// Every kernel has the first two, and nothing is called the last.
	got := Missing(SysFstatfs, SysOpenat, SysUnknown)
	if want := []Sys{SysUnknown}; !slices.Equal(got, want) {
		t.Errorf("missing are %v, want %v", got, want)
	}
}
