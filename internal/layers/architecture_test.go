package layers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The packages by the names under which docs/ARCHITECTURE.md speaks of them.
var packageDirs = map[string]string{
	"wrapper": "wrapper", "guest": "wrapper/guest", "ptlib": "ptlib", "lies": "lies",
	"manifest": "lies/manifest", "archive": "archive", "main": "cmd/feign",
}

// named is a name in the document: package, perhaps a receiver, and what is declared.
var named = regexp.MustCompile("`(wrapper|guest|ptlib|lies|manifest|archive|main)\\.(?:\\(\\*?(\\w+)\\)\\.)?(\\w+)`")

// What docs/ARCHITECTURE.md names is there.
func TestArchitectureNames(t *testing.T) {
	text, err := os.ReadFile("../../docs/ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string]map[string]bool{}
	found := named.FindAllStringSubmatch(string(text), -1)
	if len(found) < 20 {
		t.Errorf("the document names only %d functions and types", len(found))
	}
	for _, m := range found {
		pkg, receiver, name := m[1], m[2], m[3]
		if declared[pkg] == nil {
			declared[pkg] = declarations(t, filepath.Join("../..", packageDirs[pkg]))
		}
		if receiver != "" {
			name = receiver + "." + name
		}
		if !declared[pkg][name] {
			t.Errorf("%s is not there any more", m[0])
		}
	}
}

// declarations returns the names that a package declares for every system, methods as Type.Name.
func declarations(t *testing.T, dir string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			declare(names, d)
		}
	}
	return names
}

func declare(names map[string]bool, d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			receiver := d.Recv.List[0].Type
			if star, ok := receiver.(*ast.StarExpr); ok {
				receiver = star.X
			}
			if id, ok := receiver.(*ast.Ident); ok {
				name = id.Name + "." + name
			}
		}
		names[name] = true
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				names[s.Name.Name] = true
			case *ast.ValueSpec:
				for _, n := range s.Names {
					names[n.Name] = true
				}
			}
		}
	}
}
