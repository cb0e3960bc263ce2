//go:build linux

package state

import (
	"bytes"
	"fmt"
	"os"
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
