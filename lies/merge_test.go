package lies

import (
	"reflect"
	"sync"
	"testing"
)

func claimOf(edits ...func(*Claim)) (c Claim) {
	for _, edit := range edits {
		edit(&c)
	}
	return c
}

func uid(n uint32) func(*Claim)  { return func(c *Claim) { c.Has, c.UID = c.Has|HasUID, n } }
func gid(n uint32) func(*Claim)  { return func(c *Claim) { c.Has, c.GID = c.Has|HasGID, n } }
func mode(n uint32) func(*Claim) { return func(c *Claim) { c.SetMode(n) } }
func node(n uint64) func(*Claim) { return func(c *Claim) { c.SetType(0o020000, n) } }
func attr(name, value string) func(*Claim) {
	return func(c *Claim) { c.SetXattr(name, []byte(value)) }
}

func TestMerge(t *testing.T) {
	for _, tt := range []struct {
		name                  string
		mine, base, now, want Claim
	}{
		{"alone", claimOf(uid(1), mode(0o700)), claimOf(uid(2)), claimOf(uid(2)), claimOf(uid(1), mode(0o700))},
		{"other field", claimOf(uid(1), gid(0)), claimOf(uid(0), gid(0)), claimOf(uid(0), gid(7)), claimOf(uid(1), gid(7))},
		{"same field: the later", claimOf(uid(1)), claimOf(), claimOf(uid(2)), claimOf(uid(1))},
		{"mode beside type", claimOf(mode(0o600), node(3)), claimOf(node(3)), claimOf(node(4)), claimOf(mode(0o600), node(4))},
		{"type beside mode", claimOf(mode(0o600), node(3)), claimOf(mode(0o600)), claimOf(mode(0o4755)), claimOf(mode(0o4755), node(3))},
		{"taken back here", claimOf(gid(1)), claimOf(uid(5), gid(1)), claimOf(uid(5), gid(2)), claimOf(gid(2))},
		{"taken back there", claimOf(uid(5), mode(0o1)), claimOf(uid(5)), claimOf(), claimOf(mode(0o1))},
		{"nothing is left", claimOf(), claimOf(uid(5)), claimOf(uid(5)), claimOf()},
		{"attributes", claimOf(attr("a", "1"), attr("b", "mine")), claimOf(attr("a", "1"), attr("b", "0"), attr("gone", "")),
			claimOf(attr("a", "2"), attr("b", "0"), attr("gone", ""), attr("new", "")), claimOf(attr("a", "2"), attr("b", "mine"), attr("new", ""))},
		{"attributes there", claimOf(attr("a", "1"), uid(1)), claimOf(attr("a", "1")), claimOf(attr("c", "")), claimOf(attr("c", ""), uid(1))},
	} {
		var told []Lie
		ix := New(Options{Observer: noting{&told}})
		key := Key{1, 2}
		id := born(1, 1)
		ix.Load(Lie{Key: key, Identity: id, Claim: tt.now, Path: "/was"})
		ix.Merge(Lie{Key: key, Identity: id, Claim: tt.mine, Path: "/is"}, tt.base)
		lie, ok := ix.Get(key)
		if ok == tt.want.Empty() || !sameClaim(lie.Claim, tt.want) || ok && lie.Path != "/is" {
			t.Errorf("%s: %+v, want %+v", tt.name, lie, tt.want)
		}
		if ok && (len(told) != 1 || !reflect.DeepEqual(told[0], lie)) {
			t.Errorf("%s: told %+v", tt.name, told)
		}
	}
}

// Whoever keeps lies is told whether a path was followed, as long as it is the one that was given.
func TestDirect(t *testing.T) {
	var told []Lie
	ix := New(Options{Observer: noting{&told}})
	for _, l := range []Lie{{Path: "/a", Direct: true}, {Path: "/a"}, {Direct: true}} {
		l.Key, l.Identity, l.Claim = Key{1, 2}, born(1, 1), claimOf(uid(1))
		ix.Merge(l, Claim{})
		if last := told[len(told)-1]; last.Direct != (l.Direct && l.Path != "") || last.Path != "/a" {
			t.Errorf("%+v: told %+v", l, last)
		}
	}
	if l, ok := ix.Get(Key{1, 2}); !ok || l.Direct {
		t.Errorf("%+v", l)
	}
}

// sameClaim compares what is claimed, not what stands in fields that are not.
func sameClaim(a, b Claim) bool {
	return a.Has == b.Has && (a.Has&HasUID == 0 || a.UID == b.UID) && (a.Has&HasGID == 0 || a.GID == b.GID) &&
		a.ModeOf(0) == b.ModeOf(0) && (a.Has&HasType == 0 || a.Rdev == b.Rdev) &&
		len(a.Xattrs) == len(b.Xattrs) && (len(a.Xattrs) == 0 || reflect.DeepEqual(a.Xattrs, b.Xattrs))
}

// noting keeps what it is told.
type noting struct{ told *[]Lie }

func (n noting) Changed(l Lie) { *n.told = append(*n.told, l) }
func (n noting) Forgotten(Key) {}

// Several who change different things about one file at once lose nothing of each other's.
func TestMergeAtOnce(t *testing.T) {
	ix, key, id := New(Options{}), Key{1, 2}, born(1, 1)
	const rounds = 2000
	var all sync.WaitGroup
	for _, edit := range []func(c *Claim, n uint32){
		func(c *Claim, n uint32) { uid(n)(c) },
		func(c *Claim, n uint32) { gid(n)(c) },
		func(c *Claim, n uint32) { mode(n)(c) },
		func(c *Claim, n uint32) { node(uint64(n))(c) },
		func(c *Claim, n uint32) { attr("a", string(rune(n)))(c) },
		func(c *Claim, n uint32) { attr("b", string(rune(n)))(c) },
	} {
		all.Go(func() {
			for n := range uint32(rounds) {
				base, _ := ix.Lookup(key, id, nil)
				mine := base
				edit(&mine, n+1)
				ix.Merge(Lie{Key: key, Identity: id, Claim: mine}, base)
			}
		})
	}
	all.Wait()
	lie, _ := ix.Get(key)
	want := claimOf(uid(rounds), gid(rounds), mode(rounds), node(rounds), attr("a", string(rune(rounds))), attr("b", string(rune(rounds))))
	if !sameClaim(lie.Claim, want) {
		t.Errorf("%+v\nwant %+v", lie.Claim, want)
	}
}
