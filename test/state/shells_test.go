//go:build linux

package state

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Two shells in one state see each other's lies at once: while one changes the owner of a thousand files, the other lists them.
// Whatever it sees of a file is the old owner or the new one, and what was new stays new.
func TestTwoShells(t *testing.T) {
	p := newPlace(t, "FEIGN_BIN")
	p.output(p.run(`mkdir d && cd d && seq 1000 | xargs touch && chown -R 5:6 .`))
	change := p.run(`: >ready; chown -R 7:8 d; stat -c %u:%g d/1`)
	var said bytes.Buffer
	change.Stdout, change.Stderr = &said, os.Stderr
	// One listing after the other in one action, until everything is new.
	list := p.run(`while ! [ -e ready ]; do sleep 0.001; done
		n=0; while [ $n -lt 1000 ]; do stat -c '%n %u:%g' d/*; echo --; n=$(stat -c %u:%g d/* | grep -c '^7:8$'); done`)
	var seen bytes.Buffer
	list.Stdout, list.Stderr = &seen, os.Stderr
	if err := list.Start(); err != nil {
		t.Fatal(err)
	}
	if err := change.Run(); err != nil || said.String() != "7:8\n" {
		t.Errorf("%q, %v", &said, err)
	}
	guard := time.AfterFunc(patience, func() { list.Process.Kill() })
	defer guard.Stop()
	if err := list.Wait(); err != nil {
		t.Fatal(err)
	}
	isNew := map[string]bool{}
	listings, mixed := 0, 0
	for listing := range strings.SplitSeq(strings.TrimSuffix(seen.String(), "--\n"), "--\n") {
		news := 0
		for line := range strings.Lines(listing) {
			name, owner, _ := strings.Cut(strings.TrimSpace(line), " ")
			switch {
			case owner == "7:8":
				isNew[name] = true
				news++
			case owner != "5:6", isNew[name]:
				t.Fatalf("listing %d: %s, new before: %t", listings, line, isNew[name])
			}
		}
		listings++
		if news > 0 && news < 1000 {
			mixed++
		}
	}
	t.Logf("%d listings, %d of them in the middle", listings, mixed)
}

// What several change about one file at once is all there in the end: owners by one, the mode by another, an attribute by a third.
func TestOneFile(t *testing.T) {
	p := newPlace(t, "FEIGN_BIN")
	p.output(p.run(`touch f`))
	done := make(chan string)
	const rounds = 50
	for _, script := range []string{
		`for i in $(seq $1); do chown $i f; done`,
		`for i in $(seq $1); do chgrp $i f; done`,
		`for i in $(seq $1); do chmod $((i % 2)) f; chmod 4755 f; chmod 4711 f; done`,
	} {
		go func() { done <- p.output(p.run("set -e; "+script, strconv.Itoa(rounds))) }()
	}
	for range 3 {
		if out := <-done; out != "" {
			t.Errorf("%q", out)
		}
	}
	// A change of owner takes the set-id bits of the mode that it finds, as the kernel does.
	out := p.output(p.run(`stat -c %u:%g:%a f`))
	if out != fmt.Sprintf("%d:%d:4711\n", rounds, rounds) && out != fmt.Sprintf("%d:%d:711\n", rounds, rounds) {
		t.Errorf("%q", out)
	}
}

// ps-14: two states at once do not know of each other.
func TestTwoStates(t *testing.T) {
	p := newPlace(t, "FEIGN_BIN")
	t.Cleanup(func() { _, _ = p.command("state", "stop", "other").CombinedOutput() })
	first := p.run(`touch f; chown 5:5 f; : >ready; while ! [ -e done ]; do sleep 0.01; done; stat -c %u f`)
	var said bytes.Buffer
	first.Stdout = &said
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	awaitFile(t, p.dir+"/ready")
	out := p.output(p.command("run", "-s", "other", "sh", "-c", `stat -c %u f; chown 9:9 f; stat -c %u f; : >done`))
	if err := first.Wait(); err != nil || out != "0\n9\n" || said.String() != "5\n" {
		t.Errorf("%q, %q, %v", out, &said, err)
	}
}

// What a shell has to have open or wide, another one in the state does not take from it: a mode on the disk is given back with the last
// that needed the other one, and what is claimed about a file without a name is known to all that have it open.
func TestSharedFiles(t *testing.T) {
	p := newPlace(t, "FEIGN_BIN")
	mode := func(want os.FileMode) {
		t.Helper()
		if info, err := os.Stat(p.dir + "/closed"); err != nil || info.Mode() != want {
			t.Errorf("%v, %v; want %v", info.Mode(), err, want)
		}
	}
	file, err := os.Create(p.dir + "/nameless")
	if err == nil {
		err = os.WriteFile(p.dir+"/closed", []byte("old\n"), 0)
	}
	if err == nil && os.Getuid() == 0 {
		err = errors.Join(os.Chown(p.dir+"/closed", ordinary, ordinary), os.Chown(p.dir+"/nameless", ordinary, ordinary))
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	with := func(cmd *exec.Cmd) *exec.Cmd {
		cmd.ExtraFiles = []*os.File{file} // descriptor 3
		return cmd
	}
	first := with(p.run(`cat closed; chown 7:8 nameless; rm nameless; : >ready; while ! [ -e done ]; do sleep 0.01; done
		stat -L -c %u:%g /proc/self/fd/3; stat -c %a closed; cat closed`))
	var said bytes.Buffer
	first.Stdout, first.Stderr = &said, os.Stderr
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	awaitFile(t, p.dir+"/ready")
	mode(0o400)
	out := p.output(with(p.run(`echo new >closed; stat -L -c %u:%g /proc/self/fd/3; chown 9:10 /proc/self/fd/3`)))
	if out != "7:8\n" {
		t.Errorf("%q", out)
	}
	mode(0o600) // the first may go on
	os.WriteFile(p.dir+"/done", nil, 0o644)
	if err := first.Wait(); err != nil || said.String() != "old\n9:10\n0\nnew\n" {
		t.Errorf("%q, %v", &said, err)
	}
	mode(0)
}
