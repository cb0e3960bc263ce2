package guest

import (
	"testing"

	"github.com/feign-build/feign/lies"
)

// Whether anything is claimed about attributes follows every claim that comes and goes.
func TestOrphansAnyXattr(t *testing.T) {
	lie := func(ino uint64, attribute bool) lies.Lie {
		l := lies.Lie{Key: lies.Key{Dev: 1, Ino: ino}}
		l.Claim.SetOwner(33, 33)
		if attribute {
			l.Claim.SetXattr("trusted.x", []byte("x"))
		}
		return l
	}
	var o orphans
	for _, step := range []struct {
		name string
		do   func()
		want bool
	}{
		{"an owner", func() { o.set(lie(1, false)) }, false},
		{"an attribute", func() { o.set(lie(2, true)) }, true},
		{"the same again", func() { o.set(lie(2, true)) }, true},
		{"bereaved of another", func() { o.bereave(lie(2, false)) }, true},
		{"removed", func() { o.remove(lie(2, true).Key) }, false},
		{"an attribute of the first", func() { o.set(lie(1, true)) }, true},
		{"and of it no more", func() { o.set(lie(1, false)) }, false},
		{"of a third", func() { o.set(lie(3, true)) }, true},
		{"taken", func() { o.take(lie(3, true).Key, lies.Identity{}) }, false},
		{"of a fourth", func() { o.set(lie(4, true)) }, true},
		{"crowded out", func() {
			for i := range uint64(maxOrphans) {
				o.set(lie(100+i, false))
			}
		}, false},
	} {
		step.do()
		if got := o.anyXattr(); got != step.want {
			t.Errorf("%s: %v, want %v", step.name, got, step.want)
		}
	}
}
