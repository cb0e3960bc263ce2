package main

import (
	"context"
	"errors"
	"os"

	"github.com/feign-build/feign/wrapper"
)

// runFlags are the options of feign run. Those that set a key of the
// configuration are kept as changes, in the order of the command line.
type runFlags struct {
	config  string
	dir     string
	explain bool
	detach  bool
	options wrapper.RunOptions
	changes []func(*wrapper.Config) error
}

// cmdRun runs one action.
func cmdRun(c *cli, args []string) (int, error) {
	var o runFlags
	f := c.newFlags("run")
	f.StringVar(&o.config, "c", "", "read the configuration `FILE`")
	f.StringVar(&o.dir, "C", "", "change to `DIR` first")
	f.BoolVar(&o.explain, "explain", false, "print what would be done, and do nothing")
	f.BoolVar(&o.options.Stats, "stats", false, "tell at the end what tracing took")
	f.BoolVar(&o.options.Verbose, "v", false, "tell each lie as it is told")
	key := func(flag, usage, name string) {
		dashed := "-" + flag
		if len(flag) > 1 {
			dashed = "--" + flag
		}
		f.Func(flag, usage, func(value string) error {
			o.changes = append(o.changes, func(cfg *wrapper.Config) error { return cfg.SetFlag(dashed, name, value) })
			return nil
		})
	}
	key("m", "write the `MANIFEST` of the tree at the end", "manifest.path")
	key("root", "the `TREE` of the manifest (default: the working directory)", "manifest.root")
	key("import", "start with the lies of the manifest `M`", "manifest.import")
	key("s", "keep the lies in the directory `STATE`", "state.path")
	f.Func("set", "set a key of the configuration, `KEY=VALUE`; may be repeated", func(expr string) error {
		o.changes = append(o.changes, func(cfg *wrapper.Config) error { return cfg.Set(expr) })
		return nil
	})
	f.BoolVar(&o.detach, "detach", false, "become the command, and leave the tracer behind as a daemon, as -s does")
	f.BoolVar(&o.options.Foreground, "foreground", false, "leave a daemon that is started in this session, directory and output")
	key("audit", "write the paths that the action names and that are not declared to `FILE`", "hermetic.audit")
	if done, err := c.parse(f, args); done || err != nil {
		return 0, err
	}
	return c.run(&o, f.Args())
}

// run makes the plan, and prints or does it.
func (c *cli) run(o *runFlags, argv []string) (int, error) {
	if o.dir != "" {
		if err := os.Chdir(o.dir); err != nil {
			return 0, &wrapper.Error{What: "cannot change to " + o.dir, Hint: "-C names it", Err: errors.Unwrap(err)}
		}
	}
	cfg := wrapper.Defaults()
	if o.config != "" {
		var err error
		if cfg, err = wrapper.LoadConfig(o.config); err != nil {
			return 0, err
		}
	}
	for _, change := range o.changes {
		if err := change(cfg); err != nil {
			return 0, err
		}
	}
	caller, err := wrapper.CallerFromOS()
	if err != nil {
		return 0, err
	}
	plan, err := cfg.Plan(caller, argv)
	if err != nil {
		return 0, err
	}
	o.options.Log, o.options.JSON = c.message, c.jsonLog
	if o.explain {
		if err := plan.Explain(c.stdout); err != nil {
			return 0, err
		}
		return 0, plan.ExplainPolicies(context.Background(), c.stdout, o.options)
	}
	o.options.Daemon = []string{os.Args[0], "daemon"}
	if plan.State.Path != "" || o.detach {
		return wrapper.Detach(context.Background(), plan, o.options)
	}
	return wrapper.Run(context.Background(), plan, o.options)
}
