package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/feign-build/feign/internal/unroot"
)

// TestMain makes the test binary the command feign for the scripts, run by an ordinary user.
func TestMain(m *testing.M) {
	unroot.Reexec()
	testscript.Main(m, map[string]func(){"feign": main})
}

// TestScripts runs testdata/script/*.txtar: what feign prints, and with which status it ends.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
	})
}
