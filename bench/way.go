//go:build linux

package main

import (
	"context"
	"fmt"
	"strings"
)

// A wayRow is one thing to measure in several ways, which take turns. What is measured is feign's, or the first way is feign's
// and the others are those of its peers.
type wayRow struct {
	name, what, unit string
	rounds           int
	ways             []way
	target           string
	met              func(medians []float64) bool
	peers            bool // each other way is a peer, the first one is compared with it
}

// A way is one of the values of a row.
type way struct {
	name  string
	value func(ctx context.Context) (float64, error)
}

// A wayResult has the values of a row, by way.
type wayResult struct {
	wayRow
	values [][]float64
}

// wayRows are the rows of all kinds, each kind together.
func (b *bench) wayRows(short bool) []wayRow {
	return append(b.stateRows(short), b.packRows(short)...)
}

// kinds are the kinds of rows with ways: how their names begin, and what the table calls them.
var kinds = []struct{ prefix, title string }{
	{"state-", "States"},
	{"pack-", "Archives"},
}

// measureWays runs the rounds of a row.
func (b *bench) measureWays(ctx context.Context, r wayRow, rounds int) (wayResult, error) {
	if rounds == 0 {
		rounds = r.rounds
	}
	res := wayResult{r, make([][]float64, len(r.ways))}
	for round := 1 - b.warmUps; round <= rounds; round++ {
		for i := range r.ways {
			n := (i + round + len(r.ways)) % len(r.ways)
			v, err := r.ways[n].value(ctx)
			if err != nil {
				return res, fmt.Errorf("%s: %w", r.ways[n].name, err)
			}
			if round > 0 {
				res.values[n] = append(res.values[n], v)
			}
		}
	}
	return res, nil
}

func (r wayResult) medians() []float64 {
	var m []float64
	for _, values := range r.values {
		m = append(m, median(values))
	}
	return m
}

func (r wayResult) misses() string {
	if r.met == nil || r.met(r.medians()) {
		return ""
	}
	return r.target
}

// list names each way and its median, and how many times that of a peer feign takes.
func (r wayResult) list() string {
	var parts []string
	for i, m := range r.medians() {
		text := fmt.Sprintf("%.3g", m)
		if m >= 100 {
			text = fmt.Sprintf("%.0f", m)
		}
		text = r.ways[i].name + " " + text + " " + r.unit
		if r.peers && i > 0 {
			text += fmt.Sprintf(" (%.2f x)", r.medians()[0]/m)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

func (r wayResult) String() string {
	s := fmt.Sprintf("%-16s %s", r.name, r.list())
	if r.misses() != "" {
		s += "  misses " + r.target
	}
	return s
}
