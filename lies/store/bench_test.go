package store

import (
	"context"
	"fmt"
	"testing"

	"github.com/feign-build/feign/lies"
)

// BenchmarkRecord measures how many lies are recorded and saved in a second, with and without the log.
func BenchmarkRecord(b *testing.B) {
	for _, logged := range []bool{false, true} {
		b.Run(fmt.Sprintf("log=%v", logged), func(b *testing.B) {
			s, ix := openBench(b, b.TempDir())
			defer s.Close()
			for i := range b.N {
				l := lie(uint64(i+1), fmt.Sprintf("/srv/root/usr/share/dir%04d/file%06d", i/100, i))
				ix.Set(l)
				if logged {
					s.Log(Event{PID: 1, Program: "chown", Syscall: "fchownat", Path: l.Path, Claim: "100644 0:42", Result: "remembered"})
				}
			}
			if err := s.Flush(context.Background()); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lies/s")
		})
	}
}

// BenchmarkLoad measures the loading of a million lies: run it with -benchtime 1x.
func BenchmarkLoad(b *testing.B) {
	const n = 1_000_000
	dir := b.TempDir()
	s, ix := openBench(b, dir)
	for i := range n {
		ix.Set(lie(uint64(i+1), fmt.Sprintf("/srv/root/usr/share/dir%04d/file%06d", i/100, i)))
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s, ix := openBench(b, dir)
		if ix.Len() != n {
			b.Fatalf("%d lies", ix.Len())
		}
		s.Close()
	}
}

func openBench(b *testing.B, dir string) (*Store, *lies.Index) {
	b.Helper()
	lock, err := Acquire(dir, "a benchmark")
	if err != nil {
		b.Fatal(err)
	}
	s, err := Open(lock, Options{})
	if err != nil {
		b.Fatal(err)
	}
	ix := lies.New(lies.Options{Observer: s})
	if _, err := s.Load(context.Background(), ix); err != nil {
		b.Fatal(err)
	}
	return s, ix
}
