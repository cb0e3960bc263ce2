//go:build linux

package store

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// manyLies makes an action that claims something about n files, says "claimed", waits for a line, says "goes on", and ends with the
// status that the line has, or by the signal KILL.
func manyLies(n int) string {
	return fmt.Sprintf(`mkdir d; cd d; seq -f f%%.0f %d | xargs touch; chown -R 7:7 .; echo claimed; read x; touch g; chown 7:7 g; stat -c %%u f1; echo goes on; [ $x != KILL ] || kill -KILL $$; exit $x`, n)
}

// An interactive is an action that has claimed and waits.
type interactive struct {
	in       io.WriteCloser
	out      *bufio.Reader
	messages *strings.Builder
	wait     func() int
}

func begin(t *testing.T, dir, state string, n int, flags ...string) *interactive {
	t.Helper()
	cmd := asUser(dir, slices.Concat([]string{feign, "run", "-s", state}, flags, []string{"sh", "-c", manyLies(n)})...)
	x := &interactive{messages: &strings.Builder{}}
	cmd.Stderr = x.messages
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	x.in, x.out = in, bufio.NewReader(out)
	x.wait = func() int {
		cmd.Wait()
		return int(cmd.ProcessState.Sys().(syscall.WaitStatus))
	}
	if line, err := x.out.ReadString('\n'); line != "claimed\n" {
		t.Fatalf("%q, %v, %s", line, err, x.messages)
	}
	return x
}

// end lets the action go on and end, by what its script is told. It must not have noticed anything. The status is that of wait(2).
func (x *interactive) end(t *testing.T, how string) (int, string) {
	t.Helper()
	fmt.Fprintln(x.in, how)
	rest, _ := io.ReadAll(x.out)
	if string(rest) != "7\ngoes on\n" {
		t.Errorf("the action says %q", rest)
	}
	return x.wait(), x.messages.String()
}

var (
	beginsToFail = regexp.MustCompile(`(?m)^feign: warning: .*/state/files\.db: .* \(what is to be saved is kept in memory, and tried again\)$`)
	notSaved     = regexp.MustCompile(`(?m)^feign: .*/state/files\.db: .* \(what could not be saved is lost if the daemon ends before it can be\)$`)
)

// unsaved are the ways of a command to end, and the status that its parent sees if what it has claimed cannot be saved: success is none.
var unsaved = []struct {
	how    string
	status int // of wait(2)
}{{"0", 125 << 8}, {"3", 3 << 8}, {"KILL", 9}}

// checkUnsaved looks at the status and the messages of an action whose lies could not be saved. That saving begins to fail is told where
// that is met before the end.
func checkUnsaved(t *testing.T, status, want int, messages string) {
	t.Helper()
	begun := len(beginsToFail.FindAllString(messages, -1))
	if status != want || begun > 1 || len(notSaved.FindAllString(messages, -1)) != 1 || strings.Count(messages, "\n") != begun+1 {
		t.Errorf("wait status %#x, want %#x; messages:\n%s", status, want, messages)
	}
}

// A disk that is full does not hold the action up. One line and the status tell of what may be lost; what was saved before is there;
// with room again everything is saved.
func TestDiskFull(t *testing.T) {
	v := newTmpfs(t, "700k")
	state := filepath.Join(v.at, "state")
	for _, tt := range unsaved {
		dir := userDir(t)
		must(t, dir, feign, "run", "-s", state, "sh", "-c", "touch before; chown 5:5 before")
		got, messages := begin(t, dir, state, 6000).end(t, tt.how)
		checkUnsaved(t, got, tt.status, messages)
		leave(t, state)
		if got := must(t, dir, feign, "run", "-s", state, "stat", "-c", "%u", "before"); got != "5\n" {
			t.Errorf("what was saved before is %q", got)
		}
		leave(t, state)
		must(t, dir, "rm", "-r", state)
	}

	v = newTmpfs(t, "8m")
	state = filepath.Join(v.at, "state")
	dir := userDir(t)
	must(t, dir, "sh", "-c", "head -c 7700k /dev/zero >"+v.at+"/ballast")
	x := begin(t, dir, state, 4000)
	if err := os.Remove(filepath.Join(v.at, "ballast")); err != nil {
		t.Fatal(err)
	}
	status, messages := x.end(t, "0")
	if status != 0 || !beginsToFail.MatchString(messages) || strings.Count(messages, "\n") != 1 {
		t.Errorf("with room again: status %d, messages:\n%s", status, messages)
	}
	if got := strings.Count(must(t, dir, feign, "state", "ls", "--uid", "7", state), "\n"); got != 4002 {
		t.Errorf("%d lies are saved, want 4002", got)
	}
}

// Nor does a disk that fails.
func TestDiskFails(t *testing.T) {
	v := newExt4(t)
	dir := userDir(t)
	state := filepath.Join(v.at, "state")
	must(t, dir, feign, "run", "-s", state, "sh", "-c", "touch before; chown 5:5 before")
	leave(t, state)
	for _, tt := range unsaved {
		x := begin(t, dir, state, 500)
		v.cut()
		got, messages := x.end(t, tt.how)
		checkUnsaved(t, got, tt.status, messages)
		if !strings.Contains(messages, "disk I/O error") || strings.Contains(messages, "damaged") {
			t.Errorf("messages:\n%s", messages)
		}
		v.off()
		v.on()
		if got := quiet(t, dir, feign, "run", "-s", state, "stat", "-c", "%u", "before"); got != "5\n" {
			t.Errorf("what was saved before is %q", got)
		}
		must(t, dir, "rm", "-r", "d")
	}
}

// Where feign is the parent of the command, the status is its own.
func TestDiskFullStaying(t *testing.T) {
	v := newTmpfs(t, "700k")
	state := filepath.Join(v.at, "state")
	for _, tt := range []struct {
		how    string
		status int
	}{{"0", 125 << 8}, {"3", 3 << 8}, {"KILL", (128 + 9) << 8}} {
		dir := userDir(t)
		must(t, dir, feign, "run", "-s", state, "sh", "-c", "touch before; chown 5:5 before")
		got, messages := begin(t, dir, state, 6000, "-m", "out.mtree").end(t, tt.how)
		if got != tt.status || strings.Count(messages, "could not be saved") != 1 {
			t.Errorf("%s: wait status %#x, want %#x; messages:\n%s", tt.how, got, tt.status, messages)
		}
		// The manifest tells all the same what was claimed.
		if text := must(t, dir, feign, "manifest", "show", "out.mtree"); strings.Count(text, "uid=7") != 6002 {
			t.Errorf("%s: %d of 6002 files", tt.how, strings.Count(text, "uid=7"))
		}
		leave(t, state)
		must(t, dir, "rm", "-r", state)
	}
}
