//go:build linux

package main

import (
	"slices"
	"strings"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		in   []float64
		want float64
	}{
		{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 3, 2}, 2.5},
	} {
		if got := median(c.in); got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.in, got, c.want)
		}
	}
}

func TestMisses(t *testing.T) {
	r := result{row: row{vsNative: 1.25, vsFakeroot: 1}, values: [3][]float64{{10}, {13}, {12}}}
	if got, want := r.misses(), "1.25 x native, 1 x fakeroot"; got != want {
		t.Errorf("misses() = %q, want %q", got, want)
	}
	r.values[feigned] = []float64{12}
	if got := r.misses(); got != "" {
		t.Errorf("misses() = %q at the targets, want none", got)
	}
}

func TestEveryRowIsExplained(t *testing.T) {
	for _, r := range allRows(false) {
		if what[r.name] == "" {
			t.Errorf("row %s is not explained", r.name)
		}
	}
}

func TestWayRows(t *testing.T) {
	for _, r := range (&bench{}).wayRows(false) {
		if !slices.ContainsFunc(kinds, func(k struct{ prefix, title string }) bool { return strings.HasPrefix(r.name, k.prefix) }) {
			t.Errorf("row %s is of no kind, so of no table", r.name)
		}
		if r.what == "" || len(r.ways) == 0 || (r.target == "") != (r.met == nil) {
			t.Errorf("row %s is not whole", r.name)
		}
	}
	r := wayResult{wayRow{ways: []way{{name: "a"}, {name: "b"}}, unit: "ms", target: "a at most b", met: func(m []float64) bool { return m[0] <= m[1] }},
		[][]float64{{1, 3, 2}, {250}}}
	if got, want := r.list(), "a 2 ms, b 250 ms"; got != want || r.misses() != "" {
		t.Errorf("%q, misses %q; want %q", got, r.misses(), want)
	}
	r.peers = true
	if got, want := r.list(), "a 2 ms, b 250 ms (0.01 x)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if r.values[1][0] = 1; r.misses() != r.target {
		t.Errorf("misses %q, want %q", r.misses(), r.target)
	}
}
