//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A side is one way of running a command.
type side struct {
	name  string
	argv  []string // goes before the command
	faker string   // the names of the faker's own processes begin so
}

// A bench owns a work directory, which every side can reach.
type bench struct {
	dir   string // absolute
	uid   int
	drop  bool // started by root: run commands as uid
	feign string
	sides []side
	made  map[string]bool // the inputs that exist

	warmUps int // rounds that do not count, before those that do
}

const (
	native   = 0
	feigned  = 1
	fakeroot = 2
)

// timeLimit ends a run that hangs; none takes a tenth of it.
const timeLimit = 10 * time.Minute

func newBench(o options) (*bench, error) {
	peer, err := exec.LookPath("fakeroot")
	if err != nil {
		return nil, fmt.Errorf("fakeroot: %w (it is what feign is compared with)", err)
	}
	dir, err := os.MkdirTemp("", "feign-bench.")
	if err != nil {
		return nil, err
	}
	b := &bench{dir: dir, uid: os.Getuid(), made: map[string]bool{}, warmUps: 1}
	if o.short {
		b.warmUps = 0
	}
	if b.uid == 0 {
		b.uid, b.drop = o.uid, true
	}
	if err := b.adopt(dir); err != nil {
		b.close()
		return nil, err
	}
	// A copy: the checkout may be where the ordinary user cannot go.
	data, err := os.ReadFile(o.feign)
	if err == nil {
		b.feign = filepath.Join(dir, "feign")
		err = os.WriteFile(b.feign, data, 0o755)
	}
	if err != nil {
		b.close()
		return nil, err
	}
	b.sides = []side{
		native:   {name: "native"},
		feigned:  {name: "feign", argv: []string{b.feign, "run", "--"}, faker: "feign"},
		fakeroot: {name: "fakeroot", argv: []string{peer, "--"}, faker: "faked"},
	}
	return b, nil
}

func (b *bench) close() { os.RemoveAll(b.dir) }

// adopt gives path to the ordinary user.
func (b *bench) adopt(path string) error {
	if !b.drop {
		return nil
	}
	return os.Lchown(path, b.uid, b.uid)
}

// command prepares argv for the ordinary user, or for the caller when asRoot,
// with an environment that owes nothing to the caller's.
func (b *bench) command(ctx context.Context, argv []string, asRoot bool) *exec.Cmd {
	argv = slices.Clone(argv)
	for i, a := range argv {
		a = strings.ReplaceAll(a, "$W/", b.dir+"/")
		argv[i] = strings.ReplaceAll(a, "$U", strconv.Itoa(b.uid))
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = b.dir
	cmd.WaitDelay = 5 * time.Second // a killed faker may leave children that hold the pipes
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=" + b.dir, "LC_ALL=C.UTF-8"}
	if b.drop && !asRoot {
		id := uint32(b.uid)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: id, Gid: id}}
	}
	return cmd
}

// measure runs a row's rounds and returns a value per side; a side that has no
// part in the row keeps none.
func (b *bench) measure(ctx context.Context, r row, rounds int) (result, error) {
	for _, in := range r.needs {
		if err := b.make(ctx, in); err != nil {
			return result{}, fmt.Errorf("input %s: %w", in, err)
		}
	}
	if rounds == 0 {
		rounds = r.rounds
	}
	res := result{row: r}
	for round := 1 - b.warmUps; round <= rounds; round++ {
		for i := range b.sides {
			n := (i + round + 1) % len(b.sides)
			if n == native && (r.noNative || r.nativeRoot && os.Getuid() != 0) {
				continue
			}
			v, err := b.once(ctx, r, n)
			if err != nil {
				return result{}, fmt.Errorf("%s: %w", b.sides[n].name, err)
			}
			if round > 0 {
				res.values[n] = append(res.values[n], v)
			}
		}
	}
	return res, nil
}

// once runs a row once on one side and returns the value in the row's unit.
func (b *bench) once(ctx context.Context, r row, n int) (float64, error) {
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	if r.before != nil {
		// As root where there is root: the side before may have left owners.
		if out, err := b.command(ctx, r.before, r.nativeRoot || r.noNative).CombinedOutput(); err != nil {
			return 0, fmt.Errorf("%q: %w: %s", r.before, err, out)
		}
	}
	asRoot := n == native && r.nativeRoot
	argv := append(slices.Clone(b.sides[n].argv), r.argv...)
	if r.kind == memory {
		return b.peakMemory(ctx, argv, b.sides[n].faker)
	}
	cmd := b.command(ctx, argv, asRoot)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	if err != nil {
		return 0, fmt.Errorf("%w: %s", err, lastLine(errs.String()))
	}
	switch {
	case r.kind == printed:
		return strconv.ParseFloat(strings.TrimSpace(out.String()), 64)
	case r.unit == "ms":
		return float64(took) / float64(time.Millisecond), nil
	}
	return took.Seconds(), nil
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}
