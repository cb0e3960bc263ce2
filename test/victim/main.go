//go:build linux

// Command victim asks the kernel small questions about ownership, modes,
// nodes, extended attributes, identity and permission, and prints the answers.
//
// Each question is a case with a name. The differential suite runs every case
// as real root and again as an ordinary user under feign: what is printed must
// be equal. The program is static and calls the kernel directly, so that no C
// library stands between the case and the syscall that it names; this is the
// one place outside ptlib where syscall numbers are written down, because the
// spelling of a call is what is being tested.
//
//	victim -list       every case: name, subject, seed row, oldest kernel
//	victim CASE        run one case in the working directory
//	victim random SEED STEPS  a random case (random.go)
//	victim -role ROLE  what cases execute to look at an exec from the inside
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
)

// A testCase is one question. It is run in an empty directory of its own.
type testCase struct {
	name string
	// row is the row of the requirements (frng-2, ps-9, ...) that the case
	// shows, if there is one.
	row string
	run func()
}

// oldestKernel has the cases whose answer is younger than the oldest kernel
// that is supported.
var oldestKernel = map[string]string{
	"stat-null-path": "6.11",
	// fchmodat2
	"chmod-spellings":        "6.6",
	"chmod-symlink":          "6.6",
	"chmod-symlink-nofollow": "6.6",
	"chmod-errors":           "6.6",
	"chmod-as-other":         "6.6",
	"badptr-paths":           "6.6",
	// The setgid bit is taken from who is not in the group, at every call.
	"write-as-other-clears-suid":    "6.2",
	"write-as-owner-clears-suid":    "6.2",
	"chown-as-owner-clears-suid":    "6.2",
	"create-in-setgid-dir-as-other": "6.0",
	// An empty value removes an ACL (vfs_set_acl).
	"acl-removed":        "6.2",
	"acl-on-other-types": "6.2",
	// The family of setxattrat, and file_setattr.
	"xattrat-family": "6.13",
	"xattrat-errors": "6.13",
	"file-setattr":   "6.17",
}

type subject struct {
	name  string
	cases []testCase
}

// subjects is a function and not a variable because the cases refer to it (by
// executing the program again).
func subjects() []subject {
	return slices.Concat([]subject{
		{"stat", statCases},
		{"own", ownCases},
		{"mode", modeCases},
		{"ctime", ctimeCases},
		{"create", createCases},
		{"node", nodeCases},
		{"link", linkCases},
		{"xattr", xattrCases},
		{"acl", aclCases},
		{"cred", credCases},
		{"caps", capsCases},
		{"exec", execCases},
		{"dac", dacCases},
		{"path", pathCases},
		{"proc", procCases},
		{"socket", socketCases},
		{"thread", threadCases},
		{"badptr", badptrCases},
		{"priv", privCases},
	}, abiSubjects)
}

func init() {
	// Credentials belong to a thread. The main goroutine stays on the main
	// thread, so that a raw setuid here is what /proc/self/status shows.
	runtime.LockOSThread()
}

func main() {
	list := flag.Bool("list", false, "list the cases")
	role := flag.String("role", "", "play the executed program `ROLE`")
	flag.Parse()
	switch {
	case *list:
		listCases()
	case *role != "":
		play(*role, flag.Args())
	case flag.NArg() == 3 && flag.Arg(0) == "random":
		runRandom(flag.Arg(1), flag.Arg(2))
	case flag.NArg() == 1:
		runCase(flag.Arg(0))
	default:
		fmt.Fprintln(os.Stderr, "usage: victim -list | victim CASE | victim random SEED STEPS")
		os.Exit(2)
	}
}

func listCases() {
	for _, s := range subjects() {
		for _, c := range s.cases {
			fmt.Println(strings.Join([]string{c.name, s.name, dash(c.row), dash(oldestKernel[c.name])}, "\t"))
		}
	}
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func runCase(name string) {
	for _, s := range subjects() {
		for _, c := range s.cases {
			if c.name == name {
				c.run()
				return
			}
		}
	}
	fmt.Fprintf(os.Stderr, "victim: no case %q\n", name)
	os.Exit(2)
}
