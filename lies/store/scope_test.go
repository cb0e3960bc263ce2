package store

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/feign-build/feign/lies"
)

// Whatever is included and ignored from one action to the next, and whatever the actions do, what a state has about files
// that are out of scope stays as it is, and about those in scope it has what was claimed last.
func TestScopesNeverPoison(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	dirs := []string{"/", "/a", "/a/b", "/a/bc", "/a/b/c", "/d", "/d/a"}
	some := func() (out []string) {
		for _, dir := range dirs {
			if rng.IntN(4) == 0 {
				out = append(out, dir)
			}
		}
		return out
	}
	dir := t.TempDir()
	for round := range 60 {
		scope := Scope{Include: some(), Ignore: some()}
		before := rows(t, dir, round)
		s, ix := open(t, dir, Options{Scope: scope})
		for key, l := range before {
			if _, told := ix.Get(key); told != scope.Keeps(l.Path) {
				t.Fatalf("round %d: %s is told: %v, with %+v", round, l.Path, told, scope)
			}
		}
		claimed := map[lies.Key]bool{} // by a path in scope
		for step := range rng.IntN(60) {
			l := lie(1+rng.Uint64N(40), fmt.Sprintf("%s/%d", dirs[rng.IntN(len(dirs))], step))
			l.UID = uint32(round)<<16 | uint32(step)
			l.SetXattr("user.n", []byte(fmt.Sprint(l.UID)))
			l.Path = realOf(l.Path)
			switch rng.IntN(4) {
			case 0:
				ix.Forget(l.Key)
			case 1:
				ix.Rename(l.Key, l.Path)
			default:
				ix.Set(l)
			}
			if now, ok := ix.Get(l.Key); ok && scope.Keeps(now.Path) {
				claimed[l.Key] = true
			}
			if rng.IntN(10) == 0 {
				if err := s.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		index := map[lies.Key]lies.Lie{}
		for l := range ix.All() {
			index[l.Key] = l
		}
		closeStore(t, s)
		after := rows(t, dir, round+1)

		for key, was := range before {
			if now, ok := after[key]; !scope.Keeps(was.Path) && !claimed[key] && (!ok || !reflect.DeepEqual(now, was)) {
				t.Fatalf("round %d, %+v: %+v has become %+v", round, scope, was, now)
			}
		}
		for key, now := range after {
			was, known := before[key]
			switch {
			case scope.Keeps(now.Path):
				if want := index[key]; now.Path != want.Path || now.UID != want.UID || !reflect.DeepEqual(now.Xattrs, want.Xattrs) {
					t.Fatalf("round %d, %+v: the state has %+v, claimed is %+v", round, scope, now, want)
				}
			case !known && !claimed[key]:
				t.Fatalf("round %d, %+v: %+v is out of scope, and new", round, scope, now)
			case known && !claimed[key] && now.UID != was.UID:
				t.Fatalf("round %d, %+v: %+v has become %+v", round, scope, was, now)
			}
		}
		for key, l := range index {
			if _, ok := after[key]; !ok && scope.Keeps(l.Path) {
				t.Fatalf("round %d, %+v: %+v is missing", round, scope, l)
			}
		}
	}
	if n := len(rows(t, dir, 1)); n < 20 {
		t.Errorf("only %d lies came out of it", n)
	}
}

// realOf is a path as the store would have it: none of these is there.
func realOf(path string) string { return (&resolver{}).real(path) }

// rows is what a state has; nothing before the first round.
func rows(t *testing.T, dir string, round int) map[lies.Key]lies.Lie {
	t.Helper()
	if round == 0 {
		return nil
	}
	out := map[lies.Key]lies.Lie{}
	for _, l := range all(t, dir) {
		out[l.Key] = l
	}
	return out
}
