package main

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"runtime"

	"github.com/feign-build/feign/lies"
	"github.com/feign-build/feign/lies/store"
	"github.com/feign-build/feign/wrapper"
)

// stateVerify compares every lie with the disk and prints those that do not fit. The status is 1 if there are any.
func stateVerify(f *flag.FlagSet) func(c *cli, dir string, args []string) (int, error) {
	filter := addFilter(f)
	drop := f.Bool("drop", false, "verify: forget the lies whose files are not found where they were")
	asJSON := f.Bool("json", false, "print each as a JSON object on a line")
	return func(c *cli, dir string, args []string) (_ int, err error) {
		if filter.Paths, err = absolute(args); err != nil {
			return 0, err
		}
		ctx, interrupted := untilSignal()
		bad, err := c.verifyState(ctx, dir, *filter, *asJSON)
		if sig := interrupted(); sig != 0 && err != nil {
			return 128 + int(sig), fmt.Errorf("state verify: ended by %s", sig)
		}
		if err != nil || len(bad) == 0 {
			return 0, err
		}
		if !*drop {
			return statusDiffers, nil
		}
		return 0, c.forgetLies(dir, "feign state verify --drop", bad)
	}
}

// verifyState prints the lies that do not fit, and returns those that a removed or replaced file left.
func (c *cli) verifyState(ctx context.Context, dir string, filter store.Filter, asJSON bool) ([]lies.Lie, error) {
	list, err := readLies(ctx, dir, filter)
	if err != nil {
		return nil, err
	}
	bar := c.progress("verify", len(list))
	defer bar.end()
	var bad []lies.Lie
	var failed error
	err = store.Verify(ctx, list, runtime.GOMAXPROCS(0), func(f store.Finding) {
		bar.step()
		if f.Verdict == store.Good || failed != nil {
			return
		}
		bar.clear()
		if asJSON {
			failed = writeJSON(c.stdout, struct {
				Verdict string  `json:"verdict"`
				Why     string  `json:"why"`
				Lie     jsonLie `json:"lie"`
			}{f.Verdict.String(), f.Why, jsonLieOf(&f.Lie)})
		} else {
			_, failed = fmt.Fprintln(c.stdout, f)
		}
		if f.Verdict != store.Unreadable {
			bad = append(bad, f.Lie)
		}
	})
	if err == nil {
		err = failed
	}
	return bad, err
}

func readLies(ctx context.Context, dir string, filter store.Filter) ([]lies.Lie, error) {
	v, err := store.OpenView(dir)
	if err != nil {
		return nil, err
	}
	defer v.Close()
	var list []lies.Lie
	for l, err := range v.Lies(ctx, filter) {
		if err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, nil
}

// stateForget forgets lies.
func stateForget(f *flag.FlagSet) func(c *cli, dir string, args []string) (int, error) {
	filter := addFilter(f)
	everything := f.Bool("all", false, "forget: all lies of the state")
	return func(c *cli, dir string, args []string) (_ int, err error) {
		if filter.Paths, err = absolute(args); err != nil {
			return 0, err
		}
		if selects := len(filter.Paths)+len(filter.UIDs)+len(filter.Types) > 0; selects == *everything {
			return 0, usageError("state forget: forget what?", "paths, --uid, --type, or else --all")
		}
		list, err := readLies(context.Background(), dir, *filter)
		if err != nil {
			return 0, err
		}
		return 0, c.forgetLies(dir, "feign state forget", list)
	}
}

// forgetLies forgets them, and tells how many these were.
func (c *cli) forgetLies(dir, what string, list []lies.Lie) error {
	lock, err := store.AcquireExisting(dir, what)
	if err != nil {
		return err
	}
	st, err := store.Open(lock, store.Options{})
	if err != nil {
		return err
	}
	for i := range list {
		st.Forgotten(list[i].Key)
	}
	if len(list) > 0 {
		st.Log(store.Event{Result: fmt.Sprintf("%s: %d lies forgotten", what, len(list))})
	}
	if err := st.Close(); err != nil {
		return err
	}
	c.message(wrapper.Message{Level: wrapper.LevelInfo, What: "state " + dir, Why: fmt.Sprintf("%d lies forgotten", len(list))})
	return nil
}

// A progress tells on a terminal how far something has come.
type progress struct {
	c          *cli
	what       string
	done, all  int
	percent    int
	onTerminal bool
}

func (c *cli) progress(what string, all int) *progress {
	p := &progress{c: c, what: what, all: all, percent: -1}
	if file, ok := c.stderr.(*os.File); ok {
		info, err := file.Stat()
		p.onTerminal = err == nil && info.Mode()&fs.ModeCharDevice != 0
	}
	return p
}

func (p *progress) step() {
	p.done++
	if percent := p.done * 100 / p.all; p.onTerminal && percent != p.percent {
		p.percent = percent
		fmt.Fprintf(p.c.stderr, "\r%s: %3d%% of %d", p.what, percent, p.all)
	}
}

// clear makes room for a line.
func (p *progress) clear() {
	if p.onTerminal && p.percent >= 0 {
		fmt.Fprint(p.c.stderr, "\r\033[K")
		p.percent = -1
	}
}

func (p *progress) end() { p.clear() }
