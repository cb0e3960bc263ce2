package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/feign-build/feign/internal/unroot"
)

// programs are what scripts may execute besides the machine's programs: feign itself, and small programs for it to run.
var programs = map[string]func(){"feign": main}

// TestMain makes the test binary the command feign for the scripts, run by an ordinary user.
func TestMain(m *testing.M) {
	if programs[filepath.Base(os.Args[0])] == nil { // a program may believe to be root
		unroot.Reexec()
	}
	testscript.Main(m, programs)
}

// TestScripts runs testdata/script/*.txtar: what feign prints, and with which status it ends.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
	})
}
