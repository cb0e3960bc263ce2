package lies

import (
	"fmt"
	"runtime"
	"testing"
)

// fill makes n lies in directories of 20 files, with paths of about 60 bytes.
func fill(n int) *Index {
	ix := New(Options{})
	for i := range n {
		key, id := keyOf(i)
		ix.Update(key, id, fmt.Sprintf("/home/builder/project/build/root/usr/share/%06d/file-%06d.txt", i/20, i),
			func(c *Claim) { c.SetOwner(uint32(i), 7) })
	}
	return ix
}

func keyOf(i int) (Key, Identity) {
	return Key{Dev: 0xfd01, Ino: uint64(1000 + i)}, born(int64(i+1), 99)
}

func TestMillionLies(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	const n, limit = 1_000_000, 150 << 20
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	ix := fill(n)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if used := after.HeapInuse - before.HeapInuse; used > limit {
		t.Errorf("%d lies take %d MiB, want at most %d", n, used>>20, limit>>20)
	} else {
		t.Logf("%d lies take %d MiB", n, used>>20)
	}
	for i := 0; i < n; i += 997 {
		key, id := keyOf(i)
		if c, out := ix.Lookup(key, id, nil); out != Found || c.UID != uint32(i) {
			t.Fatalf("lie %d: %d, %+v", i, out, c)
		}
	}
}

func TestNoAllocations(t *testing.T) {
	ix := fill(1000)
	key, id := keyOf(5)
	changed := id
	ix.Update(key, id, "", func(c *Claim) { c.SetXattr("user.a", []byte("b")) })
	for name, f := range map[string]func(){
		"found":     func() { ix.Lookup(key, id, nil) },
		"none":      func() { ix.Lookup(Key{1, 1}, id, nil) },
		"refreshed": func() { changed.Ctime.Sec++; ix.Lookup(key, changed, nil) },
		"forget":    func() { ix.Forget(Key{1, 1}) },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkLookup(b *testing.B) {
	for _, n := range []int{1000, 1_000_000} {
		ix := fill(n)
		b.Run(fmt.Sprintf("found/%d", n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				ix.Lookup(Key{Dev: 0xfd01, Ino: uint64(1000 + i*7919%n)}, born(int64(i*7919%n+1), 99), nil)
			}
		})
		b.Run(fmt.Sprintf("none/%d", n), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				ix.Lookup(Key{Dev: 0xfd02, Ino: uint64(i)}, born(1, 99), nil)
			}
		})
	}
}

func BenchmarkUpdate(b *testing.B) {
	ix := fill(100_000)
	for i := 0; b.Loop(); i++ {
		key, id := keyOf(i % 100_000)
		ix.Update(key, id, "", func(c *Claim) { c.SetOwner(1, uint32(i)) })
	}
}
