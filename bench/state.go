//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/store"
)

// stateRows are rows whose names begin with "state-".
func (b *bench) stateRows(short bool) []wayRow {
	pick := func(full, small int) int {
		if short {
			return small
		}
		return full
	}
	calls, loads, execs, files := pick(100_000, 2_000), pick(1_000_000, 20_000), pick(300, 20), pick(10_000, 500)
	tree := fmt.Sprintf("tree:%d", files)
	together := func(name string, run runner, script string) way {
		return way{name, func(ctx context.Context) (took float64, err error) {
			err = b.withDaemon(ctx, func() error {
				took, err = b.twoAtOnce(ctx, tree, script, run)
				return err
			})
			return took, err
		}}
	}
	inFakeroot := func(ctx context.Context, script string) *exec.Cmd {
		return b.command(ctx, append(slices.Clone(b.sides[fakeroot].argv), "sh", "-c", script), false)
	}
	asRoot := func(ctx context.Context, script string) *exec.Cmd {
		return b.command(ctx, []string{"sh", "-c", script}, b.drop)
	}
	const claims = "chown -R 12:34 .; chown -R 34:12 ."
	// As long as the others take; and what belongs to the user does so again. Others than root change nothing.
	rootClaims := strings.Repeat("chown -R $U:$U .;", pick(20, 2))
	if b.drop {
		rootClaims = strings.Repeat(claims+";", pick(10, 1)) + rootClaims[:len("chown -R $U:$U .;")]
	}
	return []wayRow{
		{name: "state-start", what: "`true` with a state whose daemon runs; fakeroot; pseudo, whose server runs", unit: "ms", rounds: pick(31, 3), ways: []way{
			{"feign", b.startWithDaemon}, {"fakeroot", b.startOfFakeroot}, {"pseudo", b.startOfPseudo},
		}, target: "1 x fakeroot", met: func(m []float64) bool { return m[0] <= m[1] }},
		{name: "state-record", what: "lies recorded and saved in a second, without and with the log", unit: "/s", rounds: pick(5, 1), ways: []way{
			{"without", func(ctx context.Context) (float64, error) { return b.record(ctx, calls, false) }},
			{"with", func(ctx context.Context) (float64, error) { return b.record(ctx, calls, true) }},
		}},
		{name: "state-load", what: "a million lies loaded", unit: "s", rounds: pick(3, 1), ways: []way{
			{"load", func(ctx context.Context) (float64, error) { return b.load(ctx, loads) }},
		}},
		{name: "state-parallel", what: "throughput of two invocations of one state at once, against one: `ls -lR`, 300 times `/bin/true`, `chown -R`; that of two fakeroots and of root's own `chown -R`: what the machine gives", unit: "x", rounds: pick(9, 1), ways: []way{
			together("look", b.inState, "ls -lR; ls -lR; ls -lR"),
			together("execute", b.inState, fmt.Sprintf("i=0; while [ $i -lt %d ]; do /bin/true; i=$((i+1)); done", execs)),
			together("claim", b.inState, claims),
			together("fakeroots claim", inFakeroot, claims),
			together("root claims", asRoot, rootClaims),
		}, target: "1.6 x of one", met: func(m []float64) bool { return m[0] >= 1.6 && m[1] >= 1.6 && m[2] >= 1.6 }},
	}
}

// A runner makes a command of a script.
type runner func(ctx context.Context, script string) *exec.Cmd

// inState is a command of the ordinary user's in the state of the bench.
func (b *bench) inState(ctx context.Context, script string) *exec.Cmd {
	return b.command(ctx, []string{b.feign, "run", "-s", filepath.Join(b.dir, "state"), "sh", "-c", script}, false)
}

// withDaemon calls f while the state of the bench has a daemon.
func (b *bench) withDaemon(ctx context.Context, f func() error) error {
	holder := b.inState(ctx, "echo ready; read x")
	in, err := holder.StdinPipe()
	if err != nil {
		return err
	}
	out, err := holder.StdoutPipe()
	if err != nil {
		return err
	}
	if err := holder.Start(); err != nil {
		return err
	}
	_, err = io.ReadFull(out, make([]byte, len("ready\n")))
	if err == nil {
		err = f()
	}
	return errors.Join(err, in.Close(), ended(holder.Wait()))
}

// ended makes nothing of a status: the script's read has met the end of its input.
func ended(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	return err
}

// milliseconds is how long a command takes that must succeed.
func milliseconds(cmd *exec.Cmd) (float64, error) {
	var errs strings.Builder
	cmd.Stderr = &errs
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	if err != nil {
		err = fmt.Errorf("%w: %s", err, lastLine(errs.String()))
	}
	return float64(took) / float64(time.Millisecond), err
}

func (b *bench) startWithDaemon(ctx context.Context) (took float64, err error) {
	err = b.withDaemon(ctx, func() (err error) {
		took, err = milliseconds(b.command(ctx, []string{b.feign, "run", "-s", filepath.Join(b.dir, "state"), "true"}, false))
		return err
	})
	return took, err
}

func (b *bench) startOfFakeroot(ctx context.Context) (float64, error) {
	return milliseconds(b.command(ctx, append(b.sides[fakeroot].argv, "true"), false))
}

// startOfPseudo leaves the server running, which goes when it has had nothing to do for a while.
func (b *bench) startOfPseudo(ctx context.Context) (float64, error) {
	dir := filepath.Join(b.dir, "pseudo")
	if _, err := os.Stat(dir); err != nil {
		if err := b.mkdir(dir); err != nil {
			return 0, err
		}
	}
	pseudo := func() *exec.Cmd {
		cmd := b.command(ctx, []string{"pseudo", "true"}, false)
		cmd.Env = append(cmd.Env, "PSEUDO_PREFIX=/usr", "PSEUDO_LOCALSTATEDIR="+dir)
		return cmd
	}
	if _, err := milliseconds(pseudo()); err != nil { // it starts the server
		return 0, err
	}
	return milliseconds(pseudo())
}

// twoAtOnce is the throughput of two that run a script in trees of their own, relative to that of one alone.
func (b *bench) twoAtOnce(ctx context.Context, tree, script string, run runner) (ratio float64, err error) {
	trees := []string{tree, tree + ":second"}
	for _, name := range trees {
		if err := b.make(ctx, name); err != nil {
			return 0, err
		}
	}
	throughput := func(n int) (float64, error) {
		var (
			all  sync.WaitGroup
			errs = make([]error, n)
		)
		start := time.Now()
		for i := range n {
			all.Go(func() {
				_, errs[i] = milliseconds(run(ctx, "cd "+b.dir+"/"+trees[i]+"; ("+script+") >/dev/null"))
			})
		}
		all.Wait()
		return float64(n) / time.Since(start).Seconds(), errors.Join(errs...)
	}
	one, err := throughput(1)
	if err != nil {
		return 0, err
	}
	two, err := throughput(2)
	return two / one, err
}

// newStore makes a state of this process's own.
func (b *bench) newStore(dir string) (*store.Store, *lies.Index, error) {
	lock, err := store.Acquire(dir, "a measurement")
	if err != nil {
		return nil, nil, err
	}
	s, err := store.Open(lock, store.Options{})
	if err != nil {
		return nil, nil, err
	}
	return s, lies.New(lies.Options{Observer: s}), nil
}

// tell claims something about n files that there are not.
func tell(s *store.Store, ix *lies.Index, n int, logged bool) {
	for i := range n {
		l := lies.Lie{Key: lies.Key{Dev: 1, Ino: uint64(i + 1)}, Path: fmt.Sprintf("/srv/root/usr/share/dir%04d/file%06d", i/100, i)}
		l.Type, l.Btime = 0o100000, lies.Timespec{Sec: 1, Nsec: uint32(i)}
		l.SetOwner(0, 42)
		ix.Set(l)
		if logged {
			s.Log(store.Event{PID: 1, Program: "chown", Syscall: "fchownat", Path: l.Path, Claim: "100644 0:42", Result: "remembered"})
		}
	}
}

// record is how many lies are recorded and saved in a second.
func (b *bench) record(ctx context.Context, n int, logged bool) (float64, error) {
	dir := filepath.Join(b.dir, "recorded")
	defer os.RemoveAll(dir)
	s, ix, err := b.newStore(dir)
	if err != nil {
		return 0, err
	}
	start := time.Now()
	tell(s, ix, n, logged)
	err = s.Flush(ctx)
	took := time.Since(start)
	return float64(n) / took.Seconds(), errors.Join(err, s.Close())
}

// load is how many seconds it takes until n lies are known.
func (b *bench) load(ctx context.Context, n int) (float64, error) {
	dir := filepath.Join(b.dir, fmt.Sprintf("loaded-%d", n))
	if !b.made[dir] {
		s, ix, err := b.newStore(dir)
		if err != nil {
			return 0, err
		}
		tell(s, ix, n, false)
		if err := s.Close(); err != nil {
			return 0, err
		}
		b.made[dir] = true
	}
	start := time.Now()
	s, ix, err := b.newStore(dir)
	if err != nil {
		return 0, err
	}
	loaded, err := s.Load(ctx, ix)
	took := time.Since(start)
	if err == nil && loaded != n {
		err = fmt.Errorf("%d of %d lies were loaded", loaded, n)
	}
	return took.Seconds(), errors.Join(err, s.Close())
}
