package lies

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"
)

const regular = 0o100000

// born returns the identity of a regular file.
func born(btime, ctime int64) Identity {
	return Identity{Type: regular, Btime: Timespec{Sec: btime}, Ctime: Timespec{Sec: ctime}}
}

// TestAgainstMap does the same to an index and to a map, at random.
func TestAgainstMap(t *testing.T) { // frng-2
	rng := rand.New(rand.NewPCG(1, 2))
	ix, model := New(Options{}), map[Key]Lie{}
	for step := range 200_000 {
		key := Key{Dev: rng.Uint64N(2), Ino: rng.Uint64N(3000)}
		id := born(int64(key.Ino)+1, 1)
		switch rng.IntN(6) {
		case 0, 1:
			l := Lie{Key: key, Identity: id, Path: fmt.Sprintf("/dir%d/%d", rng.IntN(50), step)}
			l.SetOwner(rng.Uint32(), rng.Uint32())
			if rng.IntN(10) == 0 {
				l.SetXattr("user.a", []byte{byte(step)})
			}
			ix.Set(l)
			model[key] = l
		case 2:
			l, had := model[key]
			out := ix.Update(key, id, "", func(c *Claim) { c.SetMode(0o4755) })
			if (out == Found) != had {
				t.Fatalf("step %d: Update says %d, had %t", step, out, had)
			}
			l.Key, l.Identity = key, id
			l.SetMode(0o4755)
			model[key] = l
		case 3:
			_, had := model[key]
			if ix.Forget(key) != had {
				t.Fatalf("step %d: Forget: had %t", step, had)
			}
			delete(model, key)
		case 4:
			if l, had := model[key]; had {
				l.Path = fmt.Sprintf("/renamed/%d", step)
				model[key] = l
				ix.Rename(key, l.Path)
			}
		case 5:
			c, out := ix.Lookup(key, id, nil)
			l, had := model[key]
			if (out == Found) != had || !reflect.DeepEqual(c, l.Claim) {
				t.Fatalf("step %d: Lookup(%v) = %+v, %d; want %+v, %t", step, key, c, out, l.Claim, had)
			}
		}
		if ix.Len() != len(model) {
			t.Fatalf("step %d: %d lies, want %d", step, ix.Len(), len(model))
		}
	}
	var last Key
	n := 0
	for l := range ix.All() {
		if want := model[l.Key]; !reflect.DeepEqual(l, want) {
			t.Fatalf("lie %+v, want %+v", l, want)
		}
		if n > 0 && (l.Dev < last.Dev || l.Dev == last.Dev && l.Ino <= last.Ino) {
			t.Fatalf("%v after %v", l.Key, last)
		}
		last = l.Key
		n++
	}
	if n != len(model) {
		t.Fatalf("iterated over %d lies, want %d", n, len(model))
	}
	for key := range model {
		ix.Forget(key)
	}
	if ix.Len() != 0 || ix.AnySuid() || ix.AnyXattr() || len(ix.dirs.ids) != 0 {
		t.Errorf("after forgetting all: %d lies, suid %t, xattr %t, %d directories", ix.Len(), ix.AnySuid(), ix.AnyXattr(), len(ix.dirs.ids))
	}
}

func TestCounters(t *testing.T) {
	ix := New(Options{})
	state := func() [4]bool { return [4]bool{ix.AnySuid(), ix.AnySetgidDir(), ix.AnyNode(), ix.AnyXattr()} }
	file, dir := Key{1, 1}, Key{1, 2}
	dirID := Identity{Type: typeDir, Ctime: Timespec{Sec: 1}}
	steps := []struct {
		name string
		do   func()
		want [4]bool
	}{
		{"nothing", func() {}, [4]bool{}},
		{"owner", func() { ix.Update(file, born(1, 1), "", func(c *Claim) { c.SetOwner(1, 2) }) }, [4]bool{}},
		{"suid", func() { ix.Update(file, born(1, 1), "", func(c *Claim) { c.SetMode(0o4755) }) }, [4]bool{true}},
		{"setgid directory", func() { ix.Update(dir, dirID, "", func(c *Claim) { c.SetMode(0o2755) }) }, [4]bool{}},
		{"no suid", func() { ix.Update(file, born(1, 1), "", func(c *Claim) { c.SetMode(0o755) }) }, [4]bool{false, true}},
		{"xattr", func() { ix.Update(file, born(1, 1), "", func(c *Claim) { c.HideXattr("user.a") }) }, [4]bool{false, true, false, true}},
		{"node", func() { ix.Update(file, born(1, 1), "", func(c *Claim) { c.SetType(0o020000, Makedev(1, 3)) }) }, [4]bool{false, true, true, true}},
		{"forget file", func() { ix.Forget(file) }, [4]bool{false, true}},
		{"take back", func() { ix.Update(dir, dirID, "", func(c *Claim) { *c = Claim{} }) }, [4]bool{}},
	}
	steps[3].want = [4]bool{true, true}
	for _, s := range steps {
		s.do()
		if got := state(); got != s.want {
			t.Errorf("%s: suid, setgid directory, node, xattr: %v, want %v", s.name, got, s.want)
		}
	}
	if ix.Len() != 0 {
		t.Errorf("%d lies left", ix.Len())
	}
}

// notes is an Observer that takes notes.
type notes struct {
	mu    sync.Mutex
	lines []string
}

func (n *notes) Changed(l Lie) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, fmt.Sprintf("changed %d %s uid %d", l.Ino, l.Path, l.UID))
}

func (n *notes) Forgotten(k Key) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, fmt.Sprintf("forgotten %d", k.Ino))
}

func TestObserver(t *testing.T) {
	var n notes
	ix := New(Options{Observer: &n})
	ix.Update(Key{1, 7}, born(5, 5), "/a", func(c *Claim) { c.SetOwner(3, 3) })
	ix.Lookup(Key{1, 7}, born(5, 6), nil) // only refreshes the ctime
	ix.Rename(Key{1, 7}, "/b")
	ix.Lookup(Key{1, 7}, born(7, 7), nil) // another file
	ix.Set(Lie{Key: Key{1, 8}, Claim: Claim{Has: HasUID, UID: 9}})
	ix.Forget(Key{1, 8})
	ix.Forget(Key{1, 8})
	want := []string{"changed 7 /a uid 3", "changed 7 /b uid 3", "forgotten 7", "changed 8  uid 9", "forgotten 8"}
	if !slices.Equal(n.lines, want) {
		t.Errorf("got %q, want %q", n.lines, want)
	}
}

// TestConcurrent is for the race detector: everything at once.
func TestConcurrent(t *testing.T) { // frng-13
	ix := New(Options{OnMismatch: func(Mismatch) {}, Observer: &notes{}})
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(g), 1))
			for i := range 3000 {
				key := Key{1, rng.Uint64N(200)}
				switch rng.IntN(5) {
				case 0:
					ix.Update(key, born(1, int64(i)), fmt.Sprintf("/d/%d", i), func(c *Claim) { c.SetXattr("user.a", []byte("b")) })
				case 1:
					ix.Lookup(key, born(1+rng.Int64N(2), int64(i)), nil)
				case 2:
					ix.Forget(key)
				case 3:
					ix.Rename(key, "/e")
				case 4:
					for range ix.All() {
						break
					}
				}
			}
		})
	}
	wg.Wait()
}
