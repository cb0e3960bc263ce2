package main

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/feign-build/feign/internal/unroot"
)

// programs are what scripts may execute besides the machine's programs: feign itself, and small programs for it to run.
var programs = map[string]func(){"feign": main, "fakeroot": main}

// TestMain makes the test binary the command feign for the scripts, run by an ordinary user.
func TestMain(m *testing.M) {
	if programs[filepath.Base(os.Args[0])] == nil { // a program may believe to be root
		unroot.Reexec()
		takeSignals()
	}
	testscript.Main(m, programs)
}

// takeSignals gives the programs under test the default action of signals that the tests themselves were started to
// ignore, as nohup and a script's `&` do: a signal that has a handler here has the default action after exec.
func takeSignals() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT)
	go func() {
		s := <-signals
		fmt.Fprintln(os.Stderr, "ended by", s)
		os.Exit(1)
	}()
}

// scriptCommands are what scripts have besides testscript's own.
var scriptCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){}

// scriptConditions are those that scripts may test besides testscript's own.
var scriptConditions = map[string]func() bool{"userns": func() bool { return false }}

// TestScripts runs testdata/script/*.txtar: what feign prints, and with which status it ends.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds:                scriptCommands,
		Condition: func(name string) (bool, error) {
			if holds := scriptConditions[name]; holds != nil {
				return holds(), nil
			}
			return false, fmt.Errorf("there is no condition %q", name)
		},
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
	})
}
