package store

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/feign-build/feign/lies"
)

// crashEnv makes the test binary the writer that is killed: it names the state and where to go on.
const crashEnv = "FEIGN_TEST_STORE_WRITER"

func TestMain(m *testing.M) {
	if arg := os.Getenv(crashEnv); arg != "" {
		writeUntilKilled(arg)
	}
	os.Exit(m.Run())
}

// writeUntilKilled changes lies, and prints the number of the last change after each that is saved. Change n of file i
// claims the owner n; every seventh forgets.
func writeUntilKilled(arg string) {
	dir, from, _ := strings.Cut(arg, "\x01")
	n, _ := strconv.Atoi(from)
	lock, err := Acquire(dir, "a writer")
	if err != nil {
		panic(err)
	}
	s, err := Open(lock, Options{})
	if err != nil {
		panic(err)
	}
	ix := lies.New(lies.Options{Observer: s})
	if _, err := s.Load(context.Background(), ix); err != nil {
		panic(err)
	}
	for {
		for range 1 + rand.IntN(mostUnacknowledged) {
			n++
			writeChange(ix, n)
			s.Log(Event{Result: strconv.Itoa(n)})
		}
		if err := s.Flush(context.Background()); err != nil {
			panic(err)
		}
		fmt.Println(n)
	}
}

const crashFiles = 97

func writeChange(ix *lies.Index, n int) {
	l := lie(uint64(n%crashFiles+1), fmt.Sprintf("/file%d", n%crashFiles))
	if n%7 == 0 {
		ix.Forget(l.Key)
		return
	}
	l.SetOwner(uint32(n), 0)
	l.SetXattr("user.n", []byte(strconv.Itoa(n)))
	ix.Set(l)
}

// frng-4, ps-1, ps-2: a writer that is killed at any moment leaves whole databases with everything that it was told is
// saved, and nothing to clear by hand.
func TestKill(t *testing.T) {
	rounds := 40
	if testing.Short() {
		rounds = 5
	}
	if s := os.Getenv("FEIGN_TEST_CRASH_ROUNDS"); s != "" {
		rounds, _ = strconv.Atoi(s)
	}
	dir := t.TempDir()
	acknowledged := 0
	for round := range rounds {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s\x01%d", crashEnv, dir, acknowledged))
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		kill := func() {
			time.AfterFunc(time.Duration(10+rand.IntN(60))*time.Millisecond, func() { cmd.Process.Kill() })
		}
		if round%2 == 0 {
			kill() // while it starts, on a slow machine
		}
		for lines, n := bufio.NewScanner(out), 0; lines.Scan(); n++ {
			acknowledged, _ = strconv.Atoi(lines.Text())
			if n == 0 && round%2 == 1 {
				kill()
			}
		}
		cmd.Wait()

		for _, k := range []*kind{filesKind, logKind} {
			if _, err := os.Stat(dir + "/" + k.file); err != nil {
				continue // killed before it was made
			}
			if err := k.examine(dir); err != nil {
				t.Fatal(err)
			}
		}
		if acknowledged > 0 {
			checkCrashed(t, dir, acknowledged)
		}
	}
	if acknowledged == 0 {
		t.Error("nothing was ever acknowledged")
	}
	t.Logf("%d changes in %d rounds", acknowledged, rounds)
}

// mostUnacknowledged is how far the writer may have come beyond what it has acknowledged.
const mostUnacknowledged = 300

// checkCrashed compares a state with what the acknowledged changes made of it. Later ones may be in it too; the next writer
// makes those again.
func checkCrashed(t *testing.T, dir string, acknowledged int) {
	t.Helper()
	got := map[uint64]int{}
	for _, l := range all(t, dir) {
		n := int(l.UID)
		if len(l.Xattrs) != 1 || string(l.Xattrs[0].Value) != strconv.Itoa(n) || n > acknowledged+mostUnacknowledged {
			t.Fatalf("half a lie: %+v", l)
		}
		got[l.Ino] = n
	}
	for n := acknowledged; n > 0 && n > acknowledged-crashFiles; n-- {
		ino := uint64(n%crashFiles + 1)
		forgotten := n%7 == 0
		for m := n + crashFiles; m <= acknowledged+mostUnacknowledged; m += crashFiles {
			forgotten = forgotten || m%7 == 0
		}
		if have, ok := got[ino]; ok && have < n || !ok && !forgotten {
			t.Fatalf("change %d of file %d, acknowledged up to %d: the state has %d (%v)", n, ino, acknowledged, have, ok)
		}
	}
}
