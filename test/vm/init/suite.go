//go:build linux

package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A suite is one program that prints what `go test -v` prints.
type suite struct {
	name string
	uid  uint32
	dir  string
	env  []string
	argv []string
}

func parseSuite(line string) (suite, error) {
	words := strings.Fields(line)
	if len(words) < 4 {
		return suite{}, fmt.Errorf("%q: not a suite: name, uid, directory, command", line)
	}
	uid, err := strconv.ParseUint(words[1], 10, 32)
	if err != nil {
		return suite{}, fmt.Errorf("%q: not a user id: %q", line, words[1])
	}
	s := suite{name: words[0], uid: uint32(uid), dir: words[2], argv: words[3:]}
	s.env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", "TMPDIR=/tmp", "LC_ALL=C", "TZ=UTC0"}
	for len(s.argv) > 1 && strings.Contains(s.argv[0], "=") {
		s.env, s.argv = append(s.env, s.argv[0]), s.argv[1:]
	}
	return s, nil
}

// A count is how many tests ended how.
type count struct{ passed, failed, skipped int }

func (c *count) add(o count) {
	c.passed += o.passed
	c.failed += o.failed
	c.skipped += o.skipped
}

func (c count) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", c.passed, c.failed, c.skipped)
}

// run runs the suite and prints what failed, what was left out, and the count.
func (s *suite) run() count {
	began := time.Now()
	var c count
	cmd := exec.Command(s.argv[0], s.argv[1:]...)
	cmd.Dir, cmd.Env = s.dir, s.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: s.uid, Gid: s.uid}, Setsid: true}
	var times []timed
	output, err := cmd.StdoutPipe()
	if err == nil {
		cmd.Stderr = cmd.Stdout
		err = cmd.Start()
	}
	if err == nil {
		c, times = digest(output, os.Stdout)
		err = cmd.Wait()
	}
	// A program that does not start, or dies, fails no test by name.
	if err != nil && c.failed == 0 {
		fmt.Printf("%s: %v\n", s.name, err)
		c.failed++
	}
	fmt.Printf("%s: %v, %v%s\n", s.name, c, time.Since(began).Round(time.Second), slowest(times))
	return c
}

// timed is a test with the time that it took.
type timed struct {
	name string
	took time.Duration
}

// slowest names the tests that took the longest, which is where to look when a
// machine takes too long. A test is not named for its parts.
func slowest(times []timed) string {
	const shown, least = 3, 5 * time.Second
	var slow []timed
	for _, t := range times {
		hasParts := slices.ContainsFunc(times, func(o timed) bool { return strings.HasPrefix(o.name, t.name+"/") })
		if t.took >= least && !hasParts {
			slow = append(slow, t)
		}
	}
	slices.SortFunc(slow, func(a, b timed) int { return cmp.Compare(b.took, a.took) })
	var text strings.Builder
	for _, t := range slow[:min(len(slow), shown)] {
		fmt.Fprintf(&text, ", %s %v", t.name, t.took.Round(time.Second))
	}
	return text.String()
}

var (
	verdictLine = regexp.MustCompile(`^ *--- (PASS|FAIL|SKIP): (\S+)(?: \((\S+)\))?`)
	nameLine    = regexp.MustCompile(`^=== (?:RUN|PAUSE|CONT|NAME) +(\S+)$`)
	endLine     = regexp.MustCompile(`^(PASS|FAIL|ok .*)$`)
)

// digest counts the verdicts in a suite's output, and shows what was printed by
// the tests that failed or were skipped, and by those without a verdict.
func digest(output io.Reader, show io.Writer) (count, []timed) {
	var c count
	var times []timed
	var name string
	said := map[string][]string{}
	lines := bufio.NewScanner(output)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if m := nameLine.FindStringSubmatch(line); m != nil {
			name = m[1]
			continue
		}
		m := verdictLine.FindStringSubmatch(line)
		if m == nil {
			if !endLine.MatchString(line) {
				said[name] = append(said[name], line)
			}
			continue
		}
		name = m[2]
		if took, err := time.ParseDuration(m[3]); err == nil {
			times = append(times, timed{name, took})
		}
		switch m[1] {
		case "PASS":
			c.passed++
		case "FAIL":
			c.failed++
		case "SKIP":
			c.skipped++
		}
		if m[1] != "PASS" {
			fmt.Fprintln(show, line)
			printAll(show, said[name])
		}
		delete(said, name)
	}
	for _, name := range slices.Sorted(maps.Keys(said)) {
		printAll(show, said[name])
	}
	return c, times
}

func printAll(w io.Writer, lines []string) {
	for _, line := range lines {
		fmt.Fprintln(w, line)
	}
}
