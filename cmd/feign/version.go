package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the linker in released builds (-X main.version=...).
var version = ""

// cmdVersion prints one line: the version, and what the binary was built for.
func cmdVersion(c *cli, args []string) (int, error) {
	if len(args) > 0 {
		return 0, usageError("version takes no arguments", "feign version")
	}
	v := version
	if v == "" {
		v = "devel"
		if bi, ok := debug.ReadBuildInfo(); ok && bi.Main.Version != "" && bi.Main.Version != "(devel)" {
			v = bi.Main.Version
		}
	}
	_, err := fmt.Fprintf(c.stdout, "feign %s %s/%s %s\n", v, runtime.GOOS, runtime.GOARCH, runtime.Version())
	return 0, err
}
