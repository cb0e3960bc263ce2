//go:build linux

package store

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/store"
)

// writerEnv makes the test binary the writer whose power is cut: it names the state and the first change.
const writerEnv = "FEIGN_TEST_POWER_WRITER"

// writeForever changes lies, flushes, and prints "flushed N" for the last change; now and then it closes the state, prints
// "closed N" and opens it again.
func writeForever(arg string) {
	var dir string
	var n int
	if _, err := fmt.Sscanf(arg, "%d %s", &n, &dir); err != nil {
		panic(err)
	}
	for {
		lock, err := store.Acquire(dir, "a writer")
		quit(err)
		s, err := store.Open(lock, store.Options{})
		quit(err)
		ix := lies.New(lies.Options{Observer: s})
		_, err = s.Load(context.Background(), ix)
		quit(err)
		for range 1 + rand.IntN(6) {
			for range 1 + rand.IntN(mostChanges) {
				n++
				change(n, ix.Set, func(key lies.Key) { ix.Forget(key) })
				s.Log(store.Event{Result: fmt.Sprint(n)})
			}
			quit(s.Flush(context.Background()))
			fmt.Println("flushed", n)
		}
		quit(s.Close())
		fmt.Println("closed", n)
	}
}

// quit ends the writer: the disk is gone.
func quit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

const (
	changedFiles = 211
	mostChanges  = 300 // between two flushes
)

// change makes change n: it claims n to own file n modulo changedFiles; every seventh change forgets.
func change(n int, set func(lies.Lie), forget func(lies.Key)) {
	l := lies.Lie{Key: lies.Key{Dev: 1, Ino: uint64(n%changedFiles + 1)}, Identity: lies.Identity{Type: 0o100000}, Path: fmt.Sprintf("/file%d", n%changedFiles)}
	if n%7 == 0 {
		forget(l.Key)
		return
	}
	l.SetOwner(uint32(n), 0)
	l.SetXattr("user.n", []byte(fmt.Sprint(n)))
	set(l)
}

// ps-2: when power fails at any moment, both databases are whole; what a closed state held is there, and of what was committed
// since all that is in it is of one moment.
func TestPowerLoss(t *testing.T) {
	v := newExt4(t)
	rounds := scale("POWER_ROUNDS", 40)
	var state string
	var closed, missing, lost int
	for round := range rounds {
		if round%4 == 0 { // how the databases are made is tried too
			state, closed = filepath.Join(v.at, fmt.Sprint("state", round)), 0
		}
		var flushed int
		closed, flushed = cutWriter(t, v, state, closed)
		v.off()
		v.on()
		got, err := momentOf(state, closed, flushed+mostChanges)
		if err != nil {
			t.Fatalf("round %d, closed after change %d, flushed after %d: %v", round, closed, flushed, err)
		}
		if got < flushed {
			missing++
		}
		if os.Remove(filepath.Join(v.at, "unsynced")) != nil {
			lost++
		}
		closed = got // it is on the disk now
	}
	t.Logf("%d rounds; %d lost a file that was not synced, %d lost changes that were not", rounds, lost, missing)
	if lost < rounds/4 {
		t.Error("the power was hardly ever cut")
	}
}

// cutWriter runs a writer, whose state is that after change from, until the power of its disk is cut. It returns the last
// change before the last close that was seen before the cut, and the last one that was flushed.
func cutWriter(t *testing.T, v *volume, state string, from int) (closed, flushed int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d %s", writerEnv, from, state))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 1<<16)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			lines <- s.Text()
		}
	}()
	time.Sleep(time.Duration(rand.IntN(250)) * time.Millisecond)
	before := len(lines)
	if err := os.WriteFile(filepath.Join(v.at, "unsynced"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	v.cut()
	cmd.Process.Kill()
	cmd.Wait()
	closed, flushed = from, from
	for line := range lines {
		var n int
		if _, err := fmt.Sscanf(line, "closed %d", &n); err == nil && before > 0 {
			closed = n
		}
		fmt.Sscanf(line, "flushed %d", &flushed)
		before--
	}
	return closed, flushed
}

// momentOf checks that the state in dir is whole, and returns after which change, from first to last, its lies are what they
// were.
func momentOf(dir string, first, last int) (int, error) {
	if _, err := os.Stat(filepath.Join(dir, "files.db")); os.IsNotExist(err) && first == 0 {
		return 0, nil // the power was cut before there was a state
	}
	for _, db := range []string{"files.db", "log.db"} {
		path := filepath.Join(dir, db)
		if _, err := os.Stat(path); db == "log.db" && first == 0 && os.IsNotExist(err) {
			continue
		}
		verdict, err := exec.Command("sqlite3", path, "PRAGMA integrity_check").CombinedOutput()
		if err != nil || string(verdict) != "ok\n" {
			return 0, fmt.Errorf("%s: %s (%v)", path, verdict, err)
		}
	}
	view, err := store.OpenView(dir)
	if err != nil {
		return 0, err
	}
	defer view.Close()
	got := map[lies.Key]string{}
	for l, err := range view.Lies(context.Background(), store.Filter{}) {
		if err != nil {
			return 0, err
		}
		got[l.Key] = looks(l)
	}
	want := map[lies.Key]string{}
	for n := 0; n <= last; n++ {
		if n > 0 {
			change(n, func(l lies.Lie) { want[l.Key] = looks(l) }, func(key lies.Key) { delete(want, key) })
		}
		if n >= first && maps.Equal(got, want) {
			return n, nil
		}
	}
	return 0, fmt.Errorf("%d lies, of no moment between %d and %d", len(got), first, last)
}

func looks(l lies.Lie) string {
	var b strings.Builder
	fmt.Fprint(&b, l.UID, " ", l.GID, " ", l.Path)
	for _, x := range l.Xattrs {
		fmt.Fprintf(&b, " %s=%s", x.Name, x.Value)
	}
	return b.String()
}

// What actions claimed outlives the end of power once the state is closed.
func TestPowerLossAfterRun(t *testing.T) {
	v := newExt4(t)
	dir := userDir(t)
	state := filepath.Join(v.at, "state")
	for i := range 5 {
		must(t, dir, feign, "run", "-s", state, "sh", "-c", fmt.Sprintf("touch f%d; chown %d:7 f%d", i, i+1, i))
		leave(t, state)
		v.cut()
		v.off()
		v.on()
		for j := range i + 1 {
			name := fmt.Sprint("f", j)
			if got, want := quiet(t, dir, feign, "run", "-s", state, "stat", "-c", "%u:%g", name), fmt.Sprintf("%d:7\n", j+1); got != want {
				t.Errorf("after run %d: %s is %q, want %q", i, name, got, want)
			}
		}
		leave(t, state)
	}
}
