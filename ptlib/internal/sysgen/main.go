// Command sysgen writes the system call tables of package ptlib: sys.go with the canonical names, and one
// sysno_*_gen.go for each ABI. It reads the numbers that golang.org/x/sys/unix was generated with; run it by go generate
// after that module was updated.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	if err := run("."); err != nil {
		fmt.Fprintln(os.Stderr, "sysgen:", err)
		os.Exit(1)
	}
}

// run writes the generated files to dir, the directory of package ptlib.
func run(dir string) error {
	unix, err := unixDir()
	if err != nil {
		return err
	}
	files, err := generate(unix)
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// unixDir returns where the source of golang.org/x/sys/unix is, in the version that go.mod selects.
func unixDir() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	if err != nil {
		return "", fmt.Errorf("go list golang.org/x/sys: %w", err)
	}
	dir := strings.TrimSpace(string(out))
	if dir == "" {
		return "", fmt.Errorf("golang.org/x/sys is not in the module cache (run go mod download)")
	}
	return filepath.Join(dir, "unix"), nil
}
