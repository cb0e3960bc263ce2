package store

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/feign-build/feign/lies"
)

// What is read page by page is what SQLite reads: with values that go on in other pages, with deleted records, and with the newest
// ones in the write-ahead log only.
func TestPages(t *testing.T) {
	dir := t.TempDir()
	s, ix := open(t, dir, Options{})
	rng := rand.New(rand.NewPCG(1, 2))
	change := func(n int) {
		for range n {
			l := lie(1+rng.Uint64N(3000), "/"+strings.Repeat("long/", rng.IntN(20)*rng.IntN(20))+fmt.Sprint(rng.IntN(1000)))
			l.Dev, l.Rdev = rng.Uint64N(3), rng.Uint64()>>rng.IntN(64)
			switch rng.IntN(4) {
			case 0:
				ix.Forget(l.Key)
				continue
			case 1:
				l.SetXattr("user.big", bytes.Repeat([]byte{byte(n)}, rng.IntN(20000)))
				l.HideXattr("user.gone")
			case 2:
				l.Has = lies.HasUID
			}
			if rng.IntN(2) == 0 {
				l.Btime, l.NoBtime, l.Generation = lies.Timespec{}, true, rng.Uint32()|1
			}
			ix.Set(l)
			s.Log(Event{PID: rng.IntN(1 << 22), Program: "p", Path: l.Path, Result: fmt.Sprint(n)})
		}
		if err := s.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	change(4000)
	if err := s.files.db.exec("DELETE FROM files WHERE ino % 3 = 0; PRAGMA wal_checkpoint(truncate)"); err != nil {
		t.Fatal(err)
	}
	for _, state := range []string{"in the log", "in the database"} {
		change(700)
		if state == "in the database" {
			closeStore(t, s)
		}
		copied := filepath.Join(t.TempDir(), "state") // the log is begun anew, and longer than what is in it
		if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		want := all(t, dir)
		fresh := t.TempDir()
		os.WriteFile(filepath.Join(fresh, "lock"), nil, 0o600)
		for _, k := range []*kind{filesKind, logKind} {
			if _, err := k.rescue(filepath.Join(copied, k.file), filepath.Join(fresh, k.file)); err != nil {
				t.Fatal(err)
			}
		}
		if got := all(t, fresh); !slices.EqualFunc(got, want, func(a, b lies.Lie) bool { return reflect.DeepEqual(a, b) }) {
			t.Errorf("%s: %d lies, want %d", state, len(got), len(want))
		}
		if got, want := results(t, fresh), results(t, dir); len(want) < 3000 || !slices.Equal(got, want) {
			t.Errorf("%s: %d events, want %d", state, len(got), len(want))
		}
	}
}

// results are the events of a state, as far as they do not depend on their numbers.
func results(t *testing.T, dir string) (out []string) {
	t.Helper()
	v, err := OpenView(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for e, err := range v.Events(context.Background(), 0, EventFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprint(e.Time.UnixNano(), e.Severity, e.PID, e.Program, e.Syscall, e.Path, e.Claim, e.Result))
	}
	return out
}
