package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/feign-build/feign/plugins/transport"
	"github.com/feign-build/feign/wrapper"
)

func pluginVerbs() verbs {
	vs := verbs{
		{"list", "", 0, 0, withoutOptions(pluginList)},
		{"check", "[--config FILE] PROGRAM", 1, 1, pluginCheck},
	}
	for _, name := range slices.Sorted(maps.Keys(wrapper.BuiltinPolicies())) {
		vs = append(vs, verb{name, "", 0, 0, withoutOptions(pluginServe(name))})
	}
	return vs
}

// cmdPlugin is about policy plugins.
func cmdPlugin(c *cli, args []string) (int, error) { return pluginVerbs().run(c, "plugin", args) }

// pluginList prints the policies that are built in: name, what they do, and the kinds of their rules.
func pluginList(c *cli, _ []string) (int, error) {
	policies := wrapper.BuiltinPolicies()
	for _, name := range slices.Sorted(maps.Keys(policies)) {
		info, err := policies[name].Describe(context.Background())
		if err != nil {
			return 0, err
		}
		var kinds []string
		for _, k := range info.Kinds {
			kinds = append(kinds, string(k))
		}
		if _, err := fmt.Fprintf(c.stdout, "%-8s %s (%s)\n", name, info.Summary, strings.Join(kinds, ", ")); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// pluginCheck tries whether a program is a plugin as it should be. Its exit status is 1 when it is not.
func pluginCheck(f *flag.FlagSet) verbRun {
	config := f.String("config", "", "check: the plugin's configuration, a TOML `FILE` with the keys of [plugin.config]")
	return func(c *cli, args []string) (int, error) {
		results, err := wrapper.CheckPlugin(context.Background(), args[0], *config)
		if err != nil {
			return 0, err
		}
		status := 0
		for _, r := range results {
			line := "ok    " + r.Name
			if r.Err != nil {
				status, line = 1, fmt.Sprintf("FAIL  %s: %v", r.Name, r.Err)
			}
			if _, err := fmt.Fprintln(c.stdout, line); err != nil {
				return 0, err
			}
		}
		return status, nil
	}
}

// pluginServe serves a policy that is built in, to whoever started this process as a plugin.
func pluginServe(name string) verbRun {
	return func(c *cli, _ []string) (int, error) {
		err := transport.Serve(wrapper.BuiltinPolicies()[name], os.Getenv, c.stdout)
		if err == transport.ErrByHand {
			return 0, usageError("plugin "+name+": this is for programs that start plugins", `in a configuration it is [[plugin]] name = "`+name+`"`)
		}
		return 0, err
	}
}
