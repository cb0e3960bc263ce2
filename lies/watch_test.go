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
	var got []uint64
	ix.Set(lie(1))
	stop := ix.Watch(func(k Key) { got = append(got, k.Ino) })
	other := ix.Watch(func(Key) {})
	ix.Set(lie(2))
	ix.Load(lie(3))
	ix.Update(Key{Dev: 1, Ino: 4}, Identity{}, "/four", func(c *Claim) { c.SetMode(0600) })
	ix.Forget(Key{Dev: 1, Ino: 2})
	other()
	stop()
	ix.Set(lie(5))
	if want := []uint64{1, 2, 3, 4}; !slices.Equal(got, want) {
		t.Errorf("watched %v, want %v", got, want)
	}
}
