package wrapper

import (
	"bufio"
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/feign-build/feign/plugins"
)

// auditField keeps what is written into a field of a line one: no tab, no newline.
var auditField = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`)

// writeAudit writes what an action has named that was not declared, sorted by path, a line each: path, verdict, program and system call of
// the first access, with tabs between. Whoever opens the file sees the old one or the whole new one; what is there and is no regular file
// is written to.
func writeAudit(path string, accesses []plugins.Access) (err error) {
	defer func() {
		if err != nil {
			err = &Error{What: "cannot write the audit " + path, Err: cmp.Or(errors.Unwrap(err), err)}
		}
	}()
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		return fillAudit(f, accesses)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	if err = fillAudit(f, accesses); err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// fillAudit writes the lines, and closes the file.
func fillAudit(f *os.File, accesses []plugins.Access) error {
	w := bufio.NewWriter(f)
	for _, a := range accesses {
		for _, field := range []string{a.Path, a.Verdict.String(), a.Program} {
			w.WriteString(auditField.Replace(field) + "\t")
		}
		w.WriteString(a.Syscall + "\n")
	}
	err := w.Flush()
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}
