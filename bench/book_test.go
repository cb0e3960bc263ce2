//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A row that was measured again takes the place of what it was; the others stay.
func TestBook(t *testing.T) {
	path := filepath.Join(t.TempDir(), "book.json")
	rows := allRows(false)
	state := wayRow{name: "state-x", ways: make([]way, 2)}
	measured := func(n int, value float64) result {
		return result{rows[n], [3][]float64{nil, {value}, {2, 3}}}
	}
	for _, step := range []struct {
		host  string
		r     result
		hosts []string
		rows  []string
	}{
		{"monday", measured(1, 5), []string{"monday; load 5 to 5"}, []string{rows[1].name}},
		{"tuesday", measured(0, 6), []string{"tuesday; load 6 to 6", "monday; load 5 to 5"}, []string{rows[0].name, rows[1].name}},
		{"tuesday", measured(1, 7), []string{"tuesday; load 6 to 7"}, []string{rows[0].name, rows[1].name}},
	} {
		b, err := openBook(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.put(path, step.r.name, page{step.host, fmt.Sprint(step.r.values[feigned][0]), step.r.values[:]}); err != nil {
			t.Fatal(err)
		}
		b, err = openBook(path)
		if err != nil {
			t.Fatal(err)
		}
		results, states, hosts := b.results(rows, []wayRow{state})
		if len(states) != 0 {
			t.Errorf("%s: %v", step.host, states)
		}
		var names []string
		for _, r := range results {
			names = append(names, r.name)
			if r.name == step.r.name && !slices.Equal(r.values[feigned], step.r.values[feigned]) {
				t.Errorf("%s: %v, want %v", r.name, r.values, step.r.values)
			}
		}
		if !slices.Equal(hosts, step.hosts) || !slices.Equal(names, step.rows) {
			t.Errorf("%s: %q of %q, want %q of %q", step.host, names, hosts, step.rows, step.hosts)
		}
	}
	b, err := openBook(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		values [][]float64
		want   int
	}{{[][]float64{{1}}, 0}, {[][]float64{{1}, {2}}, 1}} {
		if err := b.put(path, state.name, page{"tuesday", "", tt.values}); err != nil {
			t.Fatal(err)
		}
		if _, states, _ := b.results(rows, []wayRow{state}); len(states) != tt.want {
			t.Errorf("%v: %d rows of states", tt.values, len(states))
		}
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openBook(path); err == nil {
		t.Error("half a book is read")
	}
}
