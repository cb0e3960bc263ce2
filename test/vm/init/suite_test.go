//go:build linux

package main

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseSuite(t *testing.T) {
	s, err := parseSuite("core 1500 /tmp A=1 B=x=y /bin/core.test -test.run=X")
	if err != nil {
		t.Fatal(err)
	}
	if s.name != "core" || s.uid != 1500 || s.dir != "/tmp" || !slices.Equal(s.argv, []string{"/bin/core.test", "-test.run=X"}) {
		t.Errorf("parsed as %+v", s)
	}
	if n := len(s.env); n < 2 || s.env[n-2] != "A=1" || s.env[n-1] != "B=x=y" {
		t.Errorf("environment %q", s.env)
	}
	for _, line := range []string{"core 1500 /tmp", "core root /tmp /bin/true", "core -1 /tmp /bin/true"} {
		if _, err := parseSuite(line); err == nil {
			t.Errorf("%q is accepted", line)
		}
	}
}

func TestDigest(t *testing.T) {
	const output = `=== RUN   TestA
=== RUN   TestA/one
    a_test.go:9: not worth showing
=== RUN   TestA/two
    a_test.go:1: wrong
=== NAME  TestA
    a_test.go:3: on the whole
--- FAIL: TestA (0.00s)
    --- PASS: TestA/one (0.00s)
    --- FAIL: TestA/two (0.00s)
=== RUN   TestB
said aloud
--- PASS: TestB (0.00s)
=== RUN   TestC
    a_test.go:2: why
--- SKIP: TestC (0.00s)
=== RUN   TestD
panic: died
`
	var shown strings.Builder
	c, times := digest(strings.NewReader(output), &shown)
	if c != (count{passed: 2, failed: 2, skipped: 1}) {
		t.Errorf("counted %v", c)
	}
	if len(times) != 5 || times[0].name != "TestA" {
		t.Errorf("timed %v", times)
	}
	const want = `--- FAIL: TestA (0.00s)
    a_test.go:3: on the whole
    --- FAIL: TestA/two (0.00s)
    a_test.go:1: wrong
--- SKIP: TestC (0.00s)
    a_test.go:2: why
panic: died
`
	if shown.String() != want {
		t.Errorf("showed:\n%s", shown.String())
	}
}

func TestSlowest(t *testing.T) {
	times := []timed{
		{"TestA", 30 * time.Second}, {"TestA/one", 7 * time.Second}, {"TestA/two", 23 * time.Second},
		{"TestB", 6 * time.Second}, {"TestC", time.Second}, {"TestD", 9 * time.Second}, {"TestAll", 8 * time.Second},
	}
	if got, want := slowest(times), ", TestA/two 23s, TestD 9s, TestAll 8s"; got != want {
		t.Errorf("slowest says %q, want %q", got, want)
	}
}
