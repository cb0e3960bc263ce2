package ptlib

import (
	"slices"
	"testing"
)

// port-3: what a platform states about itself is what its tables say.
func TestPlatform(t *testing.T) {
	p := Native()
	if len(p.Tracees) == 0 || p.StateSize < 17*p.Tracees[0].PointerBits()/8 {
		t.Errorf("%+v", p)
	}
	for _, abi := range p.Tracees {
		if !traces(abi) {
			t.Errorf("%v is not traced", abi)
		}
		for _, sys := range []Sys{p.Stat, p.Lstat, p.Fstat, p.Fstatat} {
			if nrOf(abi, sys) < 0 {
				t.Errorf("%v has no %v", abi, sys)
			}
			if l := layoutOf(abi, sys); l != &layoutStatx || l.ino.width != 8 {
				t.Errorf("%v %v does not fill struct statx", abi, sys)
			}
		}
		if sys := abi.Fstatat(); nrOf(abi, sys) < 0 || layoutOf(abi, sys).ino.width != 8 {
			t.Errorf("%v: %v does not take the place of statx", abi, sys)
		}
		if p.Nop >= 0 && !slices.Contains([]Sys{SysGetuid, SysGetpid, SysGetppid}, sysOf(abi, p.Nop)) {
			t.Errorf("%v: %v may have an effect", abi, sysOf(abi, p.Nop))
		}
	}
}
