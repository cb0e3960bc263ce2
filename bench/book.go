//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
)

// A book keeps the values of rows from one run to the next, so that a table can be
// made in slices: each row as it was measured last.
type book map[string]page

type page struct {
	Host   string      // where and when
	Load   string      // of the machine, before
	Values [][]float64 // by side or way
}

// openBook reads a book; one that is not there, or has no name, is empty.
func openBook(path string) (book, error) {
	b := book{}
	if path == "" {
		return b, nil
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &b); err != nil {
		return nil, fmt.Errorf("%s: %w (remove it)", path, err)
	}
	return b, nil
}

// put replaces a row's values, in the file too.
func (b book) put(path, row string, p page) error {
	b[row] = p
	data, err := json.MarshalIndent(b, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}

// results are those of the rows that the book has, in their order, and where and
// when they were taken, each once.
func (b book) results(rows []row, ways []wayRow) (results []result, wayResults []wayResult, hosts []string) {
	loads := map[string][]float64{} // by host
	values := func(name string, columns int) [][]float64 {
		p, ok := b[name]
		if !ok || len(p.Values) != columns { // of a row that has changed since
			return nil
		}
		if !slices.Contains(hosts, p.Host) {
			hosts = append(hosts, p.Host)
		}
		if load, err := strconv.ParseFloat(p.Load, 64); err == nil {
			loads[p.Host] = append(loads[p.Host], load)
		}
		return p.Values
	}
	for _, r := range rows {
		if v := values(r.name, 3); v != nil {
			results = append(results, result{r, [3][]float64(v)})
		}
	}
	for _, r := range ways {
		if v := values(r.name, len(r.ways)); v != nil {
			wayResults = append(wayResults, wayResult{r, v})
		}
	}
	for i, h := range hosts {
		if l := loads[h]; len(l) > 0 {
			hosts[i] += fmt.Sprintf("; load %g to %g", slices.Min(l), slices.Max(l))
		}
	}
	return results, wayResults, hosts
}
