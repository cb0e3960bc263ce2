//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
)

// A result has the values of a row in its unit, by side, in order of the rounds.
type result struct {
	row
	values [3][]float64
}

var header = fmt.Sprintf("%-16s %12s %12s %12s %10s %12s", "row", "native", "feign", "fakeroot", "x native", "x fakeroot")

// ratio returns feign's median relative to a side's, 0 when there is none.
func (r result) ratio(n int) float64 {
	if base := median(r.values[n]); base > 0 {
		return median(r.values[feigned]) / base
	}
	return 0
}

// misses names the targets that the row is over.
func (r result) misses() string {
	var over []string
	if x := r.ratio(native); r.vsNative > 0 && x > r.vsNative {
		over = append(over, fmt.Sprintf("%g x native", r.vsNative))
	}
	if x := r.ratio(fakeroot); r.vsFakeroot > 0 && x > r.vsFakeroot {
		over = append(over, fmt.Sprintf("%g x fakeroot", r.vsFakeroot))
	}
	return strings.Join(over, ", ")
}

func (r result) String() string {
	s := fmt.Sprintf("%-16s %12s %12s %12s %10s %12s", r.name, r.value(native), r.value(feigned), r.value(fakeroot),
		times(r.ratio(native)), times(r.ratio(fakeroot)))
	if over := r.misses(); over != "" {
		s += "  over " + over
	}
	return s
}

func (r result) value(n int) string {
	v := median(r.values[n])
	switch {
	case v == 0:
		return "-"
	case v >= 100:
		return fmt.Sprintf("%.0f %s", v, r.unit)
	}
	return fmt.Sprintf("%.3g %s", v, r.unit)
}

func times(x float64) string {
	if x == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", x)
}

// median returns the middle value, 0 of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(values))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// hostLine says where and when the numbers were taken.
func hostLine(feign string) string {
	version := func(argv ...string) string {
		out, err := exec.Command(argv[0], argv[1:]...).Output()
		if err != nil {
			return argv[0] + " ?"
		}
		return strings.TrimSpace(string(out))
	}
	return fmt.Sprintf("%s: %s, %d CPUs, %s, %s; %s; %s", time.Now().UTC().Format(time.DateOnly),
		field("/proc/cpuinfo", "model name"), runtime.NumCPU(), "Linux "+version("uname", "-r"),
		strings.Trim(field("/etc/os-release", "PRETTY_NAME"), `"`),
		version(feign, "version"), version("fakeroot", "-v"))
}

// field returns the value of the first line "key : value" or "key=value".
func field(file, key string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return "?"
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, key); ok {
			return strings.TrimSpace(strings.TrimLeft(rest, " \t:="))
		}
	}
	return "?"
}

func firstWord(file string) string {
	data, err := os.ReadFile(file)
	if words := strings.Fields(string(data)); err == nil && len(words) > 0 {
		return words[0]
	}
	return "?"
}

// writeDoc writes the table as a Markdown document.
func writeDoc(path string, hosts []string, results []result, ways []wayResult) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, `# Benchmarks

Written by %s; read it as ratios, since the machine is one of many. The sides
take turns within a row; values are medians. Everything runs as an ordinary user.

A program that looks at more than a few files is given a shortcut, by which these calls no longer
stop (ARCHITECTURE.md, "Why so"): the rows of stat, ls, find and tar measure that. What starts many
programs pays some seven stops for each; what changes files stops once or more for each change.

%s

| row | native | feign | fakeroot | x native | x fakeroot | rounds | target |
|---|---|---|---|---|---|---|---|
`, "`make bench-doc`", strings.Join(hosts, "\n\n"))
	for _, r := range results {
		target := "met"
		if over := r.misses(); over != "" {
			target = "over " + over
		} else if r.vsNative == 0 && r.vsFakeroot == 0 {
			target = ""
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %d | %s |\n", what[r.name], r.value(native), r.value(feigned),
			r.value(fakeroot), times(r.ratio(native)), times(r.ratio(fakeroot)), len(r.values[feigned]), target)
	}
	b.WriteString("\nTargets: no row slower than fakeroot; exec at most 1.25 x native; a compile at most 1.05 x native;\n" +
		"an archive no slower than those of GNU tar and bsdtar, which compare no contents.\n")
	for _, k := range kinds {
		title := "\n## " + k.title + "\n\n| row | | rounds | target |\n|---|---|---|---|\n"
		for _, r := range ways {
			if !strings.HasPrefix(r.name, k.prefix) {
				continue
			}
			target := r.target
			if over := r.misses(); over != "" {
				target += ": missed"
			} else if target != "" {
				target += ": met"
			}
			fmt.Fprintf(&b, "%s| %s | %s | %d | %s |\n", title, r.what, r.list(), len(r.values[0]), target)
			title = ""
		}
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}
