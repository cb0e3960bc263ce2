package layers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// platform are the identifiers of package unix or syscall that say how a system call is seen: numbers, registers, ptrace
// requests, and calls by number.
var platform = regexp.MustCompile(`^(SYS_|PTRACE_|AUDIT_ARCH_|BPF_|Ptrace|SockFprog|SockFilter$|Syscall6?$|RawSyscall6?$)`)

// exceptions may know them besides ptlib: tests, and programs that tests run.
func excepted(path string) bool {
	return under(path, "ptlib", "test", "bench", "internal/oldkernel") || strings.HasSuffix(path, "_test.go")
}

// port-1: a register, a system call number or a structure layout stands in ptlib alone; unsafe shows in a file's name.
func TestIdentifiers(t *testing.T) {
	root := filepath.Join("..", "..")
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		files++
		checkFile(t, path, filepath.ToSlash(rel))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 100 {
		t.Errorf("only %d files were looked at", files)
	}
}

func checkFile(t *testing.T, path, rel string) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Error(err)
		return
	}
	system := map[string]bool{} // the names that unix and syscall have in this file
	for _, spec := range file.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		name := imported[strings.LastIndexByte(imported, '/')+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		switch imported {
		case "golang.org/x/sys/unix", "syscall":
			system[name] = true
		case "unsafe":
			if !strings.Contains(filepath.Base(rel), "_unsafe") && !strings.HasSuffix(rel, ".pb.go") { // those are generated
				t.Errorf("%s: imports unsafe, and its name has no _unsafe", rel)
			}
		case "C":
			t.Errorf("%s: cgo", rel)
		}
	}
	if excepted(rel) {
		return
	}
	ast.Inspect(file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && system[x.Name] && platform.MatchString(sel.Sel.Name) {
			t.Errorf("%s: %s.%s belongs into ptlib", set.Position(sel.Pos()), x.Name, sel.Sel.Name)
		}
		return true
	})
}
