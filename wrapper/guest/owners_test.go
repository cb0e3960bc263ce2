package guest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
)

// card-2: rules about owners are for what is there when the action begins; from then on owners are as owners are.
func TestClaimOwners(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	at := func(names ...string) string { return filepath.Join(append([]string{dir}, names...)...) }
	for _, name := range []string{"www/index", "www/closed/in", "www/mail/box", "elsewhere/bound", "free"} {
		if err := os.MkdirAll(filepath.Dir(at(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at(name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../free", at("www/link")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at("www/claimed"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(at("www/closed"), 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(at("www/closed"), 0o755) })
	index := lies.New(lies.Options{})
	var st unix.Stat_t
	if err := unix.Lstat(at("www/claimed"), &st); err != nil {
		t.Fatal(err)
	}
	lie := lies.Lie{Key: lies.Key{Dev: st.Dev, Ino: st.Ino}, Identity: lies.Identity{Type: st.Mode}, Path: at("www/claimed")}
	lie.SetOwner(1, 1)
	index.Set(lie)
	a := &action{dir: dir, config: Config{Lies: index, Policy: &Policy{
		Owners: []OwnerRule{{at("www"), 33, 34}, {at("www/mail"), 8, 8}, {at("none"), 1, 1}},
		Binds:  []Bind{{From: at("elsewhere"), To: at("www/place")}},
	}}}
	a.prepare = func(k *Kernel) {
		if err := k.ClaimOwners(); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(at("www/closed")); err != nil || info.Mode().Perm() != 0 {
			t.Errorf("the closed directory has mode %v, %v", info.Mode(), err)
		}
	}
	wantText(t, a.shell(t, `
		show() { stat -c '%n %u:%g' "$@"; }
		show www www/index www/link www/claimed www/closed www/closed/in www/mail www/mail/box www/place/bound free elsewhere/bound
		mv www/index index; ln www/mail/box box; mv www/mail letters; echo >www/new; echo changed >www/link; cp www/claimed copy; chown 0:0 www/closed
		show index box letters/box www/new copy www/closed free`), `
		www 33:34
		www/index 33:34
		www/link 33:34
		www/claimed 1:1
		www/closed 33:34
		www/closed/in 33:34
		www/mail 8:8
		www/mail/box 8:8
		www/place/bound 33:34
		free 0:0
		elsewhere/bound 33:34
		index 33:34
		box 8:8
		letters/box 8:8
		www/new 0:0
		copy 0:0
		www/closed 0:0
		free 0:0
	`)
}

// Without rules about paths, rules about owners cost no stops: the shortcut answers what it would without them.
func TestOwnersWithoutStops(t *testing.T) {
	stops := func(owners ...OwnerRule) uint64 {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "f"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		for i := range owners {
			owners[i].Prefix = filepath.Join(dir, "f")
		}
		a := &action{dir: dir, config: Config{Policy: &Policy{Owners: owners}}}
		a.prepare = func(k *Kernel) {
			if err := k.ClaimOwners(); err != nil {
				t.Fatal(err)
			}
		}
		got := a.shell(t, strings.Repeat("test -e /bin/sh; ", 50))
		if got != "" {
			t.Error(got)
		}
		return a.stats.Stops
	}
	if without, with := stops(), stops(OwnerRule{UID: 5, GID: 5}); with != without {
		t.Errorf("%d stops, without the rule %d", with, without)
	}
}
