package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/feign-build/feign/lies/manifest"
)

// many has more contents than are read ahead: small files together, some that fill a chunk, some that need many.
func many() *zoo {
	z := newZoo()
	for i := range 400 {
		size := i
		switch i % 50 {
		case 7:
			size = 5*chunkSize + i
		case 10, 20, 30, 40:
			size = chunkSize / 2
		case 13:
			size = chunkSize
		case 14:
			size = chunkSize + 1
		case 15:
			size = 0
		case 16:
			size = chunkSize - i
		}
		z.file(manifest.Entry{Path: fmt.Sprintf("f%04d", i), Mode: 0o644}, strings.Repeat(string(rune('a'+i%26)), size))
	}
	return z.sorted()
}

// The number of processors changes nothing, and each content is where it belongs.
func TestAheadOrder(t *testing.T) {
	z := many()
	root := z.write(t)
	var first []byte
	for _, procs := range []int{1, 2, 8} {
		old := runtime.GOMAXPROCS(procs)
		b := z.pack(t, root, Options{Format: "tar"})
		runtime.GOMAXPROCS(old)
		if first == nil {
			first = b
			must(t, Check(t.Context(), bytes.NewReader(b), z.m, Options{Format: "tar"}))
		} else if !bytes.Equal(b, first) {
			t.Errorf("%d processors give other bytes", procs)
		}
	}
}

// Of several files that have changed the first is named, however fast the others are found; no goroutine is left.
func TestAheadError(t *testing.T) {
	z := many()
	root := z.write(t)
	for _, name := range []string{"f0057", "f0058", "f0060", "f0191"} { // f0057 is long: its end is read last
		f, err := os.OpenFile(filepath.Join(root, name), os.O_RDWR, 0)
		must(t, err)
		_, err = f.WriteAt([]byte("!"), int64(len(z.contents[name]))-1)
		must(t, errors.Join(err, f.Close()))
	}
	before := runtime.NumGoroutine()
	for range 10 {
		var changed *ChangedError
		if err := Write(t.Context(), io.Discard, z.m, root, Options{Format: "tar"}); !errors.As(err, &changed) || changed.Path != "f0057" {
			t.Fatalf("%v, want f0057", err)
		}
		full := errors.New("full")
		if err := Write(t.Context(), &failAfter{100, full}, z.m, root, Options{Format: "tar"}); !errors.Is(err, full) && !errors.As(err, &changed) {
			t.Fatalf("%v, want %v", err, full)
		}
	}
	for range 1000 { // those of other tests may just be ending
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// An error is that of its file, also where several are read together, and those before it are written.
func TestAheadErrorAmongMany(t *testing.T) {
	z := many()
	for i, name := range map[int]string{0: "f0000", 1: "f0001", 65: "f0065", 313: "f0313", 399: "f0399"} {
		root := z.write(t)
		must(t, os.WriteFile(filepath.Join(root, name), []byte("none has this"), 0o644))
		files := 0
		err := Write(t.Context(), io.Discard, z.m, root, Options{Format: "cpio", Progress: func(p Progress) { files = p.Files }})
		if changed := (*ChangedError)(nil); !errors.As(err, &changed) || changed.Path != name || files != i {
			t.Errorf("%v after %d files, want %s", err, files, name)
		}
	}
}

type failAfter struct {
	n   int
	err error
}

func (f *failAfter) Write(p []byte) (int, error) {
	if f.n -= len(p); f.n < 0 {
		return 0, f.err
	}
	return len(p), nil
}

func TestAheadCanceled(t *testing.T) {
	z := many()
	root := z.write(t)
	ctx, cancel := context.WithCancel(t.Context())
	o := Options{Format: "tar", Progress: func(p Progress) {
		if p.Files == 100 {
			cancel()
		}
	}}
	if err := Write(ctx, io.Discard, z.m, root, o); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want %v", err, context.Canceled)
	}
}

func TestProgress(t *testing.T) {
	z := plainZoo()
	for _, format := range []string{"tar.zst", "cpio", "oci.tar"} {
		var last Progress
		calls := 0
		z.pack(t, z.write(t), Options{Format: format, Epoch: day, Progress: func(p Progress) {
			if p.Files < last.Files || p.Bytes < last.Bytes {
				t.Errorf("%s: %+v after %+v", format, p, last)
			}
			last = p
			calls++
		}})
		if last.Files != last.AllFiles || last.Bytes != last.AllBytes || last.Files == 0 || calls < last.Files {
			t.Errorf("%s: %+v at the end, after %d calls", format, last, calls)
		}
	}
}
