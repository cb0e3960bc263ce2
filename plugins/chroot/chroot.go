// Package chroot is the policy that gives an action another root directory, and files and directories of the machine at places in
// it. It only says so: how the root comes about is the tracer's business.
//
// # In a nutshell
//
//	[[plugin]]
//	name = "chroot"
//	[plugin.config]
//	root   = "rootfs"
//	binds  = [{from = "/proc", to = "/proc"}, {from = "/srv/debs", to = "/debs", read_only = true}]
//	method = "auto"    # or "namespace", "translate"
//
// # Locks
//
// No locks.
package chroot

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/feign-build/feign/plugins"
)

// Policy implements plugins.Policy.
type Policy struct{}

type config struct {
	Root   string `json:"root"`
	Binds  []bind `json:"binds"`
	Method string `json:"method"`
}

type bind struct {
	From     string `json:"from"`
	To       string `json:"to"`
	ReadOnly bool   `json:"read_only"`
}

// Describe implements plugins.Policy.
func (Policy) Describe(context.Context) (plugins.Info, error) {
	return plugins.Info{
		Name: "chroot", Version: "1", Summary: "another root directory, with binds",
		Kinds: []plugins.Kind{plugins.KindRoot, plugins.KindBind},
	}, nil
}

// Compile implements plugins.Policy.
func (Policy) Compile(_ context.Context, b plugins.Build) (*plugins.Ruleset, error) {
	c := config{Method: "auto"}
	if err := b.DecodeConfig(&c); err != nil {
		return nil, err
	}
	if c.Root == "" && len(c.Binds) == 0 && c.Method == "auto" {
		return nil, errors.New("config.root: no root directory and no binds")
	}
	r := &plugins.Ruleset{}
	if c.Root == "" && c.Method != "auto" {
		c.Root = "/"
	}
	if c.Root != "" {
		root := b.Path(c.Root)
		fi, err := os.Stat(root)
		switch {
		case err != nil:
			return nil, fmt.Errorf("config.root: %w", err)
		case !fi.IsDir():
			return nil, fmt.Errorf("config.root: %s is no directory", root)
		}
		r.Root = &plugins.Root{Path: root, Method: c.Method}
	}
	for i, bind := range c.Binds {
		if bind.From == "" || bind.To == "" {
			return nil, fmt.Errorf("config.binds[%d]: want from and to", i)
		}
		from := b.Path(bind.From)
		if _, err := os.Lstat(from); err != nil {
			return nil, fmt.Errorf("config.binds[%d]: %w", i, err)
		}
		r.Binds = append(r.Binds, plugins.Bind{From: from, To: bind.To, ReadOnly: bind.ReadOnly})
	}
	return r, nil
}
