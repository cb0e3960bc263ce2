//go:build linux

// Package differential runs small programs twice, as real root and under feign
// as an ordinary user, and compares what they print: standard output, standard
// error and exit status.
//
//	sudo go test ./test/differential                       # static Go for amd64 and 386, scripts
//	sudo go test ./test/differential -libc glibc,static,i386,musl
//	sudo go test ./test/differential -native -update       # write the expectations anew
//	FEIGN_DIFF_GOLDEN=1 go test ./test/differential        # without root
//
// What real root sees is committed under testdata/golden, and is compared with
// real root each time: the expectations are never feign's own answers. With
// FEIGN_DIFF_GOLDEN=1 the committed expectations stand for real root. A file
// under testdata/expect replaces them for the faked side where the design wants
// another answer; its first lines say why, and the count at the end names them.
// On a kernel that is older than an answer, root's own answer there is as good.
//
// FEIGN_BIN names a feign to test; without it the one of this tree is built.
package differential

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/diff"
)

var (
	update     = flag.Bool("update", false, "write testdata/golden from what real root sees")
	nativeOnly = flag.Bool("native", false, "compare real root with testdata/golden only")
	arches     = flag.String("arch", "amd64,386", "the static Go program's `architectures`")
	mode       = flag.String("mode", fastest(), "feign's trace.`mode`")
	withShell  = flag.Bool("scripts", true, "run the scripts")
	timeout    = flag.Duration("each", 20*time.Second, "the `time` after which a case is taken to hang")
	libcs      = flag.String("libc", "", "build and run the C programs with these `libraries`: glibc, static, i386, musl")
)

// fastest is the mode that leaves least to the tracer, for all programs from their start. What auto does lies between that and stops.
func fastest() string {
	if runtime.GOARCH == "amd64" {
		return "fast"
	}
	return "auto" // there is no shortcut
}

// fromGolden says that the committed expectations stand for real root.
var fromGolden = os.Getenv("FEIGN_DIFF_GOLDEN") == "1"

func TestMain(m *testing.M) {
	flag.Parse()
	syscall.Umask(0022)
	os.Exit(m.Run())
}

func TestDifferential(t *testing.T) {
	if os.Geteuid() != 0 && !fromGolden {
		t.Fatal("differential: the native side needs real root: run as root, or set FEIGN_DIFF_GOLDEN=1 to compare with the committed expectations")
	}
	bench := newWorkbench(t)
	cases := bench.collect(t)
	var ran, equal, own atomic.Int64
	t.Run("cases", func(t *testing.T) {
		for _, c := range cases {
			t.Run(c.mode+"/"+c.name, func(t *testing.T) {
				// Expectations are written in order: the first mode
				// writes, the others must agree.
				if !*update {
					t.Parallel()
				}
				ran.Add(1)
				bench.compare(t, c)
				if t.Failed() {
					return
				}
				equal.Add(1)
				if expectation(t, c) != nil {
					own.Add(1)
				}
			})
		}
	})
	if n := own.Load(); n > 0 {
		fmt.Printf("differential: %d of them equal to an expectation of their own (testdata/expect)\n", n)
	}
	fmt.Printf("differential: %d cases, %d equal\n", ran.Load(), equal.Load())
}

// compare runs one case on both sides.
func (w *workbench) compare(t *testing.T, c testCase) {
	for _, tool := range c.needs {
		if !installed(tool) {
			t.Fatalf("needs %s: install it", tool)
		}
	}
	wanted := w.wantedOfRoot(t, c)
	if own := expectation(t, c); own != nil {
		wanted = own.text
	}
	if *nativeOnly || wanted == nil {
		return
	}
	got := w.faked(t, c)
	if string(got) != string(wanted) && !newer(c, got) {
		t.Errorf("feign differs:\n%s", diff.Diff("root", wanted, "feign", got))
	}
}

// newer says whether an answer is the committed one, of a kernel that is newer
// than the running one: what feign does itself, it does the same everywhere.
func newer(c testCase, got []byte) bool {
	if kernelAtLeast(c.kernel) {
		return false
	}
	committed, err := os.ReadFile(goldenFile(c))
	return err == nil && bytes.Equal(got, committed)
}

func goldenFile(c testCase) string { return filepath.Join("testdata", "golden", c.golden+".txt") }

// wantedOfRoot is what real root sees, which must be what is committed. It is
// nil where nothing is known: where the answer varies from machine to machine,
// and without root on a kernel that is too old for the committed answer.
func (w *workbench) wantedOfRoot(t *testing.T, c testCase) []byte {
	if own := expectation(t, c); own != nil && own.varies {
		return nil
	}
	golden := goldenFile(c)
	committed, err := os.ReadFile(golden)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	comparable := kernelAtLeast(c.kernel)
	if fromGolden {
		if err != nil {
			t.Fatalf("no expectation %s: run with -native -update as root", golden)
		}
		if !comparable {
			t.Skipf("the expectation is of kernel %s", c.kernel)
		}
		return committed
	}
	native := w.native(t, c)
	switch {
	case *update && c.writes:
		if err := os.WriteFile(golden, native, 0o644); err != nil {
			t.Fatal(err)
		}
	case comparable && string(native) != string(committed):
		t.Errorf("real root differs from %s:\n%s", golden, diff.Diff("golden", committed, "root", native))
	}
	return native
}

// An ownExpectation is what the faked side has to print where the design wants
// another answer than real root's.
type ownExpectation struct {
	text []byte
	// varies says that real root's answer depends on the machine.
	varies bool
}

// expectation reads testdata/expect. A file starts with comment lines that say
// why; "# native: varies" says that real root is not asked.
func expectation(t *testing.T, c testCase) *ownExpectation {
	path := filepath.Join("testdata", "expect", c.golden+".txt")
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	rest := string(content)
	for strings.HasPrefix(rest, "#") {
		_, rest, _ = strings.Cut(rest, "\n")
	}
	if rest == string(content) {
		t.Fatalf("%s does not say why", path)
	}
	return &ownExpectation{text: []byte(rest), varies: header(content, "native") == "varies"}
}
