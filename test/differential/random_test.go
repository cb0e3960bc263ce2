//go:build linux

package differential

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
)

// Random cases (test/victim/random.go) are compared with real root alone: there
// are no committed expectations of them.
//
//	sudo go test ./test/differential -run Random -random 1000 -seed 500
//	sudo go test ./test/differential -run Random -random 1 -seed 512 -steps 3,17,40-44
var (
	randomCases = flag.Int("random", 40, "how many random `cases` to run")
	firstSeed   = flag.Uint64("seed", 1, "the first random case's `seed`")
	randomSteps = flag.String("steps", "150", "the `steps` of a random case: a number or a list")
)

// shrinkRuns bounds how often a case that differs is run again, to make it
// smaller.
const shrinkRuns = 250

func TestRandom(t *testing.T) {
	if fromGolden || *nativeOnly {
		t.Skip("random cases have no committed expectations")
	}
	bench := newWorkbench(t)
	for _, arch := range list(*arches) {
		program := bench.goBuild(t, "victim-"+arch, "../victim", "GOARCH="+arch)
		t.Run(arch, func(t *testing.T) {
			for n := range *randomCases {
				seed := *firstSeed + uint64(n)
				t.Run(fmt.Sprint("seed-", seed), func(t *testing.T) {
					t.Parallel()
					bench.compareRandom(t, program, seed)
				})
			}
		})
	}
}

// compareRandom runs one random case on both sides, and makes it small if they
// differ.
func (w *workbench) compareRandom(t *testing.T, program string, seed uint64) {
	run := func(steps string) (native, faked string) {
		c := testCase{argv: []string{program, "random", fmt.Sprint(seed), steps}}
		return string(w.native(t, c)), string(w.faked(t, c))
	}
	native, faked := run(*randomSteps)
	if native == faked {
		return
	}
	steps, first := expand(t, *randomSteps), firstDifference(native, faked)
	runs := 0
	differs := func(steps []int) bool {
		runs++
		native, faked := run(join(steps))
		return native != faked
	}
	steps = shortestPrefix(steps, differs)
	steps = fewest(steps, func(steps []int) bool { return runs < shrinkRuns && differs(steps) })
	if native, faked = run(join(steps)); native == faked {
		t.Errorf("seed %d differs now and then:\n%s", seed, first)
		return
	}
	t.Errorf("seed %d, -steps %s differs:\n%s", seed, join(steps), firstDifference(native, faked))
}

// shortestPrefix looks for the first step that makes a difference. What is
// printed after each walker may show a difference that a longer case has not, so
// it need not be the very shortest.
func shortestPrefix(steps []int, differs func([]int) bool) []int {
	low, high := 0, len(steps) // low does not differ, high does
	for high-low > 1 {
		if middle := (low + high) / 2; differs(steps[:middle]) {
			high = middle
		} else {
			low = middle
		}
	}
	return steps[:high]
}

// fewest leaves out steps that the difference does not need, in runs that become
// shorter.
func fewest(steps []int, differs func([]int) bool) []int {
	for size := len(steps) / 2; size > 0; size /= 2 {
		for at := len(steps) - size; at >= 0; at -= size {
			if fewer := slices.Concat(steps[:at], steps[at+size:]); len(fewer) > 0 && differs(fewer) {
				steps = fewer
			}
		}
	}
	return steps
}

// firstDifference is the first lines that differ, and what was done before.
func firstDifference(native, faked string) string {
	const around = 60
	text := diff.Diff("root", []byte(native), "feign", []byte(faked))
	lines := strings.SplitAfter(string(text), "\n")
	out := strings.Join(lines[:min(len(lines), around)], "")
	if strings.Count(native, "\n") <= around {
		out = native + "\n" + out
	}
	return out
}

// expand makes a list of the numbers of -steps.
func expand(t *testing.T, text string) []int {
	var steps []int
	for _, part := range list(text) {
		var first, last int
		switch n, _ := fmt.Sscanf(part, "%d-%d", &first, &last); {
		case n == 1 && len(list(text)) == 1:
			first, last = 0, first-1
		case n == 1:
			last = first
		case n == 0:
			t.Fatalf("-steps %s: not a number or a list of numbers", text)
		}
		for n := first; n <= last; n++ {
			steps = append(steps, n)
		}
	}
	return steps
}

// join writes steps such that one alone is no count.
func join(steps []int) string {
	text := make([]string, len(steps))
	for i, n := range steps {
		text[i] = fmt.Sprintf("%d-%d", n, n)
	}
	return strings.Join(text, ",")
}
