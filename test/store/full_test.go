//go:build linux

package store

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// manyLies makes an action that claims something about n files, says "claimed", waits for a line, and says "goes on".
func manyLies(n int) string {
	return fmt.Sprintf(`mkdir d; cd d; seq -f f%%.0f %d | xargs touch; chown -R 7:7 .; echo claimed; read x; touch g; chown 7:7 g; stat -c %%u f1; echo goes on; exit $x`, n)
}

// An interactive is an action that has claimed and waits.
type interactive struct {
	in       io.WriteCloser
	out      *bufio.Reader
	messages *strings.Builder
	wait     func() int
}

func begin(t *testing.T, dir, state string, n int) *interactive {
	t.Helper()
	cmd := asUser(dir, feign, "run", "-s", state, "sh", "-c", manyLies(n))
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
		return cmd.ProcessState.ExitCode()
	}
	if line, err := x.out.ReadString('\n'); line != "claimed\n" {
		t.Fatalf("%q, %v, %s", line, err, x.messages)
	}
	return x
}

// end lets the action go on and end with a status. It must not have noticed anything.
func (x *interactive) end(t *testing.T, status int) (int, string) {
	t.Helper()
	fmt.Fprintln(x.in, status)
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

// checkUnsaved looks at the status and the messages of an action whose lies could not be saved.
func checkUnsaved(t *testing.T, status, want int, messages string) {
	t.Helper()
	if status != want || len(beginsToFail.FindAllString(messages, -1)) != 1 || len(notSaved.FindAllString(messages, -1)) != 1 || strings.Count(messages, "\n") != 2 {
		t.Errorf("status %d, want %d; messages:\n%s", status, want, messages)
	}
}

// A disk that is full does not hold the action up. One line tells of what may be lost, and the status stays the action's, which is the
// shell's own child; what was saved before is there; with room again everything is saved.
func TestDiskFull(t *testing.T) {
	v := newTmpfs(t, "700k")
	state := filepath.Join(v.at, "state")
	for _, status := range []int{0, 3} {
		dir := userDir(t)
		must(t, dir, feign, "run", "-s", state, "sh", "-c", "touch before; chown 5:5 before")
		got, messages := begin(t, dir, state, 6000).end(t, status)
		checkUnsaved(t, got, status, messages)
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
	status, messages := x.end(t, 0)
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
	for _, status := range []int{0, 3} {
		x := begin(t, dir, state, 500)
		v.cut()
		got, messages := x.end(t, status)
		checkUnsaved(t, got, status, messages)
		if strings.Count(messages, "disk I/O error") != 2 || strings.Contains(messages, "damaged") {
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
