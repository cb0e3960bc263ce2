package store

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/feign-build/feign/lies"
)

// BenchmarkRecord measures how many lies are recorded and saved in a second, with and without the log.
func BenchmarkRecord(b *testing.B) {
	for _, logged := range []bool{false, true} {
		b.Run(fmt.Sprintf("log=%v", logged), func(b *testing.B) {
			s, ix := openBench(b, b.TempDir())
			defer s.Close()
			cpu := cpuTime(b)
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
			b.ReportMetric(float64((cpuTime(b)-cpu).Microseconds())/float64(b.N), "cpu-us/op")
		})
	}
}

// BenchmarkLoad measures the loading of a million lies (FEIGN_TEST_LIES: of another number), in processor time too, and what memory
// they take: run it with -benchtime 1x.
func BenchmarkLoad(b *testing.B) {
	n := 1_000_000
	if s := os.Getenv("FEIGN_TEST_LIES"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	dir := b.TempDir()
	s, ix := openBench(b, dir)
	for i := range n {
		ix.Set(lie(uint64(i+1), fmt.Sprintf("/srv/root/usr/share/dir%04d/file%06d", i/100, i)))
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	s, ix = nil, nil
	before, cpu := heap(), cpuTime(b)
	for b.Loop() {
		s, ix = openBench(b, dir)
		if ix.Len() != n {
			b.Fatalf("%d lies", ix.Len())
		}
		s.Close()
	}
	b.ReportMetric((cpuTime(b)-cpu).Seconds()/float64(b.N), "cpu-s/op")
	b.ReportMetric(float64(heap()-before)/(1<<20), "MiB")
	runtime.KeepAlive(ix)
}

// heap is how many bytes are in use.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

// cpuTime is what the process has used of the processors.
func cpuTime(b *testing.B) time.Duration {
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
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
