//go:build linux

package main

import (
	"fmt"
	"strings"
)

// A row is one thing to measure, the same on all sides.
type row struct {
	name   string
	unit   string // "s", "ms", "ns" or "MB"
	rounds int

	needs  []string // inputs, by name (inputs.go)
	before []string // runs before each measured command, off the clock
	argv   []string // the measured command; $W/ in it is the work directory

	// How the value is found: the wall time of argv, a number that argv
	// prints, or the peak memory of the faker's own processes.
	kind kind

	nativeRoot bool // the native side needs real root to do this work
	noNative   bool // there is no native side

	// Targets: at most so many times native (0: none), and fakeroot.
	vsNative, vsFakeroot float64
}

type kind uint8

const (
	wall kind = iota
	printed
	memory
)

func allRows(short bool) []row {
	pick := func(full, small int) int {
		if short {
			return small
		}
		return full
	}
	big, small := pick(50_000, 2_000), pick(20_000, 1_000)
	bigTree, smallTree := fmt.Sprintf("tree:%d", big), fmt.Sprintf("tree:%d", small)
	calls, execs := pick(100_000, 5_000), pick(2_000, 100)
	many, few := pick(9, 1), pick(3, 1)
	sh := func(script string) []string { return []string{"sh", "-c", script} }
	loop := func(name string) row {
		return row{name: name, unit: "ns", rounds: many, needs: []string{"statloop"}, kind: printed,
			argv: []string{"$W/statloop", name, fmt.Sprint(calls)}, vsFakeroot: 1}
	}
	over := func(name, tree, script string) row {
		return row{name: name, unit: "ms", rounds: many, needs: []string{tree},
			argv: sh("cd $W/" + tree + " && " + script), vsFakeroot: 1}
	}

	startUp := row{name: "startup", unit: "ms", rounds: pick(31, 3), argv: []string{"true"}, vsFakeroot: 1}
	exec := row{name: "exec", unit: "ms", rounds: many,
		argv:     sh(fmt.Sprintf("i=0; while [ $i -lt %d ]; do /bin/true; i=$((i+1)); done", execs)),
		vsNative: 1.25, vsFakeroot: 1}
	chown := over("chown", smallTree, "chown -R 12:34 .")
	// The same owners on all sides at the start of each round.
	chown.nativeRoot, chown.before = true, []string{"chown", "-R", "$U:$U", "$W/" + smallTree}
	cp := over("cp", smallTree, "cp -a . $W/copy")
	cp.before = []string{"rm", "-rf", "$W/copy"}
	configure := row{name: "configure", unit: "s", rounds: few, needs: []string{"source:hello"},
		before: sh("rm -rf $W/b && cp -a $W/hello-src $W/b"), argv: sh("cd $W/b && ./configure -q"),
		vsNative: 1.25, vsFakeroot: 1}
	compile := func(name, source, target string) row {
		return row{name: name, unit: "s", rounds: few, needs: []string{"configured:" + source},
			before: sh("rm -rf $W/b && cp -a $W/" + source + "-configured $W/b"),
			argv:   sh("cd $W/b && make -s -j2 " + target + " >/dev/null"), vsNative: 1.05, vsFakeroot: 1}
	}
	mem := row{name: "memory", unit: "MB", rounds: few, needs: []string{smallTree}, kind: memory,
		before: chown.before, argv: sh("chown -R 12:34 $W/" + smallTree), noNative: true, vsFakeroot: 1}

	return []row{
		startUp, exec,
		loop("stat"), loop("fstat"), loop("statx"), loop("getppid"),
		over("ls", bigTree, "ls -lR >/dev/null"),
		over("find", bigTree, `find . -printf '%u %g %m %p\n' >/dev/null`),
		// To a pipe: GNU tar reads nothing when it writes to /dev/null.
		over("tar", bigTree, "tar cf - . | cat >/dev/null"),
		chown, cp, configure, compile("make", "hello", ""), compile("make-zlib", "zlib", "static"), mem,
	}
}

func (b *bench) rowNames(short bool) string {
	var names []string
	for _, r := range allRows(short) {
		names = append(names, r.name)
	}
	for _, r := range b.wayRows(short) {
		names = append(names, r.name)
	}
	return strings.Join(names, " ")
}

// what explains the rows in the table's own words.
var what = map[string]string{
	"startup":   "`true`, once",
	"exec":      "2,000 times `/bin/true` from `sh`",
	"stat":      "`stat(2)`, per call",
	"fstat":     "`fstat(2)`, per call",
	"statx":     "`statx(2)`, per call",
	"getppid":   "a system call that nothing is told about, per call",
	"ls":        "`ls -lR` of 50,000 files",
	"find":      "`find -printf` of 50,000 files",
	"tar":       "`tar c` of 50,000 files",
	"chown":     "`chown -R` of 20,000 files (native: as real root)",
	"cp":        "`cp -a` of 20,000 files",
	"configure": "`./configure` of GNU hello",
	"make":      "`make -j2` of GNU hello, whose files take some 50 ms each",
	"make-zlib": "`make -j2` of zlib's library and its two test programs",
	"memory":    "peak memory of the faker, after `chown -R` of 20,000 files",
}
