package main

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestCollectLate(t *testing.T) {
	t.Setenv("GOGC", "")
	before := debug.SetGCPercent(100)
	defer debug.SetGCPercent(before)
	collectLate()
	if percent := debug.SetGCPercent(1600); percent != 1600 {
		t.Fatalf("before the first collection: %d percent", percent)
	}
	runtime.GC()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		percent := debug.SetGCPercent(100)
		if percent == 100 {
			return
		}
		debug.SetGCPercent(percent)
		if time.Now().After(end) {
			t.Fatalf("after the first collection: %d percent", percent)
		}
	}
}
