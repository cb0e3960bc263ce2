package lies

import (
	"slices"
	"testing"
)

func TestWatch(t *testing.T) {
	ix := New(Options{})
	lie := func(ino uint64) Lie {
		l := Lie{Key: Key{Dev: 1, Ino: ino}}
		l.Claim.SetOwner(33, 33)
		return l
	}
	attribute := func(ino uint64) Lie {
		l := lie(ino)
		l.Claim.SetXattr("trusted.x", []byte("x"))
		return l
	}
	var got, attributes []uint64
	ix.Set(lie(1))
	ix.Set(attribute(6))
	stop := ix.Watch(func(k Key, x bool) {
		got = append(got, k.Ino)
		if x {
			attributes = append(attributes, k.Ino)
		}
	})
	other := ix.Watch(func(Key, bool) {})
	ix.Set(lie(2))
	ix.Load(lie(3))
	ix.Update(Key{Dev: 1, Ino: 4}, Identity{}, "/four", func(c *Claim) { c.SetMode(0600) })
	ix.Set(attribute(3))
	ix.Forget(Key{Dev: 1, Ino: 2})
	other()
	stop()
	ix.Set(lie(5))
	slices.Sort(got[:2])
	if want := []uint64{1, 6, 2, 3, 4, 3}; !slices.Equal(got, want) {
		t.Errorf("watched %v, want %v", got, want)
	}
	if want := []uint64{6, 3}; !slices.Equal(attributes, want) {
		t.Errorf("attributes of %v, want of %v", attributes, want)
	}
}
