//go:build linux

// Command bench measures feign beside native runs and beside fakeroot.
//
// The sides of a row take turns, in an order that rotates from round to round,
// so that what else the machine does falls on all of them; the table has their
// medians. Everything runs as an ordinary user, except where the native side has
// to be real root to do the same work (chown).
//
//	bench -feign bin/feign [-short] [-rows stat,exec] [-rounds N] [-book FILE] [-doc FILE] [-check]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

func main() {
	var o options
	flag.StringVar(&o.feign, "feign", "bin/feign", "the feign to measure")
	flag.BoolVar(&o.short, "short", false, "small inputs and few rounds: whether it runs, not how fast")
	flag.StringVar(&o.rows, "rows", "", "comma-separated names or parts of names of rows (default: all)")
	flag.IntVar(&o.rounds, "rounds", 0, "rounds per row (default: by row)")
	flag.StringVar(&o.book, "book", "", "keep the values of rows in this file, from one run to the next")
	flag.StringVar(&o.doc, "doc", "", "also write the table as Markdown to this file, with all rows of the book")
	flag.BoolVar(&o.check, "check", false, "fail when a row misses its target")
	flag.IntVar(&o.uid, "uid", 1500, "the ordinary user, when started by root")
	flag.Parse()
	// Interrupted, it leaves nothing behind.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	feign, rows, book, doc string
	short, check           bool
	rounds, uid            int
}

func run(ctx context.Context, w io.Writer, o options) error {
	if o.book != "" && o.short {
		return errors.New("-book: small inputs have values of their own (leave -short out)")
	}
	kept, err := openBook(o.book)
	if err != nil {
		return err
	}
	b, err := newBench(o)
	if err != nil {
		return err
	}
	defer b.close()
	rows := slices.DeleteFunc(allRows(o.short), func(r row) bool { return !selected(o.rows, r.name) })
	ways := slices.DeleteFunc(b.wayRows(o.short), func(r wayRow) bool { return !selected(o.rows, r.name) })
	if len(rows)+len(ways) == 0 {
		return fmt.Errorf("-rows %s: no such row (there are: %s)", o.rows, b.rowNames(o.short))
	}

	host, load := hostLine(b.feign), firstWord("/proc/loadavg")
	fmt.Fprintln(w, host+"; load "+load)
	fmt.Fprintln(w, header)
	var (
		results    []result
		wayResults []wayResult
	)
	failed, missed := 0, 0
	// done notes what came of a row; an error is one that ends all.
	done := func(row string, res outcome, values [][]float64, err error) (ok bool, _ error) {
		switch {
		case ctx.Err() != nil:
			return false, context.Cause(ctx)
		case err != nil:
			fmt.Fprintf(w, "%-16s failed: %v\n", row, err)
			failed++
			return false, nil
		}
		fmt.Fprintln(w, res)
		if res.misses() != "" {
			missed++
		}
		if o.book == "" {
			return true, nil
		}
		return true, kept.put(o.book, row, page{host, load, values})
	}
	for _, r := range rows {
		res, err := b.measure(ctx, r, o.rounds)
		ok, err := done(r.name, res, res.values[:], err)
		if err != nil {
			return err
		}
		if ok {
			results = append(results, res)
		}
	}
	for _, r := range ways {
		res, err := b.measureWays(ctx, r, o.rounds)
		ok, err := done(r.name, res, res.values, err)
		if err != nil {
			return err
		}
		if ok {
			wayResults = append(wayResults, res)
		}
	}
	if o.doc != "" {
		table, wayTable, hosts := results, wayResults, []string{host + "; load " + load}
		if o.book != "" {
			table, wayTable, hosts = kept.results(allRows(false), b.wayRows(false))
		}
		if err := writeDoc(o.doc, hosts, table, wayTable); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "bench: %d passed, %d failed (%d over target)\n", len(results)+len(wayResults), failed, missed)
	if failed > 0 || o.check && missed > 0 {
		return fmt.Errorf("%d rows failed, %d are over target", failed, missed)
	}
	return nil
}

// An outcome is what was measured of a row.
type outcome interface {
	fmt.Stringer
	misses() string // the targets that were missed; "" if none was
}

// selected says whether a -rows list names a row: an empty list names all.
func selected(list, name string) bool {
	if list == "" {
		return true
	}
	return slices.ContainsFunc(strings.Split(list, ","), func(part string) bool {
		return part != "" && strings.Contains(name, part)
	})
}
