// Command build is what the Nix derivations of this repository run. A Go toolchain is all that they are sure to have: no
// shell, no nixpkgs. It imports nothing but the standard library.
//
//	go run ./nix/build modules DIR       the modules that a build needs, for an offline build
//	go run ./nix/build hash DIR          their hash, as nix/modules.hash has it
//	go run ./nix/build package           feign, manual pages and completions: into $out and $fakeroot
//	go run ./nix/build check FEIGN OUT   whether feign works in this sandbox
package main

import (
	"fmt"
	"os"
	"os/exec"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "nix/build:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	verb := ""
	if len(args) > 0 {
		verb, args = args[0], args[1:]
	}
	switch {
	case verb == "modules" && len(args) == 1:
		return modules(args[0])
	case verb == "hash" && len(args) == 1:
		hash, err := narHash(args[0])
		if err == nil {
			fmt.Println(hash)
		}
		return err
	case verb == "package" && len(args) == 0:
		return pack(os.Getenv("out"), os.Getenv("fakeroot"))
	case verb == "check" && len(args) == 2:
		return check(args[0], args[1])
	case verb == "act" && len(args) == 0:
		return act()
	}
	return fmt.Errorf("usage: build modules DIR | hash DIR | package | check FEIGN OUT")
}

// command runs a program with additions to the environment; its messages are ours.
func command(env []string, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %v: %w", name, args, err)
	}
	return nil
}
