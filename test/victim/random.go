//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// A random case is a sequence of steps that a seed determines. Each step is
// drawn from the seed and the step's own number alone, so any of the steps can
// be left out and the others stay what they are: that is how a difference is
// made small.
//
//	victim random SEED STEPS     STEPS is a number, or a list such as 3,7-12
//
// Steps are made by walkers, programs of their own that begin as root; the first
// process stays root and tells after each walker what the tree looks like.

// random says that this is such a case. A device has blocks where the file system
// keeps its attributes outside of the inode: they are not told.
var random bool

// segment is how many steps one walker makes.
const segment = 25

// Numbers of what is done beside the steps.
const (
	plantStep = 1 << 30
	keepStep  = 1 << 29
)

// plant makes the files that the steps find.
func plant(d *dice) {
	for _, path := range []string{"a", "b", "a/c"} {
		newDir(path, 0777)
	}
	for _, path := range []string{"f", "a/f", "a/g", "b/f", "a/c/f"} {
		newFile(path, 0666)
	}
	newLink("a", "l")
	newLink("../f", "a/l")
	newNode("b/g", unix.S_IFCHR|0666, 240, 0)
	for _, path := range []string{"a/c/f", "a/c", "a/f", "a/g", "b/f", "b/g", "a", "b", "f"} {
		if d.once(2) {
			give(path, uint32(d.mode()), int(max(0, d.uid())), int(max(0, d.gid())))
		}
	}
}

// A dice gives the choices of one step (SplitMix64).
type dice uint64

func diceOf(seed uint64, step int) *dice {
	d := dice(seed*0x9e3779b97f4a7c15 ^ uint64(step)<<32)
	d.next()
	return &d
}

func (d *dice) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below is a number from 0 to n-1.
func (d *dice) below(n int) int { return int(d.next() >> 1 % uint64(n)) }

// once in n times.
func (d *dice) once(n int) bool { return d.below(n) == 0 }

func one[T any](d *dice, of ...T) T { return of[d.below(len(of))] }

// parseSteps reads a number or a list of numbers and ranges.
func parseSteps(text string) ([]int, error) {
	if n, err := strconv.Atoi(text); err == nil {
		text = fmt.Sprintf("0-%d", n-1)
	}
	var steps []int
	for part := range strings.SplitSeq(text, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		first, err := strconv.Atoi(from)
		if err != nil {
			return nil, err
		}
		last, err := strconv.Atoi(to)
		if err != nil {
			return nil, err
		}
		for n := first; n <= last; n++ {
			steps = append(steps, n)
		}
	}
	return steps, nil
}

func formatSteps(steps []int) string {
	text := make([]string, len(steps))
	for i, n := range steps {
		text[i] = fmt.Sprint(n) + "-" + fmt.Sprint(n)
	}
	return strings.Join(text, ",")
}

// runRandom is the first process: it makes a directory, with a copy of this
// program for the walkers to execute and to change, and has the steps made.
func runRandom(seedText, stepsText string) {
	random = true
	seed, err := strconv.ParseUint(seedText, 10, 64)
	must(err, "seed")
	steps, err := parseSteps(stepsText)
	must(err, "steps")
	base, err := filepath.Abs("w")
	must(err, "working directory")
	newDir("w", 0777)
	must(unix.Chdir("w"), "chdir")
	copySelf("v", 0755)
	plant(diceOf(seed, plantStep))
	original, err := os.Executable()
	must(err, "own path")
	w := walker{seed: seed, original: original, base: base}
	tree := newTree(base)
	tree.tell()
	for len(steps) > 0 {
		n := 0
		for n < len(steps) && steps[n]/segment == steps[0]/segment {
			n++
		}
		stepKeep(&w, diceOf(seed, keepStep+steps[0]/segment))
		say("walker from step %d", steps[0])
		w.child(original, steps[:n])
		tree.tell()
		steps = steps[n:]
	}
}

// A walker makes steps.
type walker struct {
	seed     uint64
	original string // the program as it was built, absolute
	base     string // the directory that everything happens in, absolute
	depth    int    // walkers above this one
	rest     []int  // the steps to come
}

// args are the arguments of a walker that goes on with the given steps.
func (w *walker) args(name string, seed uint64, depth int, steps []int) []string {
	return []string{name, "-role", "walker", fmt.Sprint(seed), w.original, w.base, fmt.Sprint(depth), formatSteps(steps)}
}

// playWalker is a walker from its exec on.
func playWalker(args []string) {
	random = true
	var w walker
	var err error
	w.seed, err = strconv.ParseUint(args[0], 10, 64)
	must(err, "seed")
	w.original, w.base = args[1], args[2]
	w.depth, err = strconv.Atoi(args[3])
	must(err, "depth")
	w.rest, err = parseSteps(args[4])
	must(err, "steps")
	whoami()
	effective()
	for len(w.rest) > 0 {
		step := w.rest[0]
		w.rest = w.rest[1:]
		fmt.Printf("%s%d ", strings.Repeat(" ", w.depth), step)
		w.step(diceOf(w.seed, step))
	}
}

// child has another process make some steps, and waits for it.
func (w *walker) child(program string, steps []int) {
	args := w.args("walker", w.seed, w.depth, steps)
	pid, err := syscall.ForkExec(program, args, &syscall.ProcAttr{Env: os.Environ(), Files: keptFiles()})
	if err != nil {
		say("fork and exec: %s", errno(err))
		return
	}
	var status unix.WaitStatus
	_, err = unix.Wait4(pid, &status, 0, nil)
	must(err, "wait4")
	if status != 0 {
		say("walker ended with %#x", int(status))
	}
}

// keptFiles are the descriptors that a child gets: all that are open, with the
// numbers that they have.
func keptFiles() []uintptr {
	files := []uintptr{0, 1, 2}
	for n := len(files); n < keptFirst+keptSlots; n++ {
		_, e := call(unix.SYS_FCNTL, n, unix.F_GETFD)
		if n < keptFirst || e != 0 {
			files = append(files, ^uintptr(0))
			continue
		}
		files = append(files, uintptr(n))
	}
	return files
}
